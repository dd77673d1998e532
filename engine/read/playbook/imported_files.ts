import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Vault } from '../../contract/vault.ts';
import type { Place } from '../../values/places.ts';
import type { Document } from '../secrets/sensitive_document.ts';
import { type ParsedFile, readYamlFile } from '../yaml/yaml_file.ts';

/** A file or a role that is being read, and where it is imported; the playbook itself is imported nowhere. */
export interface ImportLink {
  readonly file: string;
  readonly place?: Place | undefined;
}

/** The files that a playbook is read from. */
export interface ImportedFiles {
  /** What is in a file; nothing where it cannot be read, which is a mistake by then. */
  read(file: string): Promise<ParsedFile | undefined>;
  /** The chain with one file more; nothing where that file is in it already, or where there are too many imports. */
  enter(
    file: string,
    place: Place,
    chain: readonly ImportLink[],
  ): readonly ImportLink[] | undefined;
  /** The values of all files, each once. */
  documents(): readonly Document[];
}

/** More than the files of any playbook; files that import each other twice would grow without end. */
const MOST_IMPORTS = 2000;

/** Reads each file once, whatever the number of places that import it; mistakes go to `errors`. */
export function importedFiles(errors: Diagnostic[], vault?: Vault): ImportedFiles {
  const known = new Map<string, ParsedFile>();
  let imports = 0;
  return {
    async read(file) {
      const path = resolve(file);
      const before = known.get(path);
      const parsed = before ?? (await readYamlFile(file, vault));
      if (!before) errors.push(...parsed.errors);
      known.set(path, parsed);
      return parsed.value === undefined ? undefined : parsed;
    },
    enter(file, place, chain) {
      imports += 1;
      const path = resolve(file);
      if (chain.some((link) => resolve(link.file) === path)) {
        const message = `${file} imports itself`;
        errors.push({ code: 'import-cycle', message, place, hint: importedBy(chain) });
        return undefined;
      }
      if (imports <= MOST_IMPORTS) return [...chain, { file, place }];
      if (imports === MOST_IMPORTS + 1) {
        const message = `more than ${MOST_IMPORTS} imports of files and roles`;
        errors.push({ code: 'too-many-imports', message, place, hint: importedBy(chain) });
      }
      return undefined;
    },
    documents: () => [...known.values()],
  };
}

/** The imports that led to a file, the nearest first; nothing for the playbook itself. */
export function importedBy(chain: readonly ImportLink[]): string | undefined {
  const places = chain.flatMap(({ place }) => place ?? []).toReversed();
  if (places.length === 0) return undefined;
  return `imported by ${places.map(({ file, line }) => `${file}:${line}`).join(', by ')}`;
}

/** The first of several files that is there. */
export async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    if ((await kindOf(file)) === 'file') return file;
  }
  return undefined;
}

/** The first of several folders that is there. */
export async function firstFolder(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    if ((await kindOf(folder)) === 'folder') return folder;
  }
  return undefined;
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  return stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'none',
  );
}
