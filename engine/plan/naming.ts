import { HostError } from '../contract/errors.ts';
import { isRefused } from '../contract/resource.ts';
import type { Task } from '../contract/task.ts';

/** Gives an error of a module or a resource the names of host, task and resource. */
export function naming<T>(
  host: string,
  task: Task,
  resource: string | undefined,
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof HostError) throw error;
    const hint = isRefused(error) ? error.hint : undefined;
    const message = error instanceof Error ? error.message : String(error);
    const code = isRefused(error) ? 'module-refused' : 'module-error';
    throw new HostError('failed', code, message, { host, task: task.label, resource, hint });
  }
}

/** Where a task stands, for a sentence. */
export function where({ place }: Task): string {
  return `${place.file}:${place.line}`;
}
