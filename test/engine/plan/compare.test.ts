import { describe, expect, test } from 'vitest';
import type { Change } from '../../../engine/contract/resource.ts';
import { compare, type Wanted, warningsOf } from '../../../engine/plan/compare.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import type { Plan, PlanInput } from '../../../engine/plan/plan.ts';
import { Deferred, Refused, type Resource } from '../../../engine/sdk.ts';
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

/** Each of a task of its own, t1, t2 and so on. */
function wantedBy(resources: readonly Resource<string>[]): readonly Wanted[] {
  return resources.map((resource, i) => ({
    task: taskOf(`t${i + 1}`, () => [resource]),
    resource: resource as Resource,
  }));
}

function compared(
  resources: readonly Resource<string>[],
  states: readonly string[],
  inUse: PlanInput['inUse'] = 'wait',
): Pick<Plan, 'changes' | 'deferred'> {
  const ask = () => expect.unreachable('all answers are there');
  return compare(wantedBy(resources), states, {
    host,
    lab,
    ask,
    labFacts: labFacts([], lab),
    inUse,
  });
}

/** What is changed to what, in order. */
function texts({ changes }: Pick<Plan, 'changes'>): readonly string[] {
  return changes.map(({ change }) => `${change.before} -> ${change.after}`);
}

test('a later task sees the thing as an earlier one leaves it', () => {
  const append = (text: string): Resource<string> => ({
    ...word('file', ''),
    change: (now) =>
      now.includes(text)
        ? undefined
        : { before: now, after: now + text, steps: [], next: now + text },
  });
  expect(texts(compared(['a', 'b', 'a'].map(append), ['-', '-', '-']))).toEqual([
    '- -> -a',
    '-a -> -ab',
  ]);
});

test('two tasks that want the same are one change', () => {
  for (const kind of ['chains', 'blind'] as const) {
    const both = [word('p', 'x', kind), word('p', 'x', kind)];
    expect(texts(compared(both, ['', '']))).toEqual([' -> x']);
  }
});

test.each(['chains', 'blind'] as const)(
  'two tasks that contradict each other are refused (%s)',
  (kind) => {
    expect(() => compared([word('p', 'x', kind), word('p', 'y', kind)], ['', ''])).toThrow(
      expect.objectContaining({
        ...{ kind: 'failed', code: 'conflict' },
        message: 'two tasks disagree about word p: "t1" (lab.yaml:3) and "t2" (lab.yaml:3)',
        context: expect.objectContaining({ host: 'worker01', task: 't2', resource: 'word p' }),
      }),
    );
  },
);

test('a task that finds the thing right is in conflict with a later one that changes it', () => {
  expect(() => compared([word('p', 'x'), word('p', 'y')], ['x', 'x'])).toThrow('"t1"');
});

test('blind changes that only differ in their steps are in conflict', () => {
  const other: Resource<string> = {
    ...word('p', 'x', 'blind'),
    change: () => ({ before: '', after: 'x', steps: [{ title: 'write x', script: 'false' }] }),
  };
  expect(() => compared([word('p', 'x', 'blind'), other], ['', ''])).toThrow('word p');
});

describe('what would cut somebody off', () => {
  const held: Resource<string> = {
    ...word('console', 'x'),
    change(now) {
      const change = word('console', 'x').change(now);
      if (change) throw new Deferred('192.0.2.9 is connected', change);
      return undefined;
    },
  };

  test('is set aside, and nothing else', () => {
    const { changes, deferred } = compared([held, word('b', 'y')], ['', '']);
    expect(changes.map(({ resource }) => resource.id)).toEqual(['word b']);
    expect(deferred).toMatchObject([{ reason: '192.0.2.9 is connected', change: { after: 'x' } }]);
  });

  test('is a change as any other where the run kicks', () => {
    const { changes, deferred } = compared([held, word('b', 'y')], ['', ''], 'kick');
    expect(changes.map(({ resource }) => resource.id)).toEqual(['word console', 'word b']);
    expect(deferred).toEqual([]);
  });
});

test('a resource that refuses is named', () => {
  const change = (): Change<string> => {
    throw new Refused('is a folder', 'move it away');
  };
  expect(() => compared([{ ...word('r', ''), change }], [''])).toThrow(
    expect.objectContaining({
      message: 'is a folder',
      context: { host: 'worker01', task: 't1', resource: 'word r', hint: 'move it away' },
    }),
  );
});

test('each resource warns of its own state, with nothing to change', () => {
  const link = (name: string): Resource<string> => ({
    ...word(name, ''),
    warnings: (now) => (now === '' ? [{ message: `no ${name}`, hint: 'plug it in' }] : []),
  });
  const wanted = wantedBy([link('a'), link('b'), word('c', '')]);
  expect(warningsOf(wanted, ['there', '', ''], 'worker01')).toEqual([
    { ...wanted[1], message: 'no b', hint: 'plug it in' },
  ]);
});
