import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test.each([
  ['range(2)', [0, 1]],
  ['range(5, 0, -2)', [5, 3, 1]],
  ['dict(a=1)', { a: 1 }],
  ["dict([['a', 1]])", { a: 1 }],
  ['namespace(a=2).a', 2],
  ['missing | default(omit)', undefined],
])('%s', (text, wanted) => {
  expect(worth(text)).toEqual(wanted);
});

test('a name of the scope comes before one of the language', () => {
  expect(worth('range', { range: 5 })).toBe(5);
});

test.each(["range('a')", 'range(1, 2, 0)', 'range()', 'dict(1)', "undef(hint='set it')"])(
  '%s is refused',
  (text) => {
    expect(refusalOf(text)).toContain(' | ');
  },
);
