import type { Diagnostic } from '../../contract/errors.ts';
import type { Vault } from '../../contract/vault.ts';
import { carryEntry } from '../../values/places.ts';
import { describe, type Fields, isMap } from '../../values/values.ts';
import { type Document, sensitiveIn } from '../secrets/sensitive_document.ts';
import { parseYaml } from '../yaml/yaml.ts';
import { readYamlFile } from '../yaml/yaml_file.ts';
import { parseKeyValues } from './key_values.ts';

/** The variables of a command line, which are stronger than all others. */
export interface ExtraVars {
  readonly values: Fields;
  /** Passwords in them, to be masked. */
  readonly sensitive: readonly string[];
  readonly errors: readonly Diagnostic[];
}

/**
 * Reads `--extra-vars`: `key=value` pairs, whose values are texts, a map in YAML or JSON, or `@FILE`; of a name that
 * comes twice the last counts.
 */
export async function readExtraVars(texts: readonly string[], vault?: Vault): Promise<ExtraVars> {
  const values: Record<string, unknown> = {};
  const errors: Diagnostic[] = [];
  const documents: Document[] = [];
  for (const text of texts) {
    const read = text.startsWith('@') ? await fromFile(text.slice(1), vault) : fromText(text);
    errors.push(...read.errors);
    if (!isMap(read.value)) continue;
    documents.push({ value: read.value, secrecy: 'plain' });
    for (const key of Object.keys(read.value)) {
      values[key] = read.value[key];
      carryEntry(read.value, key, values);
    }
  }
  return { values, sensitive: documents.flatMap(sensitiveIn), errors };
}

interface Read {
  readonly value: unknown;
  readonly errors: readonly Diagnostic[];
}

async function fromFile(file: string, vault: Vault | undefined): Promise<Read> {
  const { value, errors } = await readYamlFile(file, vault);
  return errors.length > 0 || isMap(value) ? { value, errors } : notAMap(value, file);
}

function fromText(text: string): Read {
  if (/^\s*[[{]/.test(text)) {
    const { value, errors } = parseYaml(text, '--extra-vars');
    return errors.length > 0 || isMap(value) ? { value, errors } : notAMap(value, '--extra-vars');
  }
  const given = parseKeyValues(text);
  if (given?.rest !== '' || given.pairs.length === 0) {
    const message = `--extra-vars: '${text}' is not 'name=value'`;
    const hint = 'quote a value with blanks: -e \'name="two words"\'; -e @FILE reads a file';
    return { value: {}, errors: [{ code: 'usage', message, hint }] };
  }
  return {
    value: Object.fromEntries(given.pairs.map(({ key, value }) => [key, value])),
    errors: [],
  };
}

function notAMap(value: unknown, file: string): Read {
  const message = `${file} must be a map of variables, not ${describe(value)}`;
  return { value, errors: [{ code: 'wrong-type', message }] };
}
