import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playbookOf } from '../../../support/playbook_files.ts';

/** A role whose one task says its name, with a default and a variable. */
function role(name: string, needs = '[]'): Record<string, string> {
  return {
    [`roles/${name}/tasks/main.yml`]: `- sample: { text: ${name} }\n`,
    [`roles/${name}/defaults/main.yml`]: `d: ${name}\n`,
    [`roles/${name}/vars/main.yml`]: `v: ${name}\n`,
    [`roles/${name}/meta/main.yml`]: `dependencies: ${needs}\n`,
  };
}

async function read(play: string, files: Record<string, string>) {
  const found = await playbookOf({ ...files, 'playbook.yaml': `- hosts: all\n${play}` });
  expect(found.errors).toEqual([]);
  return found;
}

function texts(tasks: readonly { readonly args: Readonly<Record<string, unknown>> }[]) {
  return tasks.map(({ args: { text } }) => text);
}

describe('the roles of a play, as measured with ansible-core 2.14', () => {
  const files = { ...role('a', '[c]'), ...role('b', '[{ role: c }]'), ...role('c') };

  test('come after what they need, each once unless something tells them apart', async () => {
    const { tasks } = await read(
      [
        '  roles:',
        '    - { role: a, p: 5, tags: [ta] }',
        '    - { role: b, tags: [tb] }',
        '    - { role: a, p: 5, tags: [ta] }',
        '    - { role: a, p: 6 }',
        '',
      ].join('\n'),
      files,
    );
    expect(texts(tasks)).toEqual(['c', 'a', 'b', 'a']);
    expect(tasks[0]?.tags).toEqual(['ta', 'tb']);
  });

  test('see variables of each other, their own and their parameters being stronger', async () => {
    const { tasks } = await read(
      '  roles:\n    - { role: a, p: 5 }\n    - { role: b, vars: { v: said } }\n  tasks: [{ sample: {} }]\n',
      files,
    );
    const seen = tasks.map(({ defaults, vars }) => ({
      d: Object.assign({}, ...defaults).d,
      ...Object.assign({}, ...vars),
    }));
    expect(seen).toMatchObject([
      { d: 'c', v: 'c', p: 5, role_name: 'c' },
      { d: 'a', v: 'a', p: 5, role_name: 'a' },
      { d: 'b', v: 'b', role_name: 'b' },
      { d: 'b', v: 'b' },
    ]);
    expect(seen[3]).not.toHaveProperty('role_name');
  });

  test('hold under what is said of them, and of those that need them', async () => {
    const { tasks } = await read('  roles: [{ role: a, when: x, become_user: u }]\n', files);
    expect(tasks).toMatchObject([
      { when: [{ condition: { text: 'x' } }], becomeUser: 'u', role: 'c' },
      { when: [{ condition: { text: 'x' } }], becomeUser: 'u', role: 'a' },
    ]);
  });

  test('that one may run again do so', async () => {
    const many = { ...files, 'roles/c/meta/main.yml': 'allow_duplicates: true\n' };
    const { tasks } = await read('  roles: [a, b]\n', many);
    expect(texts(tasks)).toEqual(['c', 'a', 'c', 'b']);
  });

  test('are needed under different conditions again', async () => {
    const { tasks } = await read('  roles: [{ role: a, when: x }, b]\n', files);
    expect(texts(tasks)).toEqual(['c', 'a', 'c', 'b']);
  });
});

describe('a role', () => {
  test('has the folders of files of its own, then those of the role around it', async () => {
    const { folder, tasks } = await read('  roles: [a]\n', {
      'roles/a/tasks/main.yml': '- import_role: { name: b }\n',
      'roles/b/tasks/main.yml': '- sample: {}\n',
    });
    const [a, b] = [join(folder, 'roles/a'), join(folder, 'roles/b')];
    expect(tasks[0]?.folders).toEqual([b, a, join(b, 'tasks'), folder]);
    expect(tasks[0]?.vars.at(-1)).toEqual({ role_name: 'b', role_path: b });
  });

  test('may import itself with other tasks', async () => {
    const { tasks } = await read('  roles: [a]\n', {
      'roles/a/tasks/main.yml': '- import_role: { name: a, tasks_from: x }\n',
      'roles/a/tasks/x.yml': '- sample: {}\n',
    });
    expect(tasks).toHaveLength(1);
  });

  test('brings its handlers once, without the conditions of its tasks', async () => {
    const { plays } = await read(
      '  roles: [{ role: a, when: x }]\n  tasks: [{ import_role: { name: a } }]\n',
      {
        'roles/a/tasks/main.yml': '- { sample: {}, notify: [h, "a : h"] }\n',
        'roles/a/handlers/main.yml': '- { name: h, sample: {} }\n',
      },
    );
    expect(plays[0]?.handlers).toMatchObject([{ name: 'h', kind: 'handler', when: [], role: 'a' }]);
  });

  test('must have a name that is text', async () => {
    const { errors } = await playbookOf('- hosts: all\n  roles: [{ role: 5 }]\n');
    expect(errors).toEqual([
      expect.stringContaining('role 1 of play 1: the name of a role must be text'),
    ]);
  });
});
