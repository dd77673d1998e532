import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { groupsByHost, mergedVariables } from '../../../../engine/read/inventory/layers.ts';
import { readVariableFiles } from '../../../../engine/read/inventory/variable_files.ts';
import { noVault } from '../../../../engine/read/vault/vault.ts';
import { inventoryOf, linesOf, treeOf } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const tree = treeOf('g: { hosts: { h: } }\n');

/** What the folders beside an inventory say of the group g, and what is wrong in them. */
async function read(files: Readonly<Record<string, string>>, folder = testFolder()) {
  await writeFiles(folder, files);
  const problems = noProblems();
  const { inventory } = await readVariableFiles(
    { inventory: [folder], playbook: undefined },
    { tree, vault: noVault, problems },
  );
  const lines = [...linesOf(problems.errors), ...linesOf(problems.warnings)];
  return {
    vars: inventory[0]?.groups.get('g') ?? [],
    problems: lines.map((line) => line.replaceAll(`${folder}/`, '')),
  };
}

describe('variables', () => {
  test('in folders beside the inventory are stronger than those in it, as in Ansible', async () => {
    const { hosts, warnings } = await inventoryOf({
      'inventory.yaml': `
all: { vars: { a: 1, b: 1, c: 1, d: 1, e: 1 } }
g: { vars: { b: 2, c: 2, d: 2, e: 2 }, hosts: { h: { d: 4, e: 4 } } }
`,
      'group_vars/all.yml': 'b: 3\n',
      'group_vars/g/one.yaml': 'c: 3\nd: 3\n',
      'group_vars/g/two.yaml': 'c: 33\n',
      'group_vars/g/notes.txt': '{{{ no yaml',
      'host_vars/h': 'e: 5\n',
      'host_vars/hh.yaml': 'e: 6\n',
    });
    expect(hosts.get('h')?.vars).toEqual({ a: 1, b: 3, c: 33, d: 4, e: 5 });
    expect(linesOf(warnings)).toEqual([
      expect.stringMatching(
        /^1:1 unused-file .*hh\.yaml is not used: there is no host called 'hh' \| did you mean 'h'\?$/,
      ),
    ]);
  });
});

describe('the folders beside an inventory', () => {
  test('may be missing', async () => {
    expect(await read({})).toEqual({ vars: [], problems: [] });
  });

  test('are read in alphabetical order, without hidden files, backups and files of other kinds', async () => {
    const { vars, problems } = await read({
      'group_vars/g/b.yml': 'n: 2\n',
      'group_vars/g/a.yaml': 'n: 1\n',
      'group_vars/g/c.json': '{ "n": 3 }',
      'group_vars/g/d': 'n: 4\n',
      'group_vars/g/.e.yaml': '{{{',
      'group_vars/g/f.yaml~': '{{{',
      'group_vars/g/g.txt': '{{{',
      'group_vars/.git/config': '[core]\n',
    });
    expect(vars).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(problems).toEqual([]);
  });

  test('are read with the folders in those of a group, and behind links', async () => {
    const folder = testFolder();
    await writeFiles(folder, {
      'shared/a.yaml': 'n: 1\n',
      'shared/more/b.yaml': 'n: 2\n',
      'group_vars/all': '',
    });
    await symlink(join(folder, 'shared'), join(folder, 'group_vars/g'));
    expect(await read({}, folder)).toEqual({ vars: [{ n: 1 }, { n: 2 }], problems: [] });
  });

  test('that cannot be listed are a mistake', async () => {
    const folder = testFolder();
    await symlink('group_vars', join(folder, 'group_vars'));
    const { problems } = await read({}, folder);
    expect(problems).toEqual(['- no-file group_vars cannot be read: ELOOP']);
  });

  test.each([
    ['- a\n', ['1:1 wrong-type variables must be a map, but this file is a list']],
    ['', []],
    ['# nothing yet\n', []],
  ])('with a file of %j', async (text, problems) => {
    expect(await read({ 'group_vars/g.yaml': text })).toEqual({ vars: [], problems });
  });
});

describe('of several places for one group Ansible reads the first', () => {
  test.each([
    [
      { 'group_vars/g/a.yml': 'n: 1\n', 'group_vars/g.yml': 'n: 2\n' },
      { n: 1 },
      '1:1 unused-file group_vars/g.yml is not read beside g: Ansible takes the first it finds | move it into g/',
    ],
    [
      { 'group_vars/g.yml': 'n: 1\n', 'group_vars/g.yaml': 'n: 2\n' },
      { n: 1 },
      '1:1 unused-file group_vars/g.yaml is not read beside g.yml: Ansible takes the first it finds | keep one of the two',
    ],
  ])('%j', async (files, vars, problem) => {
    expect(await read(files)).toEqual({ vars: [vars], problems: [problem] });
  });
});

test('the variables beside the playbook are stronger than those beside the inventory', async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'i/group_vars/g.yml': 'n: 1\n', 'p/group_vars/g.yml': 'n: 2\n' });
  const folders = { inventory: [join(folder, 'i')], playbook: join(folder, 'p') };
  const problems = noProblems();
  const files = await readVariableFiles(folders, { tree, vault: noVault, problems });
  const groups = groupsByHost(tree).get('h') ?? [];
  expect(mergedVariables('h', groups, tree, files, [])).toEqual({ n: 2 });
});

test('a folder that is named twice is read once', async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'group_vars/g.yml': '- no map\n' });
  const folders = { inventory: [folder, folder], playbook: folder };
  const problems = noProblems();
  const files = await readVariableFiles(folders, { tree, vault: noVault, problems });
  expect(problems.errors).toHaveLength(1);
  expect(files.inventory[0]).toBe(files.playbook);
});
