import { describe, expect, test } from 'vitest';
import { failedTask, isCaught, StepFailed } from '../../../engine/apply/caught.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { BlockPart, Flow, Task } from '../../../engine/contract/task.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import type { PlannedChange } from '../../../engine/plan/plan.ts';
import { apply, counts, failures, here, read } from '../../support/apply_tasks.ts';
import { taskOf } from '../../support/task.ts';

const change = { before: '', after: 'x', steps: [] };
const resource = { id: 'run mkdir a', probe: '', parse: String, change: () => change };

function planned(task: Task): PlannedChange {
  return { task, resource, change };
}

function taskWith(flow: Partial<Flow>, retries = 0): Task {
  return { ...taskOf('t', () => [], { retries }), flow: { entry: '0.0', key: '0.0', ...flow } };
}

function failure(task: Task): StepFailed {
  return new StepFailed(planned(task), 'it failed', { host: 'here', output: 'words' });
}

const inside = (block: string, rescued = false): BlockPart => ({ block, part: 'block', rescued });

describe('the task of a failure', () => {
  const [first, second] = [planned(taskWith({})), planned(taskWith({}))];

  test('is the one whose step failed, though another says and does the same', () => {
    const error = new StepFailed(second, 'failed', { host: 'here' });
    expect(error.context).toMatchObject({ host: 'here', task: 't', resource: 'run mkdir a' });
    expect(failedTask(error, { changes: [first, second] })).toBe(second.task);
    expect(failedTask(error, { changes: [first] })).toBeUndefined();
  });

  test('is none for what is no failed step', () => {
    const lost = new HostError('unreachable', 'connection-lost', 'gone', { host: 'here' });
    for (const error of [lost, new Error('x'), undefined]) {
      expect(failedTask(error, { changes: [first] })).toBeUndefined();
    }
  });
});

describe('a failure', () => {
  test('that nothing in the playbook speaks of is not caught', () => {
    const [memory, task] = [newMemory(), taskWith({})];
    expect(isCaught(task, failure(task), memory)).toBe(false);
    expect(memory.failure).toBeUndefined();
    expect(isCaught(taskWith({ ignoreErrors: true }), new Error('of ours'), memory)).toBe(false);
  });

  test('that is ignored is what register keeps', () => {
    const [memory, task] = [newMemory(), taskWith({ ignoreErrors: true })];
    expect(isCaught(task, failure(task), memory)).toBe(true);
    expect(memory.outcomes.get('0.0')).toEqual({
      ...{ failed: true, changed: false, skipped: false, msg: 'it failed', stdout: 'words' },
    });
    expect([memory.failedBlocks.size, memory.failure]).toEqual([0, undefined]);
  });

  test('is rescued by the innermost block that can, and leaves those inside of it', () => {
    const blocks = [inside('outer', true), inside('middle', true), inside('inner')];
    const [memory, task] = [newMemory(), taskWith({ blocks })];
    expect(isCaught(task, failure(task), memory)).toBe(true);
    expect([[...memory.failedBlocks], [...memory.leftBlocks]]).toEqual([['middle'], ['inner']]);
    const rescue = { block: 'middle', part: 'rescue' as const, rescued: true };
    const rescuing = taskWith({ blocks: [inside('outer', true), rescue] });
    expect(isCaught(rescuing, failure(rescuing), memory)).toBe(true);
    expect([...memory.failedBlocks]).toEqual(['middle', 'outer']);
  });

  test('waits until all retries are used', () => {
    const [memory, task] = [newMemory(), taskWith({ ignoreErrors: true }, 2)];
    for (const [tried, wanted] of [false, false, false, true].entries()) {
      memory.attempts.set('0.0', tried);
      expect(isCaught(task, failure(task), memory)).toBe(wanted);
    }
  });
});

const note = (word: string): string => `shell: echo ${word} >> {{ top }}/log`;
const broken = "copy: { dest: '{{ top }}/no/such/folder', content: x }";

