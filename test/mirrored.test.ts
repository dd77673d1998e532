import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTree } from './support/source_tree.ts';
import { readWalls, untestedIn } from './support/walls.ts';

const root = join(import.meta.dirname, '..');
const walls = readWalls(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
const tree = readTree(root, ['engine']);
const tests = readTree(root, ['test']).sources;

test('the folders are read', () => {
  expect(walls.mirrored).toEqual([
    'engine/plan',
    'engine/apply',
    'engine/read',
    'engine/script',
    'engine/transport',
  ]);
});

test('each file with code has its test where it is looked for', () => {
  expect(untestedIn(tree, tests, walls)).toEqual([]);
});

test('one without is found, and not one of types alone or of another folder', () => {
  const known = new Set(untestedIn(tree, tests, walls));
  const code = 'export const a = 1;';
  const sources = new Map([
    ...tree.sources,
    ['engine/read/deep/planted.ts', code],
    ['engine/planted/planted.ts', code],
    ['engine/apply/planted.ts', 'export interface A {}'],
  ]);
  const found = untestedIn({ ...tree, sources }, tests, walls).filter((line) => !known.has(line));
  expect(found).toEqual([
    'engine/read/deep/planted.ts has no test at test/engine/read/deep/planted.test.ts',
  ]);
});

test('a test that is gone is missed', () => {
  const fewer = new Map(tests);
  expect(fewer.delete('test/engine/plan/compare.test.ts')).toBe(true);
  expect(untestedIn(tree, fewer, walls)).toContain(
    'engine/plan/compare.ts has no test at test/engine/plan/compare.test.ts',
  );
});
