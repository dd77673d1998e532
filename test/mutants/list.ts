import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseYaml } from '../../engine/read/yaml/yaml.ts';

/** A bug that somebody could make, and the tests that must notice it. */
export interface Mutant {
  /** The bug in words. */
  readonly about: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly replace: string;
  readonly with: string;
  readonly tests: readonly string[];
  /** Why it may survive. */
  readonly accepted?: string;
}

/** Reads all mutants of the lists beside this file, as they stand in a checkout. */
export function readMutants(root: string): readonly Mutant[] {
  const folder = join(root, 'test/mutants');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .flatMap((name) => {
      const { value, errors } = parseYaml(readFileSync(join(folder, name), 'utf8'), name);
      if (errors.length > 0) throw new Error(`${name}: ${JSON.stringify(errors)}`);
      return value as readonly Mutant[];
    });
}

/** The text of the file with the bug in it; throws an error that names the mutant when its text is not there exactly once. */
export function mutated(source: string, { about, file, replace, with: by }: Mutant): string {
  const [before = '', after, ...more] = source.split(replace);
  if (after === undefined || more.length > 0) {
    const count = after === undefined ? 0 : more.length + 1;
    throw new Error(`${about}: its text stands ${count} times in ${file}, not once`);
  }
  return `${before}${by}${after}`;
}
