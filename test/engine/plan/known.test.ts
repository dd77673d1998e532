import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Action } from '../../../engine/contract/action.ts';
import type { Resource } from '../../../engine/contract/resource.ts';
import { type Flow, NotKnown, type Task } from '../../../engine/contract/task.ts';
import {
  type Findings,
  fixReadings,
  keep,
  knownBefore,
  nothingKnown,
  refuseFailed,
} from '../../../engine/plan/known.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import type { PlannedChange } from '../../../engine/plan/plan.ts';
import { apply, applyPlays, failures, here, owed, read } from '../../support/apply_tasks.ts';
import { taskOf } from '../../support/task.ts';

function entry(key: string, flow: Partial<Flow> = {}): Task {
  return { ...taskOf(`task ${key}`, () => []), flow: { entry: key, key, ...flow } };
}

const resource: Resource = { id: 'x', probe: '', parse: String, change: () => undefined };

function changed(task: Task, runs?: Action): PlannedChange {
  const change = { before: '', after: 'x', steps: [], ...(runs && { runs }) };
  return { task, resource, change };
}

function found(tasks: readonly Task[], more: Partial<Findings> = {}): Findings {
  return {
    places: tasks.map((task) => ({ entry: task, tasks: [task] })),
    ...{ reads: [], changes: [], pending: new Set(), left: new Set(), ...more },
  };
}

const said = (task: Task, stdout: string, rc = 0) => ({
  ...{ task, resource, result: { stdout, stderr: '', rc, failed: rc !== 0 } },
});

const [a, b, c] = [entry('0.0'), entry('0.1'), entry('0.2')];

describe('the result of a place', () => {
  test.each<[string, Partial<Findings>, string]>([
    ['that comes later', {}, 'it comes later in the play'],
    [
      'whose action has still to run',
      { changes: [changed(b, {})] },
      'it needs the result of "task 0.1"',
    ],
    [
      'that could not say everything',
      { pending: new Set([b]) },
      'it needs the result of "task 0.1"',
    ],
    [
      'that was read before a change above it',
      { changes: [changed(a)], reads: [said(b, 'old')] },
      '"task 0.0" may alter what "task 0.1" reads',
    ],
    [
      'after one that waits',
      { places: [{ entry: a, tasks: [], waits: 'why' }, ...found([b, c]).places] },
      '"task 0.0" waits',
    ],
  ])('%s is not known', (_, more, why) => {
    const known = knownBefore(why.includes('later') ? 1 : 2, found([a, b, c], more), newMemory());
    expect(() => known.result('0.1')).toThrow(new NotKnown(why));
  });

  test('is what was read, or whether there is something to change', () => {
    const known = knownBefore(
      3,
      found([a, b, c], { changes: [changed(c)], reads: [said(b, 'hi')] }),
      newMemory(),
    );
    expect(known.result('0.0')).toEqual({ changed: false, failed: false, skipped: false });
    expect(known.result('0.1')).toMatchObject({ stdout: 'hi', changed: false });
    expect(known.result('0.2')).toEqual({ changed: true, failed: false, skipped: false });
  });

  test('is judged by its own task', () => {
    const judge = () => ({ changed: false, failed: true, isThere: true });
    const judged = entry('0.0', { judge });
    const known = knownBefore(1, found([judged], { changes: [changed(judged)] }), newMemory());
    expect(known.result('0.0')).toMatchObject({ changed: false, failed: true });
  });

  test('of a loop is a list, of which one is enough', () => {
    const loop = entry('0.0', { looped: true });
    const items = [entry('0.0', { key: '0.0.0' }), entry('0.0', { key: '0.0.1' })];
    const places = [{ entry: loop, tasks: items }];
    const [, second] = items;
    const changes = second ? [changed(second)] : [];
    expect(knownBefore(1, found([], { places, changes }), newMemory()).result('0.0')).toMatchObject(
      {
        ...{ changed: true, failed: false, skipped: false },
        results: [{ changed: false }, { changed: true }],
      },
    );
    const none = found([], { places: [{ entry: loop, tasks: [] }] });
    expect(knownBefore(1, none, newMemory()).result('0.0')).toMatchObject({
      skipped: true,
      results: [],
    });
  });

  test('that is left out now is what it was, and otherwise skipped', () => {
    const memory = newMemory();
    memory.outcomes.set('0.0', { failed: true });
    memory.changed.add('0.1');
    const places = [a, b, c].map((each) => ({ entry: each, tasks: [] }));
    const known = knownBefore(3, found([], { places }), memory);
    expect(known.result('0.0')).toEqual({ failed: true });
    expect(known.result('0.1')).toEqual({ changed: true, failed: false, skipped: false });
    expect(known.result('0.2')).toEqual({ changed: false, failed: false, skipped: true });
  });

  test('outlives its play', () => {
    const memory = newMemory();
    keep(
      found([entry('0.0', { variables: { v: 1 } }), b], { reads: [said(b, 'hi')] }),
      memory,
      'h',
    );
    const later = knownBefore(0, found([entry('1.0')]), memory);
    expect([later.result('0.1').stdout, later.variables('0.0')]).toEqual(['hi', { v: 1 }]);
    expect(() => later.result('1.0')).toThrow('it comes later in the play');
    expect(() => later.result('0.9')).toThrow(NotKnown);
  });
});

