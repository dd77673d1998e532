import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findRole, roleFile, roleFolders } from '../../../../engine/read/playbook/role_files.ts';
import { nobody } from '../../../support/lab_files.ts';
import { tasksOf } from '../../../support/playbook_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const around = { playbookFolder: '/play', roleFolders: [] };

describe('roles are looked for', () => {
  test('where Ansible looks', () => {
    expect(roleFolders(around, nobody)).toEqual([
      '/play/roles',
      '/home/tester/.ansible/roles',
      '/usr/share/ansible/roles',
      '/etc/ansible/roles',
      '/play',
    ]);
  });

  test('in ANSIBLE_ROLES_PATH, and beside the role that needs them', () => {
    const variable = (name: string) =>
      name === 'ANSIBLE_ROLES_PATH' ? '~/r:shared::/abs' : undefined;
    const env = { ...nobody, cwd: '/here', variable };
    expect(roleFolders({ ...around, roleFolders: ['/abs/one', '/other/two'] }, env)).toEqual([
      '/play/roles',
      '/home/tester/r',
      '/here/shared',
      '/abs',
      '/play',
    ]);
  });

  test('by name or by path', async () => {
    const folder = testFolder();
    await writeFiles(folder, { 'roles/a/tasks/main.yml': '', 'x/b/tasks/main.yml': '' });
    const here = { playbookFolder: folder, roleFolders: [] };
    expect(await findRole('a', here, nobody)).toEqual({
      folder: join(folder, 'roles/a'),
      name: 'a',
    });
    expect(await findRole('x/b', here, nobody)).toEqual({ folder: join(folder, 'x/b'), name: 'b' });
    expect(await findRole(join(folder, 'x/b'), here, nobody)).toMatchObject({ name: 'b' });
    expect(await findRole('c', here, nobody)).toBeUndefined();
  });

  test('a file of a role is main with any ending, or the one named', async () => {
    const folder = testFolder();
    await writeFiles(folder, {
      'tasks/main.yaml': '',
      'tasks/main': '',
      'tasks/x.yml': '',
      'tasks/y': '',
    });
    const found = ['main', 'x', 'x.yml', 'y', 'none'].map((name) =>
      roleFile(folder, 'tasks', name === 'main' ? undefined : name),
    );
    expect(await Promise.all(found)).toEqual(
      ['main.yaml', 'x.yml', 'x.yml', 'y', undefined].map(
        (name) => name && join(folder, 'tasks', name),
      ),
    );
  });
});

describe('the variables of a role', () => {
  test('may be in a folder main', async () => {
    const { tasks, errors } = await tasksOf('- import_role: { name: r }', {
      'roles/r/tasks/main.yml': '- sample: {}\n',
      'roles/r/defaults/main/b.yml': 'b: 2\n',
      'roles/r/defaults/main/a.yml': 'a: 1\n',
      'roles/r/defaults/main/.hidden.yml': 'c: 1\n',
      'roles/r/vars/main.yml': '',
    });
    expect(errors).toEqual([]);
    expect(tasks[0]?.defaults).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('must be a map', async () => {
    const { errors } = await tasksOf('- import_role: { name: r }', {
      'roles/r/vars/main.yml': '- 1\n',
    });
    expect(errors).toEqual([
      'roles/r/vars/main.yml:1:1 wrong-type variables must be a map, but roles/r/vars/main.yml is a list',
    ]);
  });
});
