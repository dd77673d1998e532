import { expect, test } from 'vitest';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { linesOf } from '../../../support/lab_files.ts';

test.each([
  [
    'a: 0403\n',
    "1:4 lost-number YAML reads 0403 as the number 403 | quote it ('0403') to keep the text, or write 403",
  ],
  [
    'a: 1e5\n',
    "1:4 lost-number YAML reads 1e5 as the number 100000 | quote it ('1e5') to keep the text, or write 100000",
  ],
  [
    'a: 1.10\n',
    "1:4 lost-number YAML reads 1.10 as the number 1.1 | quote it ('1.10') to keep the text, or write 1.1",
  ],
  [
    'a: 9007199254740993\n',
    "1:4 lost-number YAML reads 9007199254740993 as the number 9007199254740992 | quote it ('9007199254740993') to keep the text, or write 9007199254740992",
  ],
  [
    'a: .inf\n',
    "1:4 lost-number YAML reads .inf as the number Infinity | quote it ('.inf') to keep the text, or write Infinity",
  ],
  [
    'a: <your password>\n',
    '1:4 placeholder-value <your password> is a placeholder: write the real value in its place',
  ],
  [
    'a: "<password>"\n',
    '1:4 placeholder-value <password> is a placeholder: write the real value in its place',
  ],
  [
    'a: !unsafe x\n',
    "1:4 unknown-tag the tag '!unsafe' is not supported | remove the tag and quote the value",
  ],
  [
    'a: !other x\n',
    "1:4 unknown-tag the tag '!other' is not supported | only '!secret NAME', '!file PATH' and '!vault' are supported",
  ],
  ['? [a, b]\n: c\n', '1:3 bad-key a key must be a plain word, not a map, a list or an alias'],
  [': a\n', '1:1 bad-key a key is missing before the colon'],
])('%j', (text, wanted) => {
  const [first, ...others] = linesOf(parseYaml(text, 'x.yaml').errors);
  expect(first?.slice(0, wanted.length)).toBe(wanted);
  expect(others).toEqual([]);
});
