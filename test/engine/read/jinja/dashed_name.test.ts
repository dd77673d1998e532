import { expect, test } from 'vitest';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

test('a subtraction without spaces between names is refused with the name that was meant', () => {
  expect(refusalOf('a.some-dash == 1')).toBe(
    "a.some-dash | 'a.some-dash' is a subtraction here, not a name with a dash | write a['some-dash'], or put spaces around the minus",
  );
});

test('other subtractions are what they are', () => {
  const scope = { a: 5, b: 3 };
  expect(worth('a - b', scope)).toBe(2);
  expect(worth('a-1', scope)).toBe(4);
  expect(worth('a -b', scope)).toBe(2);
});
