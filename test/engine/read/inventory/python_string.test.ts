import { expect, test } from 'vitest';
import { pythonString } from '../../../../engine/read/inventory/python_string.ts';

test.each([
  ["'a'", 'a'],
  ['"a\'b"', "a'b"],
  ['\'a\' "b"', 'ab'],
  ["'''a'b'''", "a'b"],
  ['"""a"b"""', 'a"b'],
  ["r'a\\tb'", 'a\\tb'],
  ["b'a'", 'a'],
  ["Rb'a\\n'", 'a\\n'],
  ["'\\x41\\102\\u0043\\U00000044\\'\\q'", "ABCD'\\q"],
  ["b'\\u0041'", '\\u0041'],
  ["''", ''],
])('%s', (source, wanted) => {
  expect(pythonString(source)).toEqual({ value: wanted, length: source.length });
});

test.each(['a', "'a", "f'a'", "'\\u12'", "'\\U99999999'", "'a' b'b'", ''])(
  '%s begins with no string',
  (source) => {
    expect(pythonString(source)).toBeUndefined();
  },
);

test('the rest of the text is left', () => {
  expect(pythonString("'a', 1")).toEqual({ value: 'a', length: 3 });
});
