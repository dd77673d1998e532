import { expect, test } from 'vitest';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { meaningOf } from '../../../../engine/read/yaml/yaml_tags.ts';
import { filePath, secretName } from '../../../../engine/values/values.ts';
import { vaultedText } from '../../../../engine/values/vaulted_text.ts';
import { linesOf } from '../../../support/lab_files.ts';
import { OF_VALUE } from '../../../support/vaulted.ts';

const place = { file: 'x', line: 1, column: 1, length: 1, text: '' };

test('each tag of ours has its meaning, and no other', () => {
  const value = (tag: string, text: string) =>
    meaningOf(tag)?.({ text, place, tagPlace: place }).value;
  expect(secretName(value('!secret', 'a'))).toBe('a');
  expect(filePath(value('!file', 'a'))).toBe('a');
  for (const tag of ['!vault', '!vault-encrypted']) {
    expect(vaultedText(value(tag, OF_VALUE))).toEqual({ text: OF_VALUE, place });
  }
  expect(vaultedText(value('!secret', 'a'))).toBeUndefined();
  expect(['!other', 'toString'].map(meaningOf)).toEqual([undefined, undefined]);
});

test.each([
  ['a: !secret\n', /^1:4 bad-secret /],
  ['a: !file [x]\n', /^1:4 bad-file /],
  [
    'a: !vault hunter22\n',
    /^1:4 bad-vault '!vault' needs a text that Ansible Vault encrypted \| ansible-vault encrypt_string/,
  ],
  ['a: !vault [x]\n', /^1:4 bad-vault /],
])('%j is a mistake', (text, wanted) => {
  expect(linesOf(parseYaml(text, 'x').errors)).toEqual([expect.stringMatching(wanted)]);
});
