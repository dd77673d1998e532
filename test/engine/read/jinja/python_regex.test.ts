import { describe, expect, test } from 'vitest';
import {
  pythonRegex,
  replacementOf,
  subjectOf,
} from '../../../../engine/read/jinja/python_regex.ts';

describe("patterns of Python's re", () => {
  test.each([
    ['^a\\-b\\.$', 'a-b.\n', true],
    ['(?P<x>a)(?P=x)', 'aa', true],
    ['\\Aa\\Z', 'a\n', false],
    ['(?i)ABC', 'abc', true],
    ['(?s)a.b', 'a\nb', true],
    ['\\w+$', 'größe', true],
    ['[\\w-]+\\Z', 'ä-b', true],
    ['[]a]+\\Z', ']a', true],
    ['[^]]\\Z', 'a', true],
    ['a{,2}\\Z', 'aa', true],
    ['{a}', '{a}', true],
    ['\\d', '٣', true],
    ['[[]', '[', true],
    ['a/b', 'a/b', true],
  ])('%s in %j: %j', (pattern, text, wanted) => {
    expect(pythonRegex(pattern, {}).test(text)).toBe(wanted);
  });

  test('lines and letters on demand', () => {
    expect(pythonRegex('^b$', { multiline: true }).test('a\nb\nc')).toBe(true);
    expect(pythonRegex('B', { ignoreCase: true }).test('b')).toBe(true);
  });

  test.each([
    ['(', "'(' is not a regular expression"],
    ['(a+)+$', "'(a+)+' repeats a repetition, which may take for ever"],
    ['(?>a)', "'(?>a' is not supported"],
    ['a++', 'possessive repetitions are not supported'],
    ['[\\W]', "'\\W' is not supported inside brackets"],
    ['a\\', 'cannot end with a backslash'],
    ['a'.repeat(3000), 'a pattern has 2000 characters at most'],
  ])('%s is refused', (pattern, wanted) => {
    expect(() => pythonRegex(pattern, {})).toThrow(wanted);
  });

  test('a subject is bounded', () => {
    expect(() => subjectOf('a'.repeat(2_000_000))).toThrow('this text is too long');
  });

  test('replacements name groups', () => {
    const match = pythonRegex('(?P<a>x)(y)?', {}).exec('x');
    if (!match) throw new Error('no match');
    expect(replacementOf('\\g<a>-\\1-\\2-\\g<0>\\n$1', match)).toBe('x-x--x\n$1');
    expect(() => replacementOf('\\3', match)).toThrow("the pattern has no group '3'");
    expect(() => replacementOf('\\q', match)).toThrow("'\\q' means nothing in a replacement");
  });
});
