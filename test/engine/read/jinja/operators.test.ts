import { describe, expect, test } from 'vitest';
import { calculate, isEqual, isIn, order } from '../../../../engine/read/jinja/operators.ts';
import { floating, tuple } from '../../../../engine/read/jinja/values.ts';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

describe('operators', () => {
  test('numbers as in Python', () => {
    expect(calculate('//', -7, 2)).toBe(-4);
    expect(calculate('%', 7, -3)).toBe(-2);
    expect(calculate('/', 4, 2)).toEqual(floating(2));
    expect(worth('10 / 4 ~ 4 / 2')).toBe('2.52.0');
  });

  test.each([
    ['1 / 0', '1 / 0 | this divides by zero'],
    [
      'true + 1',
      "true + 1 | '+' does not work with true and the number 1 | true and false are no numbers here: write name | int",
    ],
    [
      "'a' + 1",
      `'a' + 1 | '+' does not work with the text "a" and the number 1 | '~' joins values to a text; name | int is a number`,
    ],
    ['9007199254740991 + 1', '9007199254740991 + 1 | this number is too large'],
    ["'x' * 100000000", "'x' * 100000000 | this text is too long"],
    ['[0] * 100000000', '[0] * 100000000 | this list is too long'],
    [
      '1 == true',
      "1 == true | the number 1 is compared with true: true and 1 are the same to Ansible | compare with true or false, or ask for 'name' alone",
    ],
    ['[1] < 2', "[1] < 2 | '<' compares two numbers or two texts, not a list and the number 2"],
    ["1 in 'a1'", "1 in 'a1' | 'in' looks for a text in a text, not for the number 1"],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text).startsWith(wanted)).toBe(true);
  });

  test('equality goes deep and tells tuples from lists', () => {
    expect(isEqual({ a: [1] }, { a: [floating(1)] })).toBe(true);
    expect(isEqual(tuple([1]), [1])).toBe(false);
    expect(isEqual(1, '1')).toBe(false);
    expect(isIn({ a: 1 }, [{ a: 1 }])).toBe(true);
    expect(order([1, 2], [1, 3])).toBeLessThan(0);
  });
});
