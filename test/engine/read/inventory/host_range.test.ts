import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expandRanges } from '../../../../engine/read/inventory/host_range.ts';

describe('ranges in names', () => {
  test.each([
    ['worker', ['worker']],
    ['w[1:3]', ['w1', 'w2', 'w3']],
    ['w[:2]', ['w0', 'w1', 'w2']],
    ['w[08:11].lab', ['w08.lab', 'w09.lab', 'w10.lab', 'w11.lab']],
    ['w[1:9:4]', ['w1', 'w5', 'w9']],
    ['w[1:8:4]', ['w1', 'w5']],
    ['r[a:c]', ['ra', 'rb', 'rc']],
    ['r[A:E:2]', ['rA', 'rC', 'rE']],
    ['r[a:b]-[1:2]', ['ra-1', 'ra-2', 'rb-1', 'rb-2']],
    ['w[5:5]', ['w5']],
  ])('%s is written out as Ansible does', (pattern, names) => {
    expect(expandRanges(pattern)).toEqual({ names });
  });

  test.each([
    ['w[3:1]', '[3:1] starts after its end', 'write [1:3]'],
    ['w[c:a]', '[c:a] starts after its end', 'write [a:c]'],
    ['w[01:100]', 'both ends of [01:100] must have the same number of digits', 'write [001:100]'],
    ['w[a:Z]', '[a:Z] mixes lowercase and uppercase letters', undefined],
    ['w[1-3]', '[1-3] is not a range', 'ranges look like [01:20], [1:9:2] or [a:f]'],
    ['w[]', '[] is not a range', 'ranges look like [01:20], [1:9:2] or [a:f]'],
    ['w[1:9:0]', 'the step of [1:9:0] must be a number of at least 1', undefined],
    ['w[1:2', "a square bracket is missing in 'w[1:2'", undefined],
    ['w1:2]', "a square bracket is missing in 'w1:2]'", undefined],
    ['w]1[1:2]', "a square bracket is missing in 'w]1[1:2]'", undefined],
    ['w[0:99999]', '[0:99999] expands to more than 10000 names', undefined],
    ['w[0:999][0:999]', "'w[0:999][0:999]' expands to more than 10000 names", undefined],
  ])('%s is refused', (pattern, problem, hint) => {
    expect(expandRanges(pattern)).toEqual(hint ? { problem, hint } : { problem });
  });

  test('of numbers have the ends, the step and the width that were asked for', () => {
    const numbers = fc.record({
      from: fc.nat(500),
      length: fc.nat(300),
      step: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(numbers, ({ from, length, step }) => {
        const [begin, end] = [from, from + length].map((n) => String(n).padStart(4, '0'));
        const expanded = expandRanges(`a[${begin}:${end}:${step}]b`);
        const names = 'names' in expanded ? expanded.names : [];
        const wanted = [];
        for (let n = from; n <= from + length; n += step) {
          wanted.push(`a${String(n).padStart(4, '0')}b`);
        }
        expect(names).toEqual(wanted);
      }),
    );
  });

  test('never throw, whatever the text', () => {
    const text = fc.string({ unit: fc.constantFrom('[', ']', ':', '0', '1', '9', 'a', 'f', '-') });
    fc.assert(
      fc.property(text, (pattern) => {
        const expanded = expandRanges(pattern);
        if ('names' in expanded) {
          expect(expanded.names.length).toBeGreaterThan(0);
          expect(expanded.names.join('')).not.toMatch(/[[\]]/);
        } else expect(expanded.problem).not.toBe('');
      }),
    );
  });
});
