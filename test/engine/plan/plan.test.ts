import { describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { RunQueries } from '../../../engine/contract/query.ts';
import type { Task } from '../../../engine/contract/task.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import { isEmpty, type Plan, type PlanInput } from '../../../engine/plan/plan.ts';
import { planHost } from '../../../engine/plan/plan_host.ts';
import { Deferred, Pending, Refused, type Resource } from '../../../engine/sdk.ts';
import { taskOf } from '../../support/task.ts';

const host = { name: 'worker01', address: '192.0.2.21', groups: ['all'], vars: {} };
const lab = { hosts: { worker01: host }, groups: { all: ['worker01'] } };

/** A thing whose state is one word, wanted to be another. */
function word(name: string, wanted: string, kind: 'chains' | 'blind' = 'chains'): Resource<string> {
  return {
    id: `word ${name}`,
    probe: `read ${name}`,
    parse: (output) => output,
    change: (now) =>
      now === wanted
        ? undefined
        : {
            before: now,
            after: wanted,
            steps: [{ title: `write ${wanted}`, script: 'true' }],
            ...(kind === 'chains' && { next: wanted }),
          },
  };
}

/** A host that answers `read NAME` from a table and counts the scripts it was asked. */
function answering(table: Readonly<Record<string, string>>): {
  ask: RunQueries;
  scripts: string[][];
} {
  const scripts: string[][] = [];
  return {
    scripts,
    ask: async (questions) => {
      scripts.push(questions.map(({ script }) => script));
      return questions.map(({ script }) => table[script] ?? '');
    },
  };
}

function inputOf(ask: RunQueries, inUse: PlanInput['inUse'] = 'wait'): PlanInput {
  return { host, lab, ask, labFacts: labFacts([], lab), inUse };
}

async function plan(
  tasks: readonly Task[],
  table: Readonly<Record<string, string>> = {},
  inUse: PlanInput['inUse'] = 'wait',
): Promise<Plan> {
  return planHost(tasks, inputOf(answering(table).ask, inUse));
}

async function failure(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HostError);
  return error as HostError;
}

