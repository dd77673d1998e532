import { describe, expect, test } from 'vitest';
import { playbookOf } from '../../../support/playbook_files.ts';

describe('a play', () => {
  const sections = [
    '- hosts: all',
    '  post_tasks: [{ sample: { text: post } }]',
    '  tasks: [{ sample: { text: task } }]',
    '  roles: [r]',
    '  pre_tasks: [{ sample: { text: pre } }]',
  ].join('\n');
  const role = { 'roles/r/tasks/main.yml': '- sample: { text: role }\n' };

  test('runs its sections in the order of Ansible', async () => {
    const { tasks, errors } = await playbookOf({ 'playbook.yaml': `${sections}\n`, ...role });
    expect(errors).toEqual([]);
    expect(tasks.map(({ args: { text } }) => text)).toEqual(['pre', 'role', 'task', 'post']);
  });

  test('runs handlers between them, whatever the tags', async () => {
    const playbook = `${sections}\n  handlers: [{ name: h, sample: {} }]\n`;
    const { tasks, plays } = await playbookOf({ 'playbook.yaml': playbook, ...role });
    expect(tasks.map(({ kind }) => kind)).toEqual([
      'task',
      'flush',
      'task',
      'task',
      'flush',
      'task',
    ]);
    expect(tasks[1]?.tags).toEqual(['always']);
    expect(plays[0]?.handlers).toMatchObject([{ kind: 'handler', name: 'h' }]);
  });

  test('takes what needs nothing here', async () => {
    const { errors } = await playbookOf(
      '- hosts: all\n  gather_facts: false\n  gather_subset: [min]\n  become: true\n  become_method: sudo\n  collections: [a.b]\n',
    );
    expect(errors).toEqual([]);
  });

  test.each([
    ['- { hosts: all, roles: r }', 'play 1.roles must be a list'],
    [
      '- { hosts: all, handlers: [{ smple: {} }] }',
      "task 1 of handlers of play 1: 'smple' is neither",
    ],
    ['- { hosts: all, pre_tasks: [5] }', 'task 1 of pre_tasks of play 1 must be a map'],
    ['- { hosts: all, tags: ["{{ t }}"] }', "the tag '{{ t }}' is not filled in"],
  ])('%j', async (playbook, wanted) => {
    const { errors } = await playbookOf(playbook);
    expect(errors[0]).toContain(wanted);
  });
});
