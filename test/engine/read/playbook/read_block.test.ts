import { describe, expect, test } from 'vitest';
import { playbookOf, tasksOf } from '../../../support/playbook_files.ts';

describe('a block', () => {
  test('is no more than its keywords unless one of its parts depends on another', async () => {
    const { tasks } = await tasksOf('- { block: [{ sample: {} }], when: a }');
    expect(tasks).toMatchObject([{ blocks: [], when: [{ condition: { text: 'a' } }] }]);
  });

  test('tells its tasks in which part they stand, at any depth', async () => {
    const { tasks, errors } = await tasksOf(
      [
        '- block:',
        '    - sample: { text: a }',
        '    - block: [{ sample: { text: b } }]',
        '      always: [{ sample: { text: c } }]',
        '  rescue: [{ sample: { text: d } }]',
        '  always: [{ sample: { text: e } }]',
        '- block: [{ sample: { text: f } }]',
        '  rescue: []',
        '',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    const found = tasks.map(({ args, blocks }) => [
      args.text,
      ...blocks.map(({ block, part, rescued }) => `${block} ${part} ${rescued}`),
    ]);
    expect(found).toEqual([
      ['a', '1 block true'],
      ['b', '1 block true', '2 block false'],
      ['c', '1 block true', '2 always false'],
      ['d', '1 rescue true'],
      ['e', '1 always true'],
      ['f', '3 block true'],
    ]);
  });

  test('that is imported twice is two blocks', async () => {
    const { tasks } = await tasksOf('- import_tasks: b.yml\n- import_tasks: b.yml\n', {
      'b.yml': '- { block: [{ sample: {} }], always: [] }\n',
    });
    expect(tasks.map(({ blocks }) => blocks[0]?.block)).toEqual(['1', '2']);
  });

  test('has the keywords of a block, not those of a task', async () => {
    const { errors } = await tasksOf('- { block: [], register: a, whn: b }');
    expect(errors).toEqual([
      expect.stringContaining("3:20 unknown-key block 1 of play 1 has no key 'register'"),
      expect.stringContaining("has no key 'whn' | did you mean 'when'?"),
    ]);
  });

  test('cannot be a handler', async () => {
    const { errors } = await playbookOf('- hosts: all\n  handlers: [{ block: [] }]\n');
    expect(errors).toEqual([expect.stringContaining('a block cannot be a handler')]);
  });
});
