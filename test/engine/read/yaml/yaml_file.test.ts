import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readYamlFile } from '../../../../engine/read/yaml/yaml_file.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { field } from '../../../../engine/values/values.ts';
import { linesOf } from '../../../support/lab_files.ts';
import { tempFolder, testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

test('values have the same places with Windows line ends and a byte order mark', async () => {
  const folder = await tempFolder();
  try {
    await writeFiles(folder.path, { 'x.yaml': '\uFEFFa: 1\r\nb:\r\n  c: 2\r\n' });
    const { value, errors } = await readYamlFile(join(folder.path, 'x.yaml'));
    expect(errors).toEqual([]);
    expect(value).toEqual({ a: 1, b: { c: 2 } });
    expect(placeOf(field(value, 'b'), 'c')).toMatchObject({ line: 3, column: 6, text: '  c: 2' });
  } finally {
    await folder.remove();
  }
});

test('of an encrypted file no line and no value is shown beside a mistake', async () => {
  const folder = testFolder();
  const text = 'password: hunter22\npin: 0403\nname: <hunter33>\nn: 1\nn: 2\n';
  await writeFiles(folder, { 'v.yaml': '$ANSIBLE_VAULT;1.1;AES256\n33\n' });
  const open = (opened: string) =>
    readYamlFile(join(folder, 'v.yaml'), { open: async () => ({ text: opened }) });
  const { value, errors, secrecy } = await open(text);
  expect(secrecy).toBe('vaulted');
  expect(linesOf(errors)).toEqual([
    '2:6 lost-number YAML reads this number differently | quote it',
    '3:7 placeholder-value this is a placeholder: write the real value in its place',
    expect.stringMatching(/^5:1 duplicate-key 'n' /),
  ]);
  expect(placeOf(value, 'password')).toMatchObject({ line: 1, column: 11, text: '' });
  const broken = await open('password: "hunter22\n');
  expect(broken.errors.map(({ place }) => place?.text)).toEqual(['']);
  expect(JSON.stringify([errors, broken.errors])).not.toMatch(/hunter|0403/);
});

test("a file that '!file' names is not opened by the vault", async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'x.yaml': 'a: !file v\n', v: '$ANSIBLE_VAULT;1.1;AES256\n33\n' });
  expect(linesOf((await readYamlFile(join(folder, 'x.yaml'))).errors)).toEqual([
    expect.stringMatching(
      /^1:10 bad-file .*\/v is encrypted with Ansible Vault, which '!file' does not open \| /,
    ),
  ]);
});

describe('files that cannot be read', () => {
  test.each([
    ['missing.yaml', /^- no-file there is no file .*missing\.yaml$/],
    ['folder', /^- no-file .*folder is a folder \| name a YAML file$/],
    ['latin1.yaml', /^2:4 not-utf8 this is not UTF-8 text \| save the file as UTF-8$/],
    ['utf16.yaml', /^1:1 not-utf8 /],
    ['nul.yaml', /^1:5 not-utf8 /],
    ['huge.yaml', /^- file-too-large .*huge\.yaml is larger than 16 MiB.* \| split /],
    ['/dev/zero', /^- file-too-large /],
  ])('%s', async (name, wanted) => {
    const folder = await tempFolder();
    try {
      await writeFiles(folder.path, {
        'folder/x': '',
        'latin1.yaml': Buffer.from('a: 1\nb: \xe4\n', 'latin1'),
        'utf16.yaml': Buffer.from('\uFEFFa: 1\n', 'utf16le'),
        'nul.yaml': Buffer.from('a: x\0\n'),
        'huge.yaml': 'a: b\n'.repeat(4_000_000),
      });
      const { value, errors } = await readYamlFile(resolve(folder.path, name));
      expect(value).toBeUndefined();
      expect(linesOf(errors)).toEqual([expect.stringMatching(wanted)]);
    } finally {
      await folder.remove();
    }
  });
});
