import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../../engine/contract/errors.ts';
import {
  firstFile,
  firstFolder,
  importedBy,
  importedFiles,
} from '../../../../engine/read/playbook/imported_files.ts';
import { tasksOf } from '../../../support/playbook_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const place = { file: 'p.yml', line: 3, column: 1, length: 1, text: '' };

describe('imports', () => {
  test('that lead back are refused with the way that led there', async () => {
    const { errors } = await tasksOf('- import_tasks: a.yml', {
      'a.yml': '- import_tasks: b.yml\n',
      'b.yml': '- include_tasks: a.yml\n',
    });
    expect(errors).toEqual([
      'b.yml:1:18 import-cycle a.yml imports itself | imported by a.yml:1, by playbook.yaml:3',
    ]);
  });

  test('of roles that need each other as well', async () => {
    const { errors } = await tasksOf('- import_role: { name: a }', {
      'roles/a/meta/main.yml': 'dependencies: [b]\n',
      'roles/b/meta/main.yml': 'dependencies: [a]\n',
    });
    expect(errors).toEqual([
      expect.stringMatching(
        /^roles\/b\/meta\/main.yml:1:16 import-cycle roles\/a\/meta\/main.yml imports itself/,
      ),
    ]);
  });

  test('are counted, so that files which import each other twice come to an end', async () => {
    const files = Array.from({ length: 14 }, (_, i) => {
      const next = `- import_tasks: f${i + 1}.yml\n`;
      return [`f${i}.yml`, next + next] as const;
    });
    const { errors } = await tasksOf('- import_tasks: f0.yml', {
      ...Object.fromEntries(files),
      'f14.yml': '- sample: {}\n',
    });
    expect(errors).toEqual([
      expect.stringContaining(
        'too-many-imports more than 2000 imports of files and roles | imported by',
      ),
    ]);
  });

  test('are named the nearest first', () => {
    expect(importedBy([{ file: 'p' }])).toBeUndefined();
    const other = { ...place, file: 'q.yml', line: 7 };
    expect(importedBy([{ file: 'p' }, { file: 'q', place }, { file: 'r', place: other }])).toBe(
      'imported by q.yml:7, by p.yml:3',
    );
  });
});

test('a file is read once, and its values are kept', async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'a.yml': '- 1\n', 'b.yml': '{' });
  const errors: Diagnostic[] = [];
  const files = importedFiles(errors);
  const [first, second] = [
    await files.read(join(folder, 'a.yml')),
    await files.read(join(folder, 'a.yml')),
  ];
  expect(first).toBe(second);
  expect(await files.read(join(folder, 'b.yml'))).toBeUndefined();
  await files.read(join(folder, 'b.yml'));
  expect(errors).toHaveLength(1);
  expect(files.documents().map(({ value }) => value)).toEqual([[1], undefined]);
});

test('files and folders are told apart', async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'a/b': '' });
  const paths = ['none', 'a', 'a/b'].map((name) => join(folder, name));
  expect(await firstFile(paths)).toBe(join(folder, 'a/b'));
  expect(await firstFolder(paths)).toBe(join(folder, 'a'));
  expect(await firstFile([])).toBeUndefined();
});
