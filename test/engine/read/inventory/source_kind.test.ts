import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataKind, isProgram, notData } from '../../../../engine/read/inventory/source_kind.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

test.each([
  ['#!/bin/sh\n', 0o755, true],
  ['\x7fELF', 0o700, true],
  ['#!/bin/sh\n', 0o644, false],
  ['workers: {}\n', 0o755, false],
  ['', 0o755, false],
])('%j with mode %o is a program: %s', async (text, mode, wanted) => {
  const file = join(testFolder(), 'x');
  await writeFiles(join(file, '..'), { x: text });
  await chmod(file, mode);
  expect(await isProgram(file)).toBe(wanted);
});

test('a folder and a missing file are no programs', async () => {
  expect([await isProgram('/'), await isProgram('/no/such/file')]).toEqual([false, false]);
});

test.each([
  ['hosts', '[w]\nh\n', 'ini'],
  ['hosts', 'h1\nh2 x=1\n', 'ini'],
  ['hosts', 'h:22 x=1\n', 'ini'],
  ['hosts', '# c\n; d\n\nh\n', 'ini'],
  ['hosts', '---\nw:\n', 'yaml'],
  ['hosts', '# c\nworkers:\n  hosts:\n', 'yaml'],
  ['hosts', 'w: { hosts: { h: } }\n', 'yaml'],
  ['hosts', '{ "w": {} }', 'yaml'],
  ['hosts', '', 'yaml'],
  ['hosts.ini', 'w: {}\n', 'ini'],
  ['lab.example', '[w]\n', 'ini'],
  ['lab.example', '---\nw: {}\n', 'yaml'],
  ['a.yaml', '[w]\n', 'yaml'],
  ['a.yml', 'h\n', 'yaml'],
  ['a.json', '[', 'yaml'],
  ['./my.lab/hosts', 'w: {}\n', 'yaml'],
])('%s with %j is %s', (file, text, wanted) => {
  expect(dataKind(file, text)).toBe(wanted);
});

test('what is no inventory for lava-play is told', () => {
  expect(notData('a.toml', '[w]\n')).toMatchObject({
    code: 'not-an-inventory',
    hint: 'ansible-inventory -i a.toml --list --yaml prints it as YAML',
  });
  expect(notData('inv.py', '#!/usr/bin/python3\n')).toMatchObject({ hint: 'chmod +x inv.py' });
  expect(notData('inv.yaml', '#!/usr/bin/env lava-play\nw: {}\n')).toBeUndefined();
  expect(notData('hosts', 'h\n')).toBeUndefined();
});
