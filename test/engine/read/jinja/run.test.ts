import { expect, test } from 'vitest';
import { newRun } from '../../../../engine/read/jinja/run.ts';

test('steps are counted until they are too many', () => {
  const run = newRun({}, { file: undefined });
  run.spend(1_999_999);
  expect(() => run.spend(2)).toThrow('this takes too many steps');
});

test('what a template made is known', () => {
  const run = newRun({}, { file: undefined });
  const list: unknown[] = [];
  expect(run.isMade(list)).toBe(false);
  expect(run.made(list)).toBe(list);
  expect(run.isMade(list)).toBe(true);
});
