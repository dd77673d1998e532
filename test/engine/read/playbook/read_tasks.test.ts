import { describe, expect, test } from 'vitest';
import { playbookOf, tasksOf } from '../../../support/playbook_files.ts';

describe('a list of tasks', () => {
  test('is read in its order, with blocks, imports and roles', async () => {
    const { tasks, errors } = await tasksOf(
      [
        '- sample: { text: a }',
        '- block: [{ sample: { text: b } }]',
        '- ansible.builtin.import_tasks: c.yml',
        '- include_role: { name: d }',
        '- meta: noop',
        '- sample: { text: e }',
        '',
      ].join('\n'),
      {
        'c.yml': '- sample: { text: c }\n',
        'roles/d/tasks/main.yml': '- sample: { text: d }\n',
      },
    );
    expect(errors).toEqual([]);
    expect(tasks.map(({ args: { text } }) => text)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test.each([
    ['- hosts: all\n  tasks: a\n', /^playbook.yaml:2:10 wrong-type play 1.tasks must be a list/],
    [
      '- hosts: all\n  tasks:\n    - { sample: {}, rescue: [] }\n',
      /3:21 missing-key task 1 of play 1: 'rescue' belongs to a block \| put the tasks before it in block: beside rescue:/,
    ],
    [
      '- hosts: all\n  tasks:\n    - block: [a]\n',
      /3:15 wrong-type task 1 of block 1 of play 1 must be a map/,
    ],
    [
      '- hosts: all\n  tasks:\n    - { block: [], loop: [1] }\n',
      /block 1 of play 1 has no key 'loop'/,
    ],
  ])('%j', async (playbook, wanted) => {
    const { errors } = await playbookOf(playbook);
    expect(errors[0]).toMatch(wanted);
  });

  test('may be empty', async () => {
    const { errors, tasks } = await playbookOf('- hosts: all\n  tasks:\n');
    expect([errors, tasks]).toEqual([[], []]);
  });
});
