import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from '../../../../engine/read/inventory/shell_words.ts';

const texts = (line: string) => {
  const words = shellWords(line);
  return typeof words === 'string' ? words : words.map(({ text }) => text);
};

/* As Python 3.11 splits them: shlex.split(line, comments=True). */
test.each([
  ['a b  c', ['a', 'b', 'c']],
  ['h k="a b" l=\'c d\'', ['h', 'k=a b', 'l=c d']],
  ['a#b c', ['a']],
  ['a # b', ['a']],
  ['a "#b" \\#c', ['a', '#b', '#c']],
  ['a\\ b', ['a b']],
  ['x="q\\"r\\\\s\\t"', ['x=q"r\\s\\t']],
  ["x='q\\r'", ['x=q\\r']],
  ['a"" ""', ['a', '']],
  ['', []],
  ['h k="a', 'this " is never closed'],
  ["h k='a", "this ' is never closed"],
  ['h \\', 'nothing follows the backslash at the end'],
])('%j', (line, wanted) => {
  expect(texts(line)).toEqual(wanted);
});

test('words stand where they were written', () => {
  expect(shellWords(' h  k="a b" # c')).toEqual([
    { text: 'h', start: 1, length: 1 },
    { text: 'k=a b', start: 4, length: 7 },
  ]);
});

test('what is quoted comes back', () => {
  const words = fc.array(
    fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')),
  );
  fc.assert(
    fc.property(words, (all) => {
      const line = all.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
      expect(texts(line)).toEqual(all);
    }),
  );
});
