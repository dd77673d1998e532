import { describe, expect, test } from 'vitest';
import { tasksOf } from '../../../support/playbook_files.ts';

const A = { 'a.yml': '- sample: { text: "{{ item }}" }\n' };

async function varsOf(text: string) {
  const { tasks, errors } = await tasksOf(text, A);
  return errors.length > 0 ? errors : tasks.map(({ vars }) => vars);
}

describe('an include in a loop stands there once for each item', () => {
  test.each([
    ['loop: [x, "{{ y }}"]', [[{ item: 'x' }], [{ item: '{{ y }}' }]]],
    ['with_items: [[x], y]', [[{ item: 'x' }], [{ item: 'y' }]]],
    ['with_dict: { k: 1 }', [[{ item: { key: 'k', value: 1 } }]]],
    [
      'loop: "{{ l }}"\n  vars: { l: [1, 2] }',
      [
        [{ l: [1, 2] }, { item: 1 }],
        [{ l: [1, 2] }, { item: 2 }],
      ],
    ],
    ['loop: [x]\n  loop_control: { loop_var: d, index_var: i }', [[{ d: 'x', i: 0 }]]],
    ['loop: []', []],
  ])('%j', async (loop, wanted) => {
    expect(await varsOf(`- include_tasks: a.yml\n  ${loop}\n`)).toEqual(wanted);
  });

  test.each([
    [
      'loop: "{{ users }}"',
      /3:|4:.*unknown-name .*\| the items of an include must stand in the playbook/,
    ],
    ['loop: "{{ l }}"\n  vars: { l: { a: 1 } }', /'loop' must be a list, not a map/],
    ['loop: [1]\n  with_items: [2]', /two loops/],
  ])('unless its items are not known: %j', async (loop, wanted) => {
    const [first] = await varsOf(`- include_tasks: a.yml\n  ${loop}\n`);
    expect(first).toMatch(wanted);
  });
});
