import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pythonLiteral } from '../../../../engine/read/inventory/python_literal.ts';

/* As Python 3.11 reads them: ast.literal_eval. */
test.each<[string, unknown]>([
  ['5', 5],
  ['-5', -5],
  ['1.5', 1.5],
  ['0x1f', 31],
  ['True', true],
  ['None', null],
  ["'5'", '5'],
  ['[]', []],
  ['[1, [2,], "x"]', [1, [2], 'x']],
  ['()', []],
  ['(1)', 1],
  ['(1,)', [1]],
  ['1, 2', [1, 2]],
  ['{}', {}],
  ["{'a': 1, 2: [None]}", { a: 1, 2: [null] }],
  ['5 # five', 5],
  [" 'a' ", 'a'],
])('%j is a value', (source, value) => {
  expect(pythonLiteral(source)).toEqual({ kind: 'value', value, lossy: undefined });
});

test.each([
  '',
  'true',
  'yes',
  'FALSE',
  '010',
  '10.0.0.5',
  '1.5.2',
  '2024-10-12',
  '2024-01-01',
  '5-3',
  '--5',
  '5L',
  'a b',
  'foo # bar',
  '[1 2]',
  '[1, x]',
  '{1: }',
  '{[1]: 2}',
  "f'a'",
  '1,,2',
  '[',
  'None.x',
  '1__0',
  `${'['.repeat(300)}${']'.repeat(300)}`,
])('%j is a text', (source) => {
  expect(pythonLiteral(source)).toEqual({ kind: 'text' });
});

test.each([
  ['1.10', 1.1],
  ['1e3', 1000],
  ['1_000', 1000],
  ['+5', 5],
  ['00', 0],
  ['0o17', 15],
  ['0b11', 3],
  ['99999999999999999999', 1e20],
])('%j loses its text', (source, value) => {
  expect(pythonLiteral(source)).toEqual({ kind: 'value', value, lossy: source });
});

test.each([
  ['{1, 2}', 'a set'],
  ['{1}', 'a set'],
  ['set()', 'a set'],
  ['1+2j', 'a complex number'],
  ['3j', 'a complex number'],
  ['...', 'an ellipsis'],
])('%j has no place here', (source, what) => {
  expect(pythonLiteral(source)).toEqual({ kind: 'foreign', what });
});

test('whatever JSON can say that Python can comes back', () => {
  const letrec = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string().map((text) => text.replace(/[^ -~]/g, '')),
      fc.integer(),
      fc.array(tie('value')),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { noNullPrototype: true }),
    ),
  }));
  fc.assert(
    fc.property(letrec.value, (value) => {
      expect(pythonLiteral(JSON.stringify(value))).toEqual({
        kind: 'value',
        value,
        lossy: undefined,
      });
    }),
  );
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string(), (text) => pythonLiteral(text).kind.length > 0));
});
