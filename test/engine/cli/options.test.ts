import { expect, test } from 'vitest';
import type { Call } from '../../../engine/cli/command.ts';
import { commaList, forksOf, forksOption } from '../../../engine/cli/options.ts';

const call = (forks?: string): Call => ({
  positionals: [],
  flag: () => false,
  text: (name) => (name === 'forks' ? forks : undefined),
  texts: () => [],
});

test('as many hosts are worked on at a time as is told, else 25, or 32 that are only asked', () => {
  expect(forksOf(call(), 'run')).toBe(25);
  expect(forksOf(call(), 'check')).toBe(32);
  expect(forksOf(call('7'), 'check')).toBe(7);
  expect(forksOption('run').text).toBe('how many hosts to work on at a time (default 25)');
  expect(forksOption('check').text).toBe('how many hosts to query at a time (default 32)');
});

test.each(['0', '-1', '2.5', 'many', ''])('%j hosts at a time is refused', (text) => {
  expect(() => forksOf(call(text), 'run')).toThrow(
    `--forks must be a whole number of at least 1, not '${text}'`,
  );
});

test('comma lists are one list, without blanks and empty words', () => {
  expect(commaList(['a, b', 'c', ' d ,,'])).toEqual(['a', 'b', 'c', 'd']);
  expect(commaList([])).toEqual([]);
});
