import { expect, test } from 'vitest';
import { floatText, textOf } from '../../../../engine/read/jinja/python_text.ts';
import { callable, floating, tuple } from '../../../../engine/read/jinja/values.ts';

test.each([
  [true, 'True'],
  [null, 'None'],
  [floating(2), '2.0'],
  [['a', "it's", 1, null], `['a', "it's", 1, None]`],
  [tuple([1]), '(1,)'],
  [{ a: { b: 'x\n' } }, "{'a': {'b': 'x\\n'}}"],
  ['plain', 'plain'],
])('the text of %j', (value, wanted) => {
  expect(textOf(value)).toBe(wanted);
});

test('floats are written as Python writes them', () => {
  expect([1e16, 1e-5, 1.5, 1e15].map(floatText)).toEqual([
    '1e+16',
    '1e-05',
    '1.5',
    '1000000000000000.0',
  ]);
});

test('a function has no text, and a value within itself none either', () => {
  expect(() => textOf(callable('f', () => 1))).toThrow("'f' is a function: call it");
  const loop: unknown[] = [];
  loop.push(loop);
  expect(() => textOf(loop)).toThrow('this value contains itself or is nested too deeply');
});
