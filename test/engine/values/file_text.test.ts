import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadInventory, loadLab } from '../../../engine/read/load.ts';
import { placeholderSecrets } from '../../../engine/read/secrets/secrets.ts';
import { lavaLab } from '../../../lab/field.ts';
import { linesOf, mistakesOf, nobody, sample } from '../../support/lab_files.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';
import { writeFiles } from '../../support/write_files.ts';

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
});

const options = { secrets: placeholderSecrets, env: nobody, extension: lavaLab };

async function varsOf(files: Readonly<Record<string, string | Uint8Array>>) {
  await writeFiles(folder.path, files);
  const inventory = await loadInventory([join(folder.path, 'inventory.yaml')], options);
  return inventory.hosts.get('a')?.vars;
}

async function mistakesIn(files: Readonly<Record<string, string | Uint8Array>>) {
  const found = await mistakesOf(() => varsOf(files));
  return linesOf(found).map((line) => line.replaceAll(folder.path, 'FOLDER'));
}

describe("the text of a file, by '!file PATH'", () => {
  test('is the value, whatever looks like a template in it', async () => {
    const text = '{% extends "imx8mp-evk.jinja2" %}\n{{ not a template }}\n';
    const files = {
      'inventory.yaml':
        'all: { hosts: { a: { text: !file devices/a.jinja2, same: "{{ text }}" } } }',
      'devices/a.jinja2': text,
    };
    expect(await varsOf(files)).toMatchObject({ text, same: text });
  });

  test('is looked for beside the file that names it', async () => {
    const files = {
      'inventory.yaml': 'all: { hosts: { a: {} } }',
      'host_vars/a.yaml': 'text: !file a.txt',
      'host_vars/a.txt': 'here\n',
    };
    expect(await varsOf(files)).toMatchObject({ text: 'here\n' });
  });

  test('may be an argument of a task', async () => {
    await writeFiles(folder.path, {
      'inventory.yaml': 'all: { hosts: { a: {} } }',
      'playbook.yaml': '- hosts: all\n  name: p\n  tasks: [{ sample: { text: !file a.txt } }]\n',
      'a.txt': 'from {{ a }} file\n',
    });
    const lab = await loadLab({
      ...options,
      inventories: [join(folder.path, 'inventory.yaml')],
      playbookFile: join(folder.path, 'playbook.yaml'),
      modules: new Map([['sample', sample]]),
    });
    const [task] = lab.plays[0]?.tasks.get('a') ?? [];
    expect(task?.args).toMatchObject({ text: 'from {{ a }} file\n' });
  });

  test('is missing: the place that names the file is shown', async () => {
    expect(
      await mistakesIn({ 'inventory.yaml': 'all:\n  hosts:\n    a: { text: !file a.txt }\n' }),
    ).toEqual(['3:22 no-file there is no file FOLDER/a.txt']);
  });

  test('is a folder', async () => {
    expect(
      await mistakesIn({
        'inventory.yaml': 'all: { hosts: { a: { text: !file b } } }',
        'b/c': '',
      }),
    ).toEqual(['1:34 no-file FOLDER/b is a folder']);
  });

  test('is not text', async () => {
    expect(
      await mistakesIn({
        'inventory.yaml': 'all: { hosts: { a: { text: !file b } } }',
        b: new Uint8Array([0x61, 0x0a, 0xff]),
      }),
    ).toEqual(['1:34 not-utf8 FOLDER/b is not UTF-8 text: first invalid byte in line 2']);
  });

  test('needs a path', async () => {
    expect(
      await mistakesIn({ 'inventory.yaml': 'all: { hosts: { a: { text: !file [b] } } }' }),
    ).toEqual(["1:28 bad-file '!file' needs the path of a file: '!file devices/imx8mp-01.jinja2'"]);
  });

  test('cannot stand for hosts', async () => {
    expect(await mistakesIn({ 'inventory.yaml': 'all: { hosts: !file b }', b: 'a: {}\n' })).toEqual(
      [expect.stringContaining('not the text of a file')],
    );
  });
});
