import { describe, expect, test } from 'vitest';
import { playbookOf, tasksOf } from '../../../support/playbook_files.ts';

describe('meta', () => {
  test('flush_handlers stands where they run, under the conditions and tags around it', async () => {
    const { tasks, errors } = await tasksOf(
      '- { block: [{ meta: flush_handlers, tags: b }], when: a, tags: [c] }',
    );
    expect(errors).toEqual([]);
    expect(tasks).toMatchObject([
      { kind: 'flush', tags: ['c', 'b'], when: [{ condition: { text: 'a' } }], place: { line: 3 } },
    ]);
  });

  test.each(['noop', 'clear_facts', 'reset_connection'])('%s needs nothing', async (action) => {
    expect(await tasksOf(`- ansible.builtin.meta: ${action}`)).toMatchObject({
      tasks: [],
      errors: [],
    });
  });

  test.each([
    [
      'end_play',
      /not-allowed task 1 of play 1: 'meta: end_play' is not supported \| put the tasks/,
    ],
    ['refresh_inventory', /\| the inventory is read once/],
    [
      'flush_handler',
      /there is no meta action the text "flush_handler" \| did you mean 'flush_handlers'\?/,
    ],
    ['[a]', /there is no meta action a list \| known here: flush_handlers, noop/],
  ])('%s is refused', async (action, wanted) => {
    const { errors } = await tasksOf(`- meta: ${action}`);
    expect(errors).toEqual([expect.stringMatching(wanted)]);
  });

  test('has few keywords', async () => {
    const { errors } = await tasksOf('- { meta: noop, register: a }');
    expect(errors).toEqual([expect.stringContaining("task 1 of play 1 has no key 'register'")]);
  });

  test('flush_handlers is nothing for a handler', async () => {
    const { errors } = await playbookOf('- hosts: all\n  handlers: [{ meta: flush_handlers }]\n');
    expect(errors).toEqual([
      expect.stringMatching(/'meta: flush_handlers' is not supported in a handler$/),
    ]);
  });
});
