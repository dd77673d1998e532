import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { finishTree, plantTree } from '../../../../engine/read/inventory/group_tree.ts';
import { folderOf, readSources } from '../../../../engine/read/inventory/sources.ts';
import { runProgram } from '../../../../engine/read/programs/run_program.ts';
import { lavaLab } from '../../../../lab/field.ts';
import { linesOf } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { OF_FILE, vaultWith } from '../../../support/vaulted.ts';
import { writeFiles } from '../../../support/write_files.ts';

/** The hosts of the sources in a folder, and what is wrong; a file that begins with #! is executable. */
async function read(files: Readonly<Record<string, string>>, ...names: readonly string[]) {
  const folder = testFolder();
  await writeFiles(folder, files);
  for (const [name, text] of Object.entries(files)) {
    if (text.startsWith('#!')) await chmod(join(folder, name), 0o755);
  }
  const problems = noProblems();
  const tree = plantTree({ file: 'x', line: 1, column: 1, length: 1, text: '' }, problems);
  const sources = names.map((name) => (name.includes(',') ? name : join(folder, name)));
  const documents = await readSources(
    sources,
    { roles: lavaLab.roles, vault: vaultWith('correct horse'), run: runProgram, cwd: folder },
    tree,
  );
  const lines = [...linesOf(problems.errors), ...linesOf(problems.warnings)];
  return {
    hosts: [...finishTree(tree).hosts.keys()],
    documents,
    lines: lines.map((line) => line.replaceAll(`${folder}/`, '')),
  };
}

describe('a source', () => {
  test('is a file of YAML or INI, a program, a folder or a list of hosts', async () => {
    const { hosts, lines } = await read(
      {
        'a.yaml': 'w: { hosts: { yaml: } }\n',
        hosts: '[w]\nini\n',
        inv: '#!/bin/sh\necho \'{"w": ["program"]}\'\n',
        'folder/b': 'w: { hosts: { first: } }\n',
        'folder/c/d': '[w]\ndeep\n',
      },
      'a.yaml',
      'hosts',
      'inv',
      'folder',
      'l1, l2:2222,',
    );
    expect(lines).toEqual([]);
    expect(hosts).toEqual(['yaml', 'ini', 'program', 'first', 'deep', 'l1', 'l2']);
  });

  test('with a comma in its name is a file where there is one', async () => {
    const folder = testFolder();
    await writeFiles(folder, { 'a,b': '[w]\nh\n' });
    expect(await folderOf(join(folder, 'a,b'))).toBe(folder);
    expect(await folderOf('a,b')).toBeUndefined();
    expect(await folderOf(folder)).toBe(folder);
  });

  test('may be encrypted as a whole', async () => {
    const { documents, lines } = await read({ 'v.yaml': OF_FILE }, 'v.yaml');
    expect(lines).toEqual([
      expect.stringMatching(/^1:1 not-an-inventory v\.yaml is not an inventory/),
    ]);
    expect(documents).toMatchObject([{ secrecy: 'vaulted' }]);
  });
});

describe('a folder', () => {
  test('is read in the order of names, without what Ansible passes over', async () => {
    const { hosts, lines } = await read(
      {
        'f/10': '[w]\nten\n',
        'f/2': '[w]\ntwo\n',
        'f/.hidden': '{{{',
        'f/x~': '{{{',
        'f/README.md': '{{{',
        'f/group_vars/all': 'x: 1\n',
        'f/old.ini': '[w]\nno\n',
        'f/sub/hosts': 'sub\n',
        'f/sub/group_vars/all': 'x: 1\n',
      },
      'f',
    );
    expect(hosts).toEqual(['ten', 'two', 'sub']);
    expect(lines).toEqual([
      '- unused-file f/old.ini is not read: as in Ansible, a folder of inventories holds none called *.ini or *.cfg | call it f/old',
      '- unused-file f/sub/group_vars is not read: Ansible reads only that of the folder given as inventory | name f/sub as an inventory of its own',
    ]);
  });
});

test.each([
  ['none', '- no-file there is no file none'],
  ['a.toml', '1:1 not-an-inventory TOML inventories are not supported'],
  ['w[1:,', "1:1 bad-range a square bracket is missing in 'w[1:'"],
])('%s is refused', async (name, wanted) => {
  const { lines } = await read({ 'a.toml': '[w]\n' }, name);
  expect(lines[0]).toContain(wanted);
});
