import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../../engine/read/jinja/parse_expression.ts';
import { Refusal } from '../../../../engine/read/jinja/refusal.ts';
import { refusalOf, worth } from '../../../support/jinja_expression.ts';

describe('expressions', () => {
  test.each([
    ['1 + 2 * 3 ** 2', 19],
    ['-2 ** 2', 4],
    ['1 ~ 2 + 3', null],
    ['not false and false', false],
    ['true or false and false', true],
    ["'a' 'b'", 'ab'],
    ['[1, 2,]', [1, 2]],
    ['(1,)', [1]],
    ['()', []],
    ["{'a': [1]}['a'][0]", 1],
    ['1 if false else 2 if false else 3', 3],
    ['3 is odd and not 3 is even', true],
    ['2 in [1, 2] and 3 not in [1]', true],
    ["'x' is in ['x']", true],
    ['-1 | abs', 1],
    ["'a' | ansible.builtin.upper", 'A'],
  ])('%s', (text, wanted) => {
    if (wanted === null) expect(() => worth(text)).toThrow(Refusal);
    else expect(worth(text)).toEqual(wanted);
  });

  test.each([
    ['a b', "b | unexpected 'b': expected an operator, 'and', 'or' or the end"],
    ['f(a=1, 2)', "2 | unexpected '2': expected a named argument, since one stands before it"],
    ['[1', " | the expression ends here: expected ']'".slice(1)],
    ['a.', ' | the expression ends here: expected a name after the dot'.slice(1)],
    ['a[]', "] | unexpected ']': expected a key"],
    ['a = 1', "= | a single '=' is not a comparison | write '=='"],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => parseExpression(text)).trim()).toBe(wanted.trim());
  });

  test('nesting is bounded', () => {
    const text = '('.repeat(5000) + ')'.repeat(5000);
    expect(refusalOf(text, () => parseExpression(text))).toContain('this is nested too deeply');
    expect(() => parseExpression(`${'not '.repeat(5000)}a`)).toThrow(Refusal);
    expect(() => parseExpression(`${'-'.repeat(5000)}a`)).toThrow(Refusal);
  });

  test('any words are read or refused', () => {
    const word = fc.constantFrom(
      'a',
      '1',
      "'x'",
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '|',
      'is',
      'not',
      'in',
      'if',
      'else',
      'and',
      '+',
      '-',
      '.',
      '==',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        try {
          expect(parseExpression(words.join(' ')).start).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
