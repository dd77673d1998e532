import { expect, test } from 'vitest';
import type { RunQueries } from '../../../engine/contract/query.ts';
import type { Task } from '../../../engine/contract/task.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import type { Plan, PlanInput } from '../../../engine/plan/plan.ts';
import { planFrom, planHost, queryFacts } from '../../../engine/plan/plan_host.ts';
import { parseLedger } from '../../../engine/script/ledger.ts';
import { type LabFact, Pending, Refused, type Resource } from '../../../engine/sdk.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { taskOf } from '../../support/task.ts';

const host = { name: 'worker01', address: '192.0.2.21', groups: ['all'], vars: {} };
const lab = { hosts: { worker01: host }, groups: { all: ['worker01'] } };

/** A thing whose state is one word, wanted to be another. */
function word(name: string, wanted: string): Resource<string> {
  return {
    id: `word ${name}`,
    probe: `read ${name}`,
    parse: String,
    change: (now) => (now === wanted ? undefined : { before: now, after: wanted, steps: [] }),
  };
}

/** A host that answers from a table and notes what it was asked, a list a script. */
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

function inputOf(ask: RunQueries): PlanInput {
  return { host, lab, ask, labFacts: labFacts([], lab), inUse: 'wait' };
}

async function plan(
  tasks: readonly Task[],
  table: Readonly<Record<string, string>> = {},
): Promise<Plan> {
  return planHost(tasks, inputOf(answering(table).ask));
}

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

test('asks for other hosts, in the same script, what no task of its own asks already', async () => {
  const { ask, scripts } = answering({ own: '1', theirs: '2' });
  const task = taskOf('t', () => [], { facts: { f: { probe: 'own', parse: String } } });
  const { outputs } = await queryFacts([task], ask, [{ script: 'own' }, { script: 'theirs' }]);
  expect(scripts.map(([, ...questions]) => questions)).toEqual([['own', 'theirs']]);
  expect([...outputs]).toEqual([
    ['\nown', '1'],
    ['\ntheirs', '2'],
  ]);
});

test('gives a module what each of the other hosts said, parsed by itself, and remembers it', async () => {
  const fact: LabFact<string> = { of: 'all', probe: 'theirs', parse: (said) => `${said}!` };
  const task = taskOf('t', ({ facts }) => [word('w', JSON.stringify(facts.fact))], {
    facts: { fact },
  });
  const { ask } = answering({ theirs: 'here' });
  const answers = labFacts([task], lab);
  const input = { ...inputOf(ask), labFacts: answers };
  const own = await queryFacts([task], ask, answers.queriesTo('worker01'));
  answers.keep('worker01', own.outputs, ask);
  const { changes, heard } = await planFrom(own, [task], input);
  expect(changes.map(({ change }) => change.after)).toEqual(['{"worker01":"here!"}']);
  expect([...heard]).toEqual([[task, '[{"worker01":"here"}]']]);
});

test('names the resource whose answer cannot be understood, and the fact and the host that it is of', async () => {
  const refuses = (): never => {
    throw new Refused('makes no sense');
  };
  const resource = { ...word('w', 'x'), parse: refuses };
  expect((await hostErrorOf(plan([taskOf('t', () => [resource])]))).context).toMatchObject({
    ...{ task: 't', resource: 'word w' },
  });
  const own = taskOf('t', () => [], { facts: { version: { probe: 'p', parse: refuses } } });
  expect((await hostErrorOf(plan([own]))).context).toMatchObject({ resource: 'fact version' });
  const fact: LabFact<string> = { of: 'all', probe: 'p', parse: refuses };
  const others = taskOf('t', () => [], { facts: { fact } });
  const answers = labFacts([others], lab);
  const { ask } = answering({});
  answers.keep('worker01', new Map([['\np', '']]), ask);
  const input = { ...inputOf(ask), labFacts: answers };
  expect((await hostErrorOf(planHost([others], input))).context).toMatchObject({
    ...{ task: 't', resource: 'fact fact of worker01' },
  });
});

test('refuses a host that a newer lava-play keeps before any module is asked', async () => {
  const task = taskOf('t', () => expect.unreachable('the host is not ours'));
  const answers = { ledger: { ...parseLedger(''), format: 2 }, outputs: new Map() };
  const error = await hostErrorOf(planFrom(answers, [task], inputOf(answering({}).ask)));
  expect(error).toMatchObject({ code: 'newer-format', context: { host: 'worker01' } });
  const same = { ...answers, ledger: { ...answers.ledger, format: 1 } };
  expect((await planFrom(same, [], inputOf(answering({}).ask))).changes).toEqual([]);
});
