import { expect, test } from 'vitest';
import {
  broken,
  fail,
  type HostRun,
  hostRuns,
  skip,
  summary,
  tasksOf,
} from '../../../engine/apply/host_run.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { LabFact } from '../../../engine/contract/module.ts';
import type { ReadyPlay } from '../../../engine/contract/task.ts';
import type { Plan } from '../../../engine/plan/plan.ts';
import { ofType } from '../../support/program.ts';
import { events, inventoryOf, optionsOf, play, wants } from '../../support/run_plays.ts';
import { taskOf } from '../../support/task.ts';

function runsOf(
  plays: readonly ReadyPlay[],
  names: readonly string[],
  groups: Readonly<Record<string, readonly string[]>> = {},
): ReadonlyMap<string, HostRun> {
  const inventory = inventoryOf(names);
  const lab = { ...inventory.lab, groups: { ...inventory.lab.groups, ...groups } };
  return hostRuns(optionsOf(plays, { ...inventory, lab }));
}

function hostRun(name = 'a'): HostRun {
  const [run] = runsOf([play('p', [name])], [name]).values();
  return run ?? expect.unreachable('the host has a task');
}

const options = () => optionsOf([], inventoryOf([]));

test('hosts that the limit leaves out are looked at where they have tasks or are asked something, and no others', () => {
  const asked: LabFact = { of: 'database', probe: 'version', parse: String };
  const asks = taskOf('asks', () => [], { facts: { asked } });
  const tasks = new Map([
    ['idle', []],
    ['m', [asks]],
    ['w', [wants('p')]],
  ]);
  const runs = runsOf([play('p', ['m', 'idle'], { tasks })], ['db', 'idle', 'm', 'w', 'z'], {
    database: ['db', 'idle', 'gone'],
  });
  expect([...runs.values()].map(({ host, limited }) => `${host.name} ${limited}`)).toEqual([
    'db outside',
    'idle outside',
    'm inside',
    'w outside',
  ]);
});

test('a host that one play leaves out and another does not is inside; its tasks are those of all plays, in order', () => {
  const [first, second] = [wants('first'), wants('second')];
  const plays = [
    play('first', ['b'], { tasks: new Map([['a', [first]]]) }),
    play('second', ['a'], { tasks: new Map([['a', [second]]]) }),
  ];
  expect(runsOf(plays, ['a', 'b']).get('a')?.limited).toBe('inside');
  expect(tasksOf('a', plays)).toEqual([first, second]);
});

test('a failure is kept and told, and says whether the host was reached', () => {
  const lost = new HostError('unreachable', 'timeout', 'no sign of life', { host: 'a' });
  const [unreached, odd] = [hostRun(), hostRun()];
  fail(unreached, lost, options());
  expect([unreached.outcome, unreached.failure, broken(unreached)]).toEqual([
    'unreachable',
    lost,
    true,
  ]);
  fail(odd, 'a string', options());
  expect([odd.outcome, odd.failure?.code, broken(odd)]).toEqual(['failed', 'unexpected', true]);
  expect(ofType(events, 'host-failed').map(({ failure }) => failure.code)).toEqual([
    'timeout',
    'unexpected',
  ]);
  expect(broken(undefined)).toBe(false);
});

test('who is skipped keeps a failure that it has, and is told once', () => {
  const [good, bad] = [hostRun('a'), hostRun('b')];
  const runs = new Map([
    ['a', good],
    ['b', bad],
  ]);
  fail(bad, new HostError('failed', 'step-failed', 'no', { host: 'b' }), options());
  for (const reason of ['first', 'second']) skip(['a', 'b'], runs, reason, options().report);
  expect([good.outcome, bad.outcome]).toEqual(['skipped', 'failed']);
  expect(ofType(events, 'host-skipped')).toEqual([
    { type: 'host-skipped', host: 'a', reason: 'first' },
  ]);
});

test('a host that would change counts what is planned and pending, and one that was changed what was made', () => {
  const change = { task: wants('p'), resource: {}, change: {} };
  const plan = {
    changes: [change, change],
    pending: [{ task: wants('p'), reason: 'not yet' }],
    ledger: { pendingHandlers: [{ id: 'restart x' }] },
  } as unknown as Plan;
  const run = { ...hostRun(), plan, deferred: new Set(['x']) };
  expect(summary({ ...run, outcome: 'would change' })).toEqual({
    ...{
      host: 'a',
      outcome: 'would change',
      changes: 3,
      runs: 0,
      pending: 1,
      deferred: 1,
      scripts: 0,
    },
  });
  expect(summary({ ...run, outcome: 'changed', changes: 4, handlers: 2 })).toMatchObject({
    ...{ changes: 6, pending: 0 },
  });
});