describe('blocks on a host', () => {
  test('what is always done in an inner block is done before an outer one rescues', async () => {
    const result = await apply(`tasks:
- block:
  - block:
    - command: "false"
    - ${note('never')}
    always:
    - ${note('inner')}
  - block:
    - ${note('never')}
    always:
    - ${note('never')}
  rescue:
  - ${note('rescue')}
  always:
  - ${note('outer')}
- ${note('after')}
`);
    expect([counts(result).outcome, failures()]).toEqual(['unchanged', []]);
    expect(read('log')).toBe('inner\nrescue\nouter\nafter\n');
  });

  test('a block inside of what is always done is rescued by itself alone', async () => {
    const result = await apply(`tasks:
- block:
  - command: "false"
  always:
  - block:
    - ${note('one')}
    rescue:
    - ${note('never')}
  - block:
    - shell: exit 3
    rescue:
    - ${note('rescue')}
- ${note('never')}
`);
    expect([counts(result).outcome, failures()]).toEqual([
      'failed',
      ['run false ended with status 1'],
    ]);
    expect(read('log')).toBe('one\nrescue\n');
  });

  test('a failure in what is always done leaves the outer one to be done, and hides no cause', async () => {
    await apply(`tasks:
- block:
  - block:
    - command: "false"
    always:
    - shell: exit 4
    - ${note('never')}
  always:
  - ${note('outer')}
- ${note('never')}
`);
    expect([read('log'), failures()]).toEqual(['outer\n', ['run false ended with status 1']]);
  });

  test('a failed rescue is a failure, after what is always done', async () => {
    await apply(`tasks:
- block:
  - command: "false"
  rescue:
  - shell: exit 5
  - ${note('never')}
  always:
  - ${note('always')}
`);
    expect([read('log'), failures()]).toEqual(['always\n', ['run exit 5 ended with status 5']]);
  });

  test('a rescue knows what the failed task and those before it gave', async () => {
    await apply(`tasks:
- block:
  - copy: { dest: '{{ top }}/a', content: x }
    register: copied
  - shell: echo words; exit 3
    register: said
  - command: echo never
    register: none
  rescue:
  - shell: echo {{ copied.changed }} {{ said.failed }} {{ none.skipped }} >> {{ top }}/log
`);
    expect(read('log')).toBe('true true true\n');
  });

  test('the second of two tasks that do the same is rescued as itself', async () => {
    const result = await apply(`tasks:
- command: mkdir {{ top }}/a
- block:
  - command: mkdir {{ top }}/a
  rescue:
  - ${note('rescue')}
`);
    expect([counts(result).outcome, read('log'), failures()]).toEqual([
      ...['unchanged', 'rescue\n'],
      [],
    ]);
  });
});

describe('retries on a host', () => {
  test.each([
    ['a change', broken, 0],
    ['an action', 'shell: echo tried >> {{ top }}/log; exit 1', 3],
  ])('of %s end before its failure is ignored or rescued', async (_, task, tries) => {
    const more = '  retries: 2\n  delay: 0\n';
    await apply(`tasks:\n- ${task}\n${more}  ignore_errors: true\n- ${note('on')}\n`);
    expect(failures()).toEqual([]);
    expect(read('log')).toBe(`${'tried\n'.repeat(tries)}on\n`);
    await apply(
      `tasks:\n- block:\n  - ${task}\n${more.replace(/^/gm, '  ').trimEnd()}\n  rescue:\n  - ${note('rescue')}\n`,
    );
    expect(failures()).toEqual([]);
    expect(read('log')).toBe(`${'tried\n'.repeat(tries)}on\n${'tried\n'.repeat(tries)}rescue\n`);
  });

  test('a change that is ignored among what is always done does not end it', async () => {
    await apply(`tasks:
- block:
  - command: "false"
  always:
  - ${broken}
    ignore_errors: true
  - ${note('on')}
`);
    expect([read('log'), failures()]).toEqual(['on\n', ['run false ended with status 1']]);
    expect(read(here('no'))).toBe('');
  });
});
