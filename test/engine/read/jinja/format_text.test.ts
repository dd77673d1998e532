import { expect, test } from 'vitest';
import { formatted } from '../../../../engine/read/jinja/format_text.ts';
import { tuple } from '../../../../engine/read/jinja/values.ts';

test.each([
  ['%s is %d%%', tuple(['a', 5]), 'a is 5%'],
  ['%05.1f|%-4s|%+d', tuple([1.25, 'x', 3]), '001.3|x   |+3'],
  ['%(a)s-%(b)x', { a: 'q', b: 255 }, 'q-ff'],
  ['%s', [1, 2], '[1, 2]'],
])('%s', (pattern, given, wanted) => {
  expect(formatted(pattern, given)).toBe(wanted);
});

test.each([
  ['%s %s', 'a', 'more places than values'],
  ['x', 'a', 'fewer places than values'],
  ['%d', 'a', "'%d' wants a number"],
  ['%q', 'a', "'%q' is not supported"],
  ['%(b)s', { a: 1 }, "the format wants 'b'"],
])('%s is refused', (pattern, given, wanted) => {
  expect(() => formatted(pattern, given)).toThrow(wanted);
});