describe('what was read', () => {
  test('keeps its meaning once something after it is changed, and not what was read too early', () => {
    const memory = newMemory();
    keep(
      found([a, b, c], { reads: [said(a, 'old'), said(c, 'early')], changes: [changed(b)] }),
      memory,
      'h',
    );
    const next = found([a, b, c], { reads: [said(a, 'new', 1), said(c, 'right')] });
    expect(knownBefore(3, next, memory).result('0.0').stdout).toBe('new');
    expect(() => refuseFailed(next, 'here', memory)).toThrow('x ended with status 1');
    fixReadings(memory);
    expect(knownBefore(3, next, memory).result('0.0')).toMatchObject({
      stdout: 'old',
      failed: false,
    });
    expect(knownBefore(3, next, memory).result('0.2').stdout).toBe('right');
    refuseFailed(next, 'here', memory);
  });

  test('and has failed is a failure, unless a change may put it right or nobody minds', () => {
    const memory = newMemory();
    const ignoring = entry('0.1', { ignoreErrors: true });
    refuseFailed(found([a, b], { reads: [said(b, '', 4)], changes: [changed(a)] }), 'h', memory);
    refuseFailed(found([a, ignoring], { reads: [said(ignoring, '', 4)] }), 'h', memory);
    expect(() =>
      refuseFailed(found([a, b], { reads: [said(b, 'words', 4)] }), 'h', memory),
    ).toThrow(
      expect.objectContaining({
        code: 'step-failed',
        context: expect.objectContaining({ output: 'words', task: 'task 0.1' }),
      }),
    );
  });
});

test('before any answer nothing is known but facts that were asked for', () => {
  const memory = newMemory();
  for (const ask of [() => nothingKnown(memory).facts(), () => nothingKnown(memory).result('0.0')])
    expect(ask).toThrow(NotKnown);
  memory.facts = { ansible_system: 'Linux' };
  expect(nothingKnown(memory).facts()).toEqual({ ansible_system: 'Linux' });
});

const note = (word: string): string => `shell: echo ${word} >> {{ top }}/log`;
const copy = (name: string): string => `copy: { dest: '{{ top }}/${name}', content: x }`;
const reads = (command: string): string =>
  `shell: ${command}\n  changed_when: false\n  check_mode: false`;
const handlers = `handlers:\n- name: h\n  ${note('h')}\n`;

describe('on a host', () => {
  test('a check before a change is not asked again after it', async () => {
    await apply(`tasks:\n- ${reads('test ! -e {{ top }}/a')}\n- ${copy('a')}\n`);
    expect([failures(), existsSync(here('a'))]).toEqual([[], true]);
  });

  test('a loop goes over what was found before its first item, whatever that removes', async () => {
    await apply(`tasks:
- shell: mkdir {{ top }}/d; touch {{ top }}/d/1 {{ top }}/d/2 {{ top }}/d/3
- ${reads('ls {{ top }}/d')}
  register: list
- shell: rm {{ top }}/d/{{ item }} && echo {{ item }} >> {{ top }}/log
  loop: "{{ list.stdout_lines }}"
  register: removed
  changed_when: removed.rc == 0
`);
    expect([failures(), read('log')]).toEqual([[], '1\n2\n3\n']);
  });

  test('the same command may stand in a play as often as it has to run', async () => {
    const judged = `${note('x')}\n  changed_when: true`;
    await apply(`tasks:\n${`- ${note('y')}\n- ${judged}\n`.repeat(4)}`);
    expect([failures(), read('log')]).toEqual([[], 'y\nx\n'.repeat(4)]);
  });

  test('a later play knows what an earlier one found', async () => {
    await applyPlays([
      `tasks:\n- ${copy('a')}\n  register: copied\n- ${reads('cat {{ top }}/a')}\n  register: said\n- set_fact: { f: "{{ said.stdout }}" }\n`,
      `tasks:\n- ${copy('b')}\n- shell: echo {{ copied.changed }} {{ said.stdout }} {{ f }} >> {{ top }}/log\n`,
    ]);
    expect([failures(), read('log')]).toEqual([[], 'true x x\n']);
  });
});

describe('a handler', () => {
  test('runs for what changes after a flush once, at the end', async () => {
    const text = `tasks:
- ${copy('a')}
  notify: h
- meta: flush_handlers
- ${note('task')}
  changed_when: true
  notify: h
${handlers}`;
    await apply(text);
    expect([failures(), read('log'), owed()]).toEqual([[], 'h\ntask\nh\n', []]);
    await apply(text);
    expect([failures(), read('log'), owed()]).toEqual([[], 'h\ntask\nh\ntask\nh\n', []]);
  });

  test.each([
    ['false', '', ''],
    ['true', 'h\n', 'h\nh\n'],
  ])(
    'follows changed_when: %s of a file, whatever becomes of that',
    async (says, first, second) => {
      const text = `tasks:\n- ${copy('a')}\n  changed_when: ${says}\n  notify: h\n${handlers}`;
      await apply(text);
      expect([failures(), read('log'), owed()]).toEqual([[], first, []]);
      await apply(text);
      expect([failures(), read('log'), owed()]).toEqual([[], second, []]);
    },
  );

  test('runs for what a block had changed before it failed', async () => {
    await apply(`tasks:
- block:
  - ${copy('a')}
    notify: h
  - command: "false"
  rescue:
  - ${note('rescue')}
${handlers}`);
    expect([failures(), read('log'), owed()]).toEqual([[], 'rescue\nh\n', []]);
  });

  test('does not run for a task that failed and was ignored', async () => {
    await apply(`tasks:
- copy: { dest: '{{ top }}/no/such/folder', content: x }
  ignore_errors: true
  notify: h
${handlers}`);
    expect([failures(), read('log'), owed()]).toEqual([[], '', []]);
  });

  test('that is struck off notifies nobody', async () => {
    await apply(`tasks:
- copy: { dest: '{{ top }}/no/such/folder', content: x }
  ignore_errors: true
  notify: first
handlers:
- name: first
  ${note('first')}
  notify: second
- name: second
  ${note('second')}
`);
    expect([failures(), read('log'), owed()]).toEqual([[], '', []]);
  });
});
