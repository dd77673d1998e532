import { keyOf } from '../contract/task.ts';
import { NotThereYet } from '../plan/known.ts';
import type { Memory } from '../plan/memory.ts';
import type { Plan } from '../plan/plan.ts';
import { failedTask } from './caught.ts';

/** Lets a failed task with `retries` left be tried again, after its delay or one that grows, unless a stop comes; rethrows otherwise. */
export async function pauseBeforeRetry(
  error: unknown,
  plan: Plan,
  {
    failures,
    memory,
    stop,
  }: {
    readonly failures: Map<string, number>;
    readonly memory: Memory;
    readonly stop: AbortSignal;
  },
): Promise<void> {
  const task = failedTask(error, plan);
  if (!task) throw error;
  const key = keyOf(task);
  const count = (failures.get(key) ?? 0) + 1;
  const isGivenUp = (memory.attempts.get(key) ?? 0) > task.retries;
  if (count > task.retries || isGivenUp) throw error;
  failures.set(key, count);
  await pause(task.delay ?? Math.min(count, 10), stop);
  if (stop.aborted) throw error;
}

/** Makes a plan, and makes it anew while a task that reads does not find what it waits for, as often as that says. */
export async function planPatiently(
  plan: () => Promise<Plan>,
  { memory, stop }: { readonly memory: Memory; readonly stop: AbortSignal },
): Promise<Plan> {
  for (;;) {
    try {
      return await plan();
    } catch (error) {
      if (!(error instanceof NotThereYet)) throw error;
      const { task } = error;
      const looked = (memory.attempts.get(keyOf(task)) ?? 0) + 1;
      memory.attempts.set(keyOf(task), looked);
      if (stop.aborted || (looked > task.retries && !task.flow?.ignoreErrors)) throw error;
      if (looked <= task.retries) await pause(task.delay ?? 5, stop);
    }
  }
}

/** Waits for so long, or until a stop. */
export function pause(seconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, seconds * 1000);
    stop.addEventListener('abort', end);
    if (stop.aborted) end();
  });
}
