import { describe, expect, test } from 'vitest';
import { playbookOf, tasksOf } from '../../../support/playbook_files.ts';

const R = {
  'roles/r/tasks/main.yml': '- sample: { text: main }\n',
  'roles/r/tasks/other.yml': '- sample: { text: other }\n',
  'roles/r/vars/more.yml': 'v: more\n',
  'roles/r/defaults/main.yml': 'd: role\n',
  'roles/r/handlers/alt.yml': '- { name: alt, sample: {} }\n',
};

describe('a role among the tasks', () => {
  test.each([
    ['- import_role: { name: r }', 'main'],
    ['- include_role: { name: r, tasks_from: other }', 'other'],
    ['- include_role: name=r tasks_from=other.yml', 'other'],
    ['- ansible.builtin.include_role: { name: "{{ n }}" }\n  vars: { n: r }', 'main'],
  ])('%j', async (text, wanted) => {
    const { tasks, errors } = await tasksOf(text, R);
    expect(errors).toEqual([]);
    expect(tasks).toMatchObject([{ args: { text: wanted }, role: 'r' }]);
  });

  test('takes other files, and shows its variables to others only when asked to', async () => {
    const text = (more: string) =>
      `- include_role: { name: r, vars_from: more, handlers_from: alt${more} }\n- sample: {}\n`;
    const own = await tasksOf(text(''), R);
    expect(own.plays[0]?.handlers.map(({ name }) => name)).toEqual(['alt']);
    expect(own.tasks[0]?.vars).toContainEqual({ v: 'more' });
    expect(own.tasks[1]).toMatchObject({ vars: [], defaults: [] });
    const shown = await tasksOf(text(', public: true'), R);
    expect(shown.tasks[1]).toMatchObject({ vars: [{ v: 'more' }], defaults: [{ d: 'role' }] });
  });

  test('runs each time, or once where duplicates are not allowed', async () => {
    const twice = (text: string) => tasksOf(`${text}\n${text}\n`, R);
    expect((await twice('- import_role: { name: r }')).tasks).toHaveLength(2);
    expect((await twice('- import_role: { name: r, allow_duplicates: false }')).tasks).toHaveLength(
      1,
    );
  });

  test('has the variables of an include as parameters', async () => {
    const { tasks } = await tasksOf('- include_role: { name: r }\n  vars: { d: 5 }\n', R);
    expect(tasks[0]?.vars[0]).toEqual({ d: 5 });
    expect(tasks[0]?.defaults).toEqual([{ d: 'role' }]);
  });

  test.each([
    [
      '- import_role: { name: none }',
      /no-file there is no role none \| looked for in roles, .*\.ansible\/roles, /,
    ],
    [
      '- import_role: { name: a.b.c }',
      /there is no role a.b.c \| roles of collections are not read/,
    ],
    ['- import_role: { nme: r }', /has no key 'nme' \| did you mean 'name'/],
    [
      '- import_role: { name: r, tasks_from: none }',
      /the role has no file roles\/r\/tasks\/none.yml/,
    ],
  ])('that cannot be: %j', async (text, wanted) => {
    const { errors } = await tasksOf(text, R);
    expect(errors[0]).toMatch(wanted);
  });

  test('cannot be a handler', async () => {
    const { errors } = await playbookOf({
      ...R,
      'playbook.yaml': '- hosts: all\n  handlers: [{ import_role: { name: r } }]\n',
    });
    expect(errors).toEqual([expect.stringContaining('a role cannot be a handler')]);
  });
});
