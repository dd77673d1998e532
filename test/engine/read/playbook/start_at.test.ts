import { describe, expect, test } from 'vitest';
import { startAt } from '../../../../engine/read/playbook/start_at.ts';
import { labOf, linesOf } from '../../../support/lab_files.ts';

const INVENTORY = 'workers: { hosts: { a: , b: } }\n';
const PLAYBOOK = `
- hosts: a
  tasks:
    - { name: one, sample: { text: x } }
- hosts: workers
  tasks:
    - { name: two, sample: { text: x } }
    - { name: three, sample: { text: x }, loop: [p, q] }
    - { name: four, sample: { text: x }, when: inventory_hostname == 'b' }
`;

async function from(glob: string) {
  const { plays } = await labOf(INVENTORY, PLAYBOOK);
  const { plays: left, errors } = startAt(plays, glob);
  const labels = (host: string): readonly string[] =>
    left.flatMap(({ tasks }) => (tasks.get(host) ?? []).map(({ label }) => label));
  return { a: labels('a'), b: labels('b'), errors: linesOf(errors) };
}

describe('a run begins with the first task that is called so', () => {
  test.each([
    ['one', ['one', 'two', 'three (p)', 'three (q)']],
    ['t*', ['two', 'three (p)', 'three (q)']],
    ['three', ['three (p)', 'three (q)']],
    ['three (q)', ['three (p)', 'three (q)']],
    ['f?ur', []],
  ])('%s', async (glob, wanted) => {
    const { a, b, errors } = await from(glob);
    expect([a, b.at(-1), errors]).toEqual([wanted, 'four', []]);
  });

  test('and none of that name is a mistake, with the nearest', async () => {
    expect((await from('thee')).errors).toEqual([
      "- no-task --start-at-task: no task is called 'thee' | did you mean 'three'?",
    ]);
    expect((await from('nothing at all')).errors).toEqual([
      "- no-task --start-at-task: no task is called 'nothing at all' | --list-tasks lists the tasks",
    ]);
  });
});
