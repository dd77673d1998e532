import { expect, test } from 'vitest';
import { countRepeats, onlyPending, refuseEndless } from '../../../engine/apply/endless.ts';
import type { Change } from '../../../engine/contract/resource.ts';
import type { Plan, PlannedChange } from '../../../engine/plan/plan.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { taskOf } from '../../support/task.ts';

function change(id: string, after: string): PlannedChange {
  const task = taskOf('task', () => []);
  const resource = { id, probe: '', parse: String, change: () => undefined };
  const planned: Change = { before: '', after, steps: [{ title: after, script: after }] };
  return { task, resource, change: planned };
}

function failureOf(work: () => unknown) {
  return hostErrorOf(Promise.resolve().then(work));
}

function plan(more: Partial<Plan>): Plan {
  const ledger = { pendingHandlers: [], unreadable: [], format: 1 };
  return { changes: [], pending: [], ledger, ...more } as unknown as Plan;
}

test('the same change after it was made is refused, another of the same thing is not', async () => {
  const made = [change('file a', 'one')];
  const again = plan({ changes: [change('file a', 'one')] });
  const { code } = await failureOf(() => refuseEndless(again, made, 'here'));
  expect(code).toBe('does-not-converge');
  refuseEndless(plan({ changes: [change('file a', 'two')] }), made, 'here');
});

test('a task that waits is refused when nothing else is left to do', async () => {
  const task = taskOf('late', () => []);
  const waiting = plan({ pending: [{ task, reason: 'not yet' }] });
  expect(onlyPending(waiting)).toBe(true);
  const { code } = await failureOf(() => refuseEndless(waiting, [], 'here'));
  expect(code).toBe('no-progress');
  refuseEndless(plan({ pending: waiting.pending, changes: [change('b', 'x')] }), [], 'here');
});

test('a thing that is wanted otherwise at each read is refused the second time', async () => {
  const made = [change('file a', 'one')];
  const other = plan({ changes: [change('file a', 'two')] });
  expect(countRepeats(0, other, made, 'here')).toBe(1);
  expect(countRepeats(1, plan({ changes: [change('file b', 'x')] }), made, 'here')).toBe(0);
  const { code } = await failureOf(() => countRepeats(1, other, made, 'here'));
  expect(code).toBe('does-not-converge');
});
