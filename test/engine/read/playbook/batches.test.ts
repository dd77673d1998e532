import { expect, test } from 'vitest';
import { batchesOf } from '../../../../engine/read/playbook/batches.ts';

const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

test.each([
  ['no size: all at once', [], ['abcdefg']],
  ['one size is that of all batches', [3], ['abc', 'def', 'g']],
  ['the last size is repeated', [1, 2], ['a', 'bc', 'de', 'fg']],
  ['what is left makes the last batch', [1, 5], ['a', 'bcdef', 'g']],
  ['sizes that are not needed are left', [6, 5, 4], ['abcdef', 'g']],
  ['a share is rounded down', ['50%'], ['abc', 'def', 'g']],
  ['a batch has one host at least', ['1%', 0, '90%'], ['a', 'b', 'cdefg']],
] as const)('%s', (_, serial, wanted) => {
  expect(batchesOf(hosts, serial).map((batch) => batch.join(''))).toEqual(wanted);
});

test('no hosts make no batch', () => {
  expect(batchesOf([], [2])).toEqual([]);
});
