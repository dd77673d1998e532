import { keyOf } from '../contract/task.ts';
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
