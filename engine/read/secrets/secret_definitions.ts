import type { Diagnostic } from '../../contract/errors.ts';
import { suggest } from '../../contract/problems.ts';
import type { ObjectSchema } from '../../contract/schema.ts';
import type { SecretDefinition, SecretSource } from '../../contract/secrets.ts';
import { nearest } from '../../values/nearest.ts';
import { keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import { isSensitiveKey } from '../../values/sensitive.ts';
import { type Fields, isList, isMap, secretName } from '../../values/values.ts';
import { vaultedText } from '../../values/vaulted_text.ts';
import { check } from '../schema/schema_check.ts';

/** One entry below `secrets:`; exactly one of the keys is allowed. */
export const secretSchema = {
  type: 'object',
  description: 'Where the value comes from: one of env, file, command and prompt.',
  additionalProperties: false,
  properties: {
    env: { type: 'string', minLength: 1, description: 'Name of an environment variable.' },
    file: {
      type: 'string',
      minLength: 1,
      description: 'A file that only you may read, relative to the inventory.',
    },
    command: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'A program and its arguments, no shell: [pass, show, lab/db].',
    },
    prompt: { type: 'string', minLength: 1, description: 'Question to ask at the terminal.' },
  },
} as const satisfies ObjectSchema;

/** Reads the `secrets:` of an inventory; where their values are is asked much later. */
export function readSecretDefinitions(
  secrets: Fields,
  start: Place,
  errors: Diagnostic[],
): ReadonlyMap<string, SecretDefinition> {
  const definitions = new Map<string, SecretDefinition>();
  for (const name of Object.keys(secrets)) {
    const place = keyPlaceOf(secrets, name) ?? start;
    const label = `the secret '${name}'`;
    const { value, diagnostics } = check(secretSchema, secrets[name], label, place);
    errors.push(...diagnostics);
    if (isMap(value) && Object.keys(value).length !== 1 && diagnostics.length === 0) {
      const message = `${label} needs exactly one of env, file, command and prompt`;
      errors.push({ code: 'bad-secret', message, place });
    }
    definitions.set(name, { name, source: value as SecretSource, place });
  }
  return definitions;
}

/** The secrets that a file asks for, inline values of a vault too; a name that is not defined goes to `errors`. */
export function usedSecrets(
  value: unknown,
  definitions: ReadonlyMap<string, SecretDefinition>,
  errors: Diagnostic[],
): ReadonlyMap<string, SecretDefinition> {
  const used = new Map<string, SecretDefinition>();
  const seen = new Set<unknown>();
  function visit(part: unknown, place: Place | undefined): void {
    const name = secretName(part);
    if (name !== undefined) {
      const definition = inlineDefinition(name, part) ?? definitions.get(name);
      if (definition) used.set(name, definition);
      else errors.push(unknownSecret(name, [...definitions.keys()], place));
      return;
    }
    if ((!isMap(part) && !isList(part)) || seen.has(part)) return;
    seen.add(part);
    for (const [key, inner] of Object.entries(part)) visit(inner, placeOf(part, key) ?? place);
  }
  visit(value, undefined);
  return used;
}

function inlineDefinition(name: string, value: unknown): SecretDefinition | undefined {
  const vaulted = vaultedText(value);
  return vaulted && { name, source: { vault: vaulted.text }, place: vaulted.place };
}

function unknownSecret(
  name: string,
  known: readonly string[],
  place: Place | undefined,
): Diagnostic {
  const hint =
    suggest(nearest(name, known), known) ?? `define it: secrets: { ${name}: { file: … } }`;
  return { code: 'unknown-secret', message: `there is no secret '${name}'`, place, hint };
}

/** One warning a file for passwords that stand in it in clear. */
export function clearPasswords(value: unknown): readonly Diagnostic[] {
  const first = firstClear(value, new Set());
  if (!first) return [];
  const message = `'${first.key}' is in plain text here; it works, but anyone who can read this file can see it`;
  const hint = "write '!secret NAME', and define NAME below secrets:";
  return [{ code: 'clear-password', message, place: first.place, hint }];
}

function firstClear(
  value: unknown,
  seen: Set<unknown>,
): { readonly key: string; readonly place: Place | undefined } | undefined {
  if ((!isMap(value) && !isList(value)) || seen.has(value)) return undefined;
  seen.add(value);
  for (const [key, part] of Object.entries(value)) {
    const isText = typeof part === 'number' || (typeof part === 'string' && !part.includes('{{'));
    if (isText && part !== '' && isSensitiveKey(key)) return { key, place: placeOf(value, key) };
    const inner = firstClear(part, seen);
    if (inner) return inner;
  }
  return undefined;
}
