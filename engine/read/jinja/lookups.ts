import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { suggest } from '../../contract/problems.ts';
import { nearest } from '../../values/nearest.ts';
import { isSensitiveKey } from '../../values/sensitive.ts';
import { described } from './operators.ts';
import { badTemplate, Refusal, wrongType } from './refusal.ts';
import { truth } from './values.ts';

/** Where expressions get at what is outside of the variables. */
export interface Lookups {
  /** The file that the expression stands in; relative paths begin in its folder. */
  readonly file: string | undefined;
  /** A variable of the environment; undefined: there is none, or none may be asked for. */
  readonly env?: ((name: string) => string | undefined) | undefined;
}

/** A `lookup(name, …)` with its arguments. */
interface Asked {
  readonly terms: readonly unknown[];
  readonly named: ReadonlyMap<string, unknown>;
  /** Whether its arguments stand in the text itself, not in a variable. */
  readonly isWrittenOut: boolean;
}

const MOST_MEBIBYTES = 16;
const KNOWN = ['file', 'env'];

/** The results of a lookup, one a term. */
export function lookedUp(
  lookups: Lookups,
  { terms, named, isWrittenOut }: Asked,
): readonly string[] {
  const [given, ...wanted] = terms;
  const name = String(given).replace(/^ansible\.builtin\./, '');
  const names = wanted.map((term) => {
    if (typeof term === 'string') return term;
    throw wrongType(`lookup('${name}', …) takes texts, not ${described(term)}`);
  });
  if (name === 'env')
    return names.map((each) => fromEnvironment(each, lookups, named.get('default')));
  if (name === 'file') {
    const [trimsEnd, trimsStart] = [named.get('rstrip') ?? true, named.get('lstrip') ?? false].map(
      truth,
    );
    return names.map((path) => {
      const text = readText(pathOf(path, lookups, isWrittenOut));
      const ended = trimsEnd ? text.trimEnd() : text;
      return trimsStart ? ended.trimStart() : ended;
    });
  }
  const hint = suggest(nearest(name, KNOWN), KNOWN);
  throw badTemplate(`there is no lookup '${name}'`, hint);
}

function fromEnvironment(name: string, { env }: Lookups, absent: unknown): string {
  if (isSensitiveKey(name)) {
    const hint = `define it: secrets: { name: { env: ${name} } }, and write !secret name`;
    throw badTemplate(`'${name}' looks like a secret, which an expression would not mask`, hint);
  }
  if (!env) {
    throw badTemplate('the environment cannot be asked here', 'set a variable to it, and use that');
  }
  const value = env(name) ?? absent;
  return typeof value === 'string' ? value : '';
}

/** A path from a variable stays in the folder; one that is written out may lead anywhere. */
function pathOf(path: string, { file }: Lookups, isWrittenOut: boolean): string {
  const leavesFolder = isAbsolute(path) || path.split('/').includes('..');
  if (leavesFolder && !isWrittenOut) throw leaving(path);
  const folder = dirname(resolve(file ?? '.'));
  const ofRole = /^(tasks|handlers|vars|defaults|templates|meta)$/.test(basename(folder));
  const places = [...(ofRole ? [dirname(folder)] : []), folder].flatMap((each) => [
    join(each, 'files'),
    each,
  ]);
  const candidates = isAbsolute(path) ? [path] : places.map((each) => join(each, path));
  const found = candidates.find(isReadable);
  if (found !== undefined && (isWrittenOut || isBelow(found, places))) return found;
  if (found !== undefined) throw leaving(path);
  const message = `there is no file ${path}`;
  throw new Refusal({ code: 'no-file', message, hint: `looked for ${candidates.join(', ')}` });
}

function leaving(path: string): Refusal {
  const message = `the path '${path}' comes from a variable and leaves the folder of this file`;
  return badTemplate(message, 'write the path itself into the lookup');
}

/** Whether a file is in one of the folders also once links are followed. */
function isBelow(path: string, folders: readonly string[]): boolean {
  const real = realpathSync(path);
  return folders.some((folder) => {
    const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
    return isThere && real.startsWith(`${realpathSync(folder)}/`);
  });
}

function isReadable(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The text of a file, within the bounds of all files that are read; throws Refusal. */
export function readText(path: string): string {
  const bytes = readBytes(path);
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes) && !text.includes('\0')) return text.replace(/^\uFEFF/, '');
  throw new Refusal({ code: 'not-utf8', message: `${path} is not UTF-8 text` });
}

function readBytes(path: string): Buffer {
  try {
    if (statSync(path).size <= MOST_MEBIBYTES * 1024 * 1024) return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Refusal({ code: 'no-file', message: `${path} cannot be read: ${reason}` });
  }
  const message = `${path} is larger than ${MOST_MEBIBYTES} MiB, the most that lava-play reads`;
  throw new Refusal({ code: 'file-too-large', message });
}
