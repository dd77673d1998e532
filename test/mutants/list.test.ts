import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutated, readMutants } from './list.ts';

const root = join(import.meta.dirname, '../..');
const mutants = readMutants(root);

test('there are many, each with words of its own', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(80);
  expect(new Set(mutants.map(({ about }) => about)).size).toBe(mutants.length);
  expect(mutants.filter(({ accepted }) => accepted !== undefined).length).toBeLessThanOrEqual(3);
});

test.each(mutants)('$about: its text is there once, and its tests are', (mutant) => {
  const { file, tests, replace, with: by } = mutant;
  const source = readFileSync(join(root, file), 'utf8');
  expect(by).not.toBe(replace);
  expect(mutated(source, mutant)).not.toBe(source);
  expect(tests).not.toEqual([]);
  expect(tests.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a text that stands in its file twice, or not at all, is an error that names the mutant', () => {
  const mutant = { about: 'a bug', file: 'a.ts', replace: 'x', with: 'y', tests: [] };
  expect(mutated('a x b', mutant)).toBe('a y b');
  expect(() => mutated('x x', mutant)).toThrow('a bug: its text stands 2 times in a.ts');
  expect(() => mutated('a', mutant)).toThrow('a bug: its text stands 0 times in a.ts');
});
