import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { playbookOf, tasksOf } from '../../../support/playbook_files.ts';

const A = { 'a.yml': '- sample: { text: a }\n' };

describe('tasks of another file', () => {
  test.each([
    '- import_tasks: a.yml',
    '- include_tasks: a.yml',
    '- include_tasks: { file: a.yml }',
    '- include_tasks: file=a.yml',
    '- import_tasks: a.yml\n  name: all of it',
    '- import_tasks: "{{ f }}.yml"\n  vars: { f: a }',
  ])('stand where they are imported: %j', async (text) => {
    const { tasks, errors } = await tasksOf(text, A);
    expect(errors).toEqual([]);
    expect(tasks.map(({ args }) => args)).toEqual([{ text: 'a' }]);
  });

  test('have what is said of them', async () => {
    const { tasks, errors } = await tasksOf(
      [
        '- import_tasks: a.yml',
        '  when: x',
        '  tags: t',
        '  vars: { v: 1 }',
        '- include_tasks: { file: a.yml, apply: { tags: u, become_user: z } }',
        '  vars: { v: 2 }',
        '',
      ].join('\n'),
      { 'a.yml': '- { sample: {}, vars: { v: 0 } }\n' },
    );
    expect(errors).toEqual([]);
    expect(tasks).toMatchObject([
      { when: [{ condition: { text: 'x' } }], tags: ['t'], vars: [{ v: 1 }, { v: 0 }] },
      { tags: ['u'], becomeUser: 'z', vars: [{ v: 0 }, { v: 2 }] },
    ]);
  });

  test('are looked for beside the file that names them, in the role, beside the playbook', async () => {
    const { tasks, errors, folder } = await tasksOf(
      '- import_tasks: sub/one.yml\n- import_role: { name: r }\n',
      {
        ...A,
        'sub/one.yml': '- import_tasks: two.yml\n- import_tasks: a.yml\n',
        'sub/two.yml': '- sample: { text: two }\n',
        'roles/r/tasks/main.yml': '- import_tasks: deep/x.yml\n- import_tasks: a.yml\n',
        'roles/r/tasks/deep/x.yml': '- import_tasks: y.yml\n',
        'roles/r/tasks/y.yml': '- sample: { text: y }\n',
      },
    );
    expect(errors).toEqual([]);
    expect(tasks.map(({ args: { text } }) => text)).toEqual(['two', 'a', 'y', 'a']);
    expect(tasks[0]?.folders).toEqual([join(folder, 'sub'), folder]);
    expect(tasks[2]?.folders).toEqual([
      join(folder, 'roles/r'),
      join(folder, 'roles/r/tasks'),
      folder,
    ]);
  });

  test('are handlers where handlers import them', async () => {
    const { plays, errors } = await playbookOf({
      'playbook.yaml':
        '- hosts: all\n  tasks: [{ sample: {}, notify: h }]\n  handlers: [{ import_tasks: h.yml }]\n',
      'h.yml': '- { name: h, sample: {} }\n',
    });
    expect(errors).toEqual([]);
    expect(plays[0]?.handlers).toMatchObject([{ kind: 'handler', name: 'h' }]);
  });
});

describe('an import that cannot be', () => {
  test.each([
    [
      '- import_tasks: b.yml',
      /^playbook.yaml:3:21 no-file there is no file of tasks b.yml \| looked for in /,
    ],
    [
      '- import_tasks: "{{ os }}.yml"',
      /3:25 unknown-name .*\| a file of tasks is named without variables of a host/,
    ],
    [
      '- import_tasks: { fil: a.yml }',
      /unknown-key task 1 of play 1.import_tasks has no key 'fil' \| did you mean 'file'/,
    ],
    ['- import_tasks: [a.yml]', /must be a map or text, not a list/],
    [
      '- import_tasks: { file: a.yml, apply: {} }',
      /has no key 'apply' \| write what it says beside import_tasks/,
    ],
    [
      '- include_tasks: { file: a.yml, apply: { loop: [] } }',
      /task 1 of play 1.apply has no key 'loop'/,
    ],
    [
      '- import_tasks: a.yml\n  register: x',
      /4:7 unknown-key task 1 of play 1 has no key 'register'/,
    ],
    [
      '- import_tasks: "{{ l }}"\n  vars: { l: [1] }',
      /the name of a file must be text, not a list/,
    ],
  ])('%j', async (text, wanted) => {
    const { errors, tasks } = await tasksOf(text, A);
    expect(errors[0]).toMatch(wanted);
    expect(tasks.length).toBeLessThan(2);
  });
});
