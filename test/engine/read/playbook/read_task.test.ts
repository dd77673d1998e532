import { describe, expect, test } from 'vitest';
import { tasksOf } from '../../../support/playbook_files.ts';

async function task(text: string) {
  const { tasks, errors } = await tasksOf(text);
  expect(errors).toEqual([]);
  return tasks[0];
}

describe('a task', () => {
  test('has what it leaves unsaid', async () => {
    const { folder, tasks } = await tasksOf('- sample: {}');
    const { place, ...others } = tasks[0] ?? {};
    expect(place).toMatchObject({ line: 3, column: 7 });
    expect(others).toEqual({
      kind: 'task',
      name: undefined,
      module: 'sample',
      args: {},
      when: [],
      loopControl: { loopVar: 'item' },
      tags: [],
      retries: 0,
      delay: undefined,
      until: [],
      becomeUser: undefined,
      register: undefined,
      notify: [],
      listen: [],
      changedWhen: undefined,
      failedWhen: undefined,
      ignoreErrors: false,
      checkMode: 'as the run',
      noLog: false,
      runOnce: false,
      environment: {},
      vars: [],
      defaults: [],
      blocks: [],
      folders: [folder],
    });
  });

  test('keeps what it says', async () => {
    const found = await task(
      [
        '- name: n',
        '  sample: {}',
        '  register: result',
        '  changed_when: false',
        '  failed_when: [a, b]',
        '  with_items: [1]',
        '  loop_control: { loop_var: x }',
        '  delay: 2',
        '  retries: 4',
        '',
      ].join('\n'),
    );
    expect(found).toMatchObject({
      name: 'n',
      register: 'result',
      loop: [1],
      loopAs: 'items',
      loopControl: { loopVar: 'x' },
      retries: 4,
      delay: 2,
    });
    expect(found?.changedWhen?.map(({ condition }) => condition.text)).toEqual(['false']);
    expect(found?.failedWhen?.map(({ condition }) => condition.text)).toEqual(['a', 'b']);
  });

  test.each([
    ['until: a', { retries: 3, delay: 5 }],
    ['until: a\n  retries: 10', { retries: 10, delay: 5 }],
    ['until: a\n  delay: 1', { retries: 3, delay: 1 }],
    ['retries: 2', { retries: 2, delay: undefined }],
  ])('repeats itself as Ansible does: %j', async (text, wanted) => {
    expect(await task(`- sample: {}\n  ${text}\n`)).toMatchObject(wanted);
  });

  test('takes what has no effect here', async () => {
    expect(
      await task(
        '- sample: {}\n  collections: [a.b]\n  debugger: never\n  become: true\n  become_method: sudo\n',
      ),
    ).toMatchObject({ become: true });
  });

  test('knows where each of its handlers is named', async () => {
    const { tasks } = await tasksOf('- sample: {}\n  notify:\n    - a\n    - b\n');
    expect(tasks[0]?.notifyPlaces?.map(({ line }) => line)).toEqual([5, 6]);
  });
});
