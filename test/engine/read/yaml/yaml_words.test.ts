import { expect, test } from 'vitest';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { linesOf } from '../../../support/lab_files.ts';

test.each([
  ['a:\n\tb: 1\n', '2:1 yaml-syntax a tab cannot indent YAML | indent with spaces'],
  ['a: "open\nb: 2\nc: 3\n', '1:4 yaml-syntax this quote is never closed'],
  [
    'a: b: c\n',
    "1:4 yaml-syntax there is a second 'key: ' on this line | quote a value that contains a colon and a space",
  ],
  ['a: 1\n  b: 2\n', '1:4 yaml-syntax this key has a value already, yet more is indented below it'],
  [
    'a:\n  b: 1\n c: 2\n',
    '3:1 yaml-syntax this line is not indented like its neighbours | align it with the lines it belongs to',
  ],
  [
    'a: 1\nword\n',
    "2:1 yaml-syntax this line is not 'key: value' | is the colon missing, or the space after it?",
  ],
  [
    'a: {{ name }}\n',
    '1:4 yaml-syntax a value that begins with {{ must be quoted | for example: key: "{{ name }}"',
  ],
  ['a: [1, 2\nb: 3\n', '2:1 yaml-syntax a closing ] is missing'],
  [
    '- a\nb: 1\n',
    '2:1 yaml-syntax this does not belong here | check the quotes and the indentation just before it',
  ],
  ['a: @home\n', '1:4 yaml-syntax a value cannot begin with @ unless it is quoted'],
  [
    'a: "\\d"\n',
    "1:5 yaml-syntax a backslash inside double quotes begins an escape | use single quotes: '...'",
  ],
])('%j', (text, wanted) => {
  const [first, ...others] = linesOf(parseYaml(text, 'x.yaml').errors);
  expect(first?.slice(0, wanted.length)).toBe(wanted);
  expect(others).toEqual([]);
});
