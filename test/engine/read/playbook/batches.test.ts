import fc from 'fast-check';
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
  ['a size above the number of hosts is all of them', [20], ['abcdefg']],
  ['a batch has one host at least', ['1%', '0%', '90%'], ['a', 'b', 'cdefg']],
  ['a number may be text', ['2', '4'], ['ab', 'cdef', 'g']],
  ['0 is all that are left', [1, 0], ['a', 'bcdefg']],
  ['0 is all', ['0'], ['abcdefg']],
] as const)('%s', (_, serial, wanted) => {
  expect(batchesOf(hosts, serial).map((batch) => batch.join(''))).toEqual(wanted);
});

test('no hosts make no batch', () => {
  expect(batchesOf([], [2])).toEqual([]);
});

test('batches always hold every host once, in order', () => {
  const size = fc.oneof(
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 100 }).map((n) => `${n}%`),
  );
  fc.assert(
    fc.property(fc.array(size, { maxLength: 4 }), fc.nat(30), (serial, count) => {
      const many = Array.from({ length: count }, (_, i) => `h${i}`);
      expect(batchesOf(many, serial).flat()).toEqual(many);
    }),
  );
});
