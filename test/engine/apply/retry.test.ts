import { expect, test } from 'vitest';
import { StepFailed } from '../../../engine/apply/caught.ts';
import { pause, pauseBeforeRetry } from '../../../engine/apply/retry.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import { keyOf } from '../../../engine/contract/task.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import type { Plan, PlannedChange } from '../../../engine/plan/plan.ts';
import { taskOf } from '../../support/task.ts';

const task = { ...taskOf('flaky', () => []), retries: 2, delay: 0 };
const planned = { task, resource: { id: 'file a' }, change: {} } as unknown as PlannedChange;
const plan = { changes: [planned] } as unknown as Plan;
const failure = new StepFailed(planned, 'it ended with status 1', { host: 'here' });

function context(stop = new AbortController().signal) {
  return { failures: new Map<string, number>(), memory: newMemory(), stop };
}

test('a task is tried again as often as it says, then its failure stands', async () => {
  const given = context();
  for (const attempts of [1, 2]) {
    given.memory.attempts.set(keyOf(task), attempts);
    await pauseBeforeRetry(failure, plan, given);
  }
  given.memory.attempts.set(keyOf(task), 3);
  await expect(pauseBeforeRetry(failure, plan, given)).rejects.toBe(failure);
});

test('another failure, and one of a task that is not planned, stands at once', async () => {
  const other = new HostError('failed', 'module-error', 'a bug', { host: 'here' });
  await expect(pauseBeforeRetry(other, plan, context())).rejects.toBe(other);
  const unknown = new StepFailed({ ...planned }, 'x', { host: 'here' });
  await expect(pauseBeforeRetry(unknown, plan, context())).rejects.toBe(unknown);
});

test('a stop ends the pause, and the failure stands', async () => {
  const stop = new AbortController();
  const slow = { ...planned, task: { ...task, delay: 3600 } };
  const slowFailure = new StepFailed(slow, 'it ended with status 1', { host: 'here' });
  const trying = pauseBeforeRetry(slowFailure, { ...plan, changes: [slow] }, context(stop.signal));
  stop.abort();
  await expect(trying).rejects.toBe(slowFailure);
  await pause(3600, stop.signal);
});
