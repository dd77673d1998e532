import { expect, test } from 'vitest';
import { isEmpty, type Plan } from '../../../engine/plan/plan.ts';
import { parseLedger } from '../../../engine/script/ledger.ts';
import { taskOf } from '../../support/task.ts';

const change = { before: '', after: 'x', steps: [] };
const resource = { id: 'word a', probe: '', parse: String, change: () => change };
const task = taskOf('t', () => [resource]);
const nothing: Plan = {
  changes: [],
  tasks: [],
  pending: [],
  deferred: [],
  warnings: [],
  read: new Set(['word a']),
  heard: new Map(),
  ledger: parseLedger('lock 1:2:ZXZl'),
};

test('a plan is empty although somebody is waited for, warned of, or has locked the host', () => {
  const reason = '192.0.2.9 is connected';
  expect(isEmpty(nothing)).toBe(true);
  expect(isEmpty({ ...nothing, deferred: [{ task, resource, change, reason }] })).toBe(true);
  expect(isEmpty({ ...nothing, warnings: [{ task, resource, message: reason }] })).toBe(true);
});

test.each<[string, Partial<Plan>]>([
  ['a change', { changes: [{ task, resource, change }] }],
  ['a task that is pending', { pending: [{ task, reason: 'not installed yet' }] }],
  [
    'a handler that an earlier run left pending',
    {
      ledger: {
        ...nothing.ledger,
        pendingHandlers: [{ id: 'restart x', script: 'true', since: 'eve', entry: 'x' }],
      },
    },
  ],
])('%s is something to do', (_, more) => {
  expect(isEmpty({ ...nothing, ...more })).toBe(false);
});
