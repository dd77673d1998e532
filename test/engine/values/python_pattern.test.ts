import { expect, test } from 'vitest';
import {
  PatternError,
  pythonExpansion,
  pythonPattern,
} from '../../../engine/values/python_pattern.ts';

test.each([
  ['a$', 'a\n', true],
  ['a$', 'a\nb', false],
  ['(?m)a$', 'a\nb', true],
  ['^b', 'a\nb', false],
  ['(?m)^b', 'a\nb', true],
  ['(?m)^b', 'a\rb', false],
  ['a.b', 'a\nb', false],
  ['a.b', 'a\rb', true],
  ['(?s)a.b', 'a\nb', true],
  ['(?i)AB', 'ab', true],
  ['a\\Z', 'a\n', false],
  ['\\Aa', 'b\na', false],
  ['^x{,2}$', 'xx', true],
  ['^x{,2}$', 'xxx', false],
  ['[]a]', ']', true],
  ['[^]a]', ']', false],
  ['[\\s]', '\u00a0', false],
  ['a\\sb', 'a\tb', true],
  ['(?P<q>["\']).*(?P=q)', '"x"', true],
  ['[.^$]', 'a', false],
  ['\\.\\$\\^', '.$^', true],
])('%j matches in %j: %s', (pattern, text, matches) => {
  expect(pythonPattern(pattern).test(text)).toBe(matches);
});

test.each(['(a', '(?x)a b', '\\Q', '(?#comment)', 'a**'])('%j is refused', (pattern) => {
  expect(() => pythonPattern(pattern)).toThrow(PatternError);
});

test('groups are filled in', () => {
  const match = pythonPattern('(?P<k>a)(b)?').exec('a') as RegExpExecArray;
  expect(pythonExpansion('\\1\\g<k>\\g<0>[\\2]\\n\\\\\\.', match)).toBe('aaa[]\n\\\\.');
  for (const template of ['\\3', '\\g<z>', '\\q', '\\']) {
    expect(() => pythonExpansion(template, match)).toThrow(PatternError);
  }
});