describe('planning a host', () => {
  test('costs two scripts, whatever the number of tasks', async () => {
    const { ask, scripts } = answering({});
    const tasks = Array.from({ length: 40 }, (_, i) =>
      taskOf(`t${i}`, () => [word(`w${i}`, 'x')], {
        facts: { f: { probe: `fact ${i}`, parse: String } },
      }),
    );
    const { changes } = await planHost(tasks, inputOf(ask));
    expect(changes).toHaveLength(40);
    expect(scripts.map((script) => script.length)).toEqual([41, 40]);
  });

  test('asks the same question once', async () => {
    const { ask, scripts } = answering({});
    const facts = { version: { probe: 'same', parse: String } };
    const tasks = [1, 2].map((i) => taskOf(`t${i}`, () => [word('w', 'x')], { facts }));
    await planHost(tasks, inputOf(ask));
    expect(scripts.map((script) => script.length)).toEqual([2, 1]);
  });

  test('asks the same question again for another user, whose answer may be another', async () => {
    const users = [undefined, 'postgres', 'lavaserver'] as const;
    const heard = new Map<string | undefined, string>();
    const states = new Map<string | undefined, string>();
    const tasks = users.map((becomeUser) => ({
      ...taskOf(
        `as ${becomeUser}`,
        ({ facts }) => {
          heard.set(becomeUser, String(facts.home));
          const parse = (state: string): string => {
            states.set(becomeUser, state);
            return state;
          };
          return [{ ...word(`of ${becomeUser}`, 'right'), probe: 'read a', parse }];
        },
        { facts: { home: { probe: 'cd; pwd', parse: String } } },
      ),
      becomeUser,
    }));
    await planHost(
      tasks,
      inputOf(async (questions) => questions.map(({ script, user }) => `${script} by ${user}`)),
    );
    for (const user of users) {
      expect(heard.get(user)).toBe(`cd; pwd by ${user}`);
      expect(states.get(user)).toBe(`read a by ${user}`);
    }
  });

  test('is empty when everything is right', async () => {
    expect(isEmpty(await plan([taskOf('t', () => [word('a', 'x')])], { 'read a': 'x' }))).toBe(
      true,
    );
  });

  test('gives a module the answers to its own questions', async () => {
    const asks = (probe: string): Task =>
      taskOf(probe, ({ facts }) => [word('w', String((facts as { f: string }).f))], {
        facts: { f: { probe, parse: (output) => `${output}!` } },
      });
    const { changes } = await plan([asks('one')], { one: '1', 'read w': '' });
    expect(changes.map(({ change }) => change.after)).toEqual(['1!']);
  });

  test('keeps what a pending task can make already, and plans the others', async () => {
    const pending = taskOf('deferred', () => {
      throw new Pending('PostgreSQL is not installed yet', [word('package', 'installed')]);
    });
    const { changes, pending: deferred } = await plan([
      pending,
      taskOf('other', () => [word('b', 'x')]),
    ]);
    expect(changes.map(({ resource }) => resource.id)).toEqual(['word package', 'word b']);
    expect(deferred).toEqual([{ task: pending, reason: 'PostgreSQL is not installed yet' }]);
  });

  test('shows a later task the thing as an earlier one leaves it', async () => {
    const append = (text: string): Resource<string> => ({
      ...word('file', ''),
      change: (now) =>
        now.includes(text)
          ? undefined
          : { before: now, after: now + text, steps: [], next: now + text },
    });
    const tasks = ['a', 'b', 'a'].map((text, i) => taskOf(`t${i}`, () => [append(text)]));
    const { changes } = await plan(tasks, { 'read file': '-' });
    expect(changes.map(({ change }) => [change.before, change.after])).toEqual([
      ['-', '-a'],
      ['-a', '-ab'],
    ]);
  });

  test('takes two tasks that want the same for one', async () => {
    const tasks = ['t1', 't2'].map((label) => taskOf(label, () => [word('p', 'x', 'blind')]));
    expect((await plan(tasks)).changes).toHaveLength(1);
  });

  test.each(['chains', 'blind'] as const)(
    'refuses two tasks that contradict each other (%s)',
    async (kind) => {
      const tasks = [
        taskOf('first', () => [word('p', 'x', kind)]),
        taskOf('second', () => [word('p', 'y', kind)]),
      ];
      const error = await failure(plan(tasks));
      expect(error).toMatchObject({ code: 'conflict', kind: 'failed' });
      expect(error.message).toContain('"first" (lab.yaml:3) and "second" (lab.yaml:3)');
    },
  );

  test('names host, task and resource when a resource refuses', async () => {
    const refusing: Resource<string> = {
      ...word('r', ''),
      change: () => {
        throw new Refused('is a folder', 'move it away');
      },
    };
    const error = await failure(plan([taskOf('t', () => [refusing])]));
    expect(error.message).toBe('is a folder');
    expect(error.context).toEqual({
      host: 'worker01',
      task: 't',
      resource: 'word r',
      hint: 'move it away',
    });
  });

  test('names host and task when a module breaks', async () => {
    const error = await failure(
      plan([
        taskOf('t', () => {
          throw new TypeError('x is undefined');
        }),
      ]),
    );
    expect(error).toMatchObject({ code: 'module-error', context: { host: 'worker01', task: 't' } });
  });

  test('sets aside what would cut somebody off, and nothing else', async () => {
    const held: Resource<string> = {
      ...word('console', 'x'),
      change(now) {
        const change = word('console', 'x').change(now);
        if (change) throw new Deferred('192.0.2.9 is connected', change);
        return undefined;
      },
    };
    const tasks = [taskOf('t', () => [held, word('b', 'y')])];
    const deferred = await plan(tasks);
    expect(deferred.changes.map(({ resource }) => resource.id)).toEqual(['word b']);
    expect(deferred.deferred).toMatchObject([
      { reason: '192.0.2.9 is connected', change: { after: 'x' } },
    ]);
    expect(isEmpty(await plan(tasks, { 'read b': 'y' }))).toBe(true);
    const kicks = await plan(tasks, {}, 'kick');
    expect(kicks.changes.map(({ resource }) => resource.id)).toEqual(['word console', 'word b']);
    expect(kicks.deferred).toEqual([]);
  });

  test('tells what a resource warns of, with nothing to change', async () => {
    const warning = { message: 'no adapter is plugged in', hint: 'plug it in' };
    const link: Resource<string> = {
      ...word('link', ''),
      warnings: (now) => (now === '' ? [warning] : []),
    };
    const tasks = [taskOf('t', () => [link])];
    expect((await plan(tasks)).warnings).toMatchObject([warning]);
    expect(isEmpty(await plan(tasks))).toBe(true);
    expect((await plan(tasks, { 'read link': 'there' })).warnings).toEqual([]);
  });

  test('shows what an earlier run left pending', async () => {
    const pendingHandlers = { id: 'restart x', script: 'true', since: 'admin since then' };
    const line = `owed entry ${Buffer.from(JSON.stringify(pendingHandlers)).toString('base64')} /var/lib/lava-play/owed\n`;
    const read = await planHost(
      [],
      inputOf(async () => [line]),
    );
    expect(read.ledger.pendingHandlers).toEqual([{ ...pendingHandlers, entry: 'entry' }]);
    expect(isEmpty(read)).toBe(false);
  });
});
