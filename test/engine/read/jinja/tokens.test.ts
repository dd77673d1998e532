import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../../engine/read/jinja/refusal.ts';
import { tokenize } from '../../../../engine/read/jinja/tokens.ts';
import { refusalOf } from '../../../support/jinja_expression.ts';

describe('words of an expression', () => {
  test('have their kinds, values and places', () => {
    const words = tokenize(`a >= 1_000 | x('b\\n') // 0x1f 1.5`).map(({ kind, text, value }) => [
      kind,
      value ?? text,
    ]);
    expect(words).toEqual([
      ['name', 'a'],
      ['sign', '>='],
      ['integer', 1000],
      ['sign', '|'],
      ['name', 'x'],
      ['sign', '('],
      ['text', 'b\n'],
      ['sign', ')'],
      ['sign', '//'],
      ['integer', 31],
      ['float', 1.5],
      ['end', ''],
    ]);
    expect(tokenize('x {{ ab }}', 4, 8)).toMatchObject([{ start: 5, end: 7 }, { kind: 'end' }]);
  });

  test.each([
    [String.raw`'\1\d\x41\u00e9\''`, 'escape', "\u0001\\dA\u00e9'"],
    [String.raw`'\1\d'`, 'plain', String.raw`\1\d`],
  ] as const)('the text %s with backslashes as %s', (text, backslashes, value) => {
    expect(tokenize(text, 0, text.length, backslashes)[0]?.value).toBe(value);
  });

  test.each([
    [
      'a == 010',
      "010 | 010 is no number: a leading zero means octal to some, nothing to others | write 10, or '010' for a text",
    ],
    ['12x', "12x | unexpected '12x'"],
    ['99999999999999999999', '99999999999999999999 | 99999999999999999999 is too large a number'],
    ["a == 'b", "' | this quote is never closed"],
    ['a && b', "& | '&&' is not supported | write 'and'"],
    ['!a', "! | '!' is not supported | write 'not'"],
    ['a $ b', "$ | '$' is not supported in an expression"],
  ])('%s is refused', (text, wanted) => {
    expect(refusalOf(text, () => tokenize(text))).toBe(wanted);
  });

  test('any text is read or refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(tokenize(text).at(-1)?.kind).toBe('end');
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
