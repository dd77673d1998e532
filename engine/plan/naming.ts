import { HostError, InvalidInput } from '../contract/errors.ts';
import { saidBy } from '../contract/module_error.ts';
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
    const context = { host, task: task.label, resource };
    const [mistake] = error instanceof InvalidInput ? error.diagnostics : [];
    if (mistake) {
      const { message, hint, place } = mistake;
      const said = `${message} (${place ? `${place.file}:${place.line}` : where(task)})`;
      throw new HostError('failed', 'task-mistake', said, { ...context, hint });
    }
    if (isRefused(error)) {
      const { message, hint } = error;
      throw new HostError('failed', 'module-refused', message, { ...context, hint });
    }
    const message = saidBy(error, task.module.name);
    throw new HostError('failed', 'module-error', message, context, { cause: error });
  }
}

/** Where a task stands, for a sentence. */
export function where({ place }: Task): string {
  return `${place.file}:${place.line}`;
}
