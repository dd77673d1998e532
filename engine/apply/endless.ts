import { HostError } from '../contract/errors.ts';
import { keyOf } from '../contract/task.ts';
import type { Plan, PlannedChange } from '../plan/plan.ts';

/** What it waits for may have been brought by another host since it was planned. */
export function onlyPending({ pending, changes, ledger }: Plan): boolean {
  return pending.length > 0 && changes.length === 0 && ledger.pendingHandlers.length === 0;
}

/** Refuses a change that is wanted again although it was made, and a task that waits for nothing that happens; actions may be alike. */
export function refuseEndless(plan: Plan, made: readonly PlannedChange[], host: string): void {
  const again = plan.changes.find(
    (planned) =>
      !planned.change.runs && made.some((earlier) => effect(earlier) === effect(planned)),
  );
  if (again) {
    throw new HostError(
      'failed',
      'does-not-converge',
      `${again.resource.id} was changed, but differs again: the task does not converge`,
      {
        host,
        task: again.task.label,
        resource: again.resource.id,
        hint: 'something on the host reverts it, or two tasks set it differently',
      },
    );
  }
  const [unplanned] = plan.pending;
  if (unplanned && onlyPending(plan)) {
    throw new HostError(
      'failed',
      'no-progress',
      `still cannot be planned after everything before it was applied: ${unplanned.reason}`,
      { host, task: unplanned.task.label },
    );
  }
}

/**
 * How many rounds in a row change only what this run has made before, each time otherwise; refuses the second.
 *
 * One such round is right: what others brought before it, such as a version, may be what was missing.
 */
export function countRepeats(
  before: number,
  { changes }: Plan,
  made: readonly PlannedChange[],
  host: string,
): number {
  const ids = new Set(made.map(({ resource }) => resource.id));
  const [first] = changes;
  if (!first || changes.some(({ resource, change }) => change.runs || !ids.has(resource.id)))
    return 0;
  if (before === 0) return 1;
  const { task, resource } = first;
  const message = `${resource.id} has a different desired state at each read: the task does not converge`;
  throw new HostError('failed', 'does-not-converge', message, {
    host,
    task: task.label,
    resource: resource.id,
    hint: 'desired state must not depend on what the module has just written, on the time or on randomness',
  });
}

/** Two tasks may run the same command, and each of them once. */
function effect({ task, resource, change }: PlannedChange): string {
  const by = change.runs && keyOf(task);
  const steps = change.steps.map(({ title, script }) => [title, script]);
  return JSON.stringify([by, resource.id, change.labels, change.after, steps]);
}
