import { describe, expect, test } from 'vitest';
import { NotKnown } from '../../../../engine/contract/task.ts';
import { judgeOf, neverChanges } from '../../../../engine/read/playbook/judge.ts';
import { tasksOf } from '../../../support/playbook_files.ts';

async function taskOf(keys: string) {
  const { tasks, errors } = await tasksOf(`- command: ":"\n${keys.replace(/^(?=.)/gm, '  ')}`);
  expect(errors).toEqual([]);
  const [task] = tasks;
  if (!task) throw new Error('no task');
  return task;
}

const result = { rc: 2, changed: true, failed: true, stdout: 'words' };

describe('a task', () => {
  test('that says nothing of its result has no judge', async () => {
    expect(judgeOf(await taskOf('register: said'), {})).toBeUndefined();
  });

  test.each([
    ['changed_when: false', { changed: false, failed: true, isThere: true }],
    ['failed_when: false', { changed: true, failed: false, isThere: true }],
    ['register: said\nchanged_when: said.rc == 2', { changed: true, failed: true, isThere: true }],
    [
      'register: said\nfailed_when: [said.rc != 0, "\'words\' in said.stdout"]',
      { changed: true, failed: true, isThere: true },
    ],
    [
      'register: said\nfailed_when: [said.rc != 0, "\'other\' in said.stdout"]',
      { changed: true, failed: false, isThere: true },
    ],
    [
      'register: said\nuntil: said.rc == 0\nretries: 2',
      { changed: true, failed: true, isThere: false },
    ],
    [
      'register: said\nuntil: [said.rc == 2, limit == 3]\nretries: 2',
      { changed: true, failed: true, isThere: true },
    ],
  ])('with %j judges so', async (keys, wanted) => {
    expect(judgeOf(await taskOf(keys), { limit: 3 })?.(result)).toEqual(wanted);
  });

  test('is judged by its own result, though an earlier one has the same name', async () => {
    const scope = Object.defineProperty({}, 'said', {
      enumerable: true,
      configurable: true,
      get() {
        throw new NotKnown('not asked yet');
      },
    });
    const judge = judgeOf(await taskOf('register: said\nfailed_when: said.rc == 7'), scope);
    expect(judge?.({ rc: 7 })).toMatchObject({ failed: true, changed: false });
    expect(judge?.({ rc: 2 })).toMatchObject({ failed: false });
  });

  test('that asks for what its result has not is a mistake at that place', async () => {
    const judge = judgeOf(await taskOf('register: said\nfailed_when: said.nothing == 1'), {});
    expect(() => judge?.(result)).toThrow("'said' has no 'nothing'");
  });
});

test.each([
  ['', false],
  ['changed_when: false', true],
  ['changed_when: "False"', true],
  ['changed_when: [false]', true],
  ['changed_when: true', false],
  ['changed_when: [false, false]', false],
  ['register: said\nchanged_when: said.rc == 1', false],
  ['changed_when: 1 == 2', false],
])('%j says that it never changes anything: %j', async (keys, wanted) => {
  expect(neverChanges(await taskOf(keys))).toBe(wanted);
});
