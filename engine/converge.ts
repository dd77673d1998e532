import { askThrough } from './ask.ts';
import { HostError } from './errors.ts';
import { execute } from './execute.ts';
import type { HostView, LabView } from './module.ts';
import { isEmpty, type Plan, type PlannedChange, planHost } from './plan.ts';
import type { Task } from './playbook/task.ts';
import type { Report } from './report/event.ts';
import { hostPlanned } from './report/view.ts';
import type { Holder } from './script.ts';
import type { Session } from './transport/transport.ts';

/** One host and how to work on it. */
export interface HostWork {
  readonly host: HostView;
  readonly lab: LabView;
  readonly session: Session;
  readonly report: Report;
  readonly holder: Holder;
  readonly stop: AbortSignal;
}

/** How a host stands after its tasks were applied; a failure is thrown instead. */
export interface Converged {
  readonly changed: readonly PlannedChange[];
  readonly reactions: number;
  readonly end: 'converged' | 'stopped';
}

/** Reads a host and says what is left to do; a dry run ends here. */
export function readPlan(tasks: readonly Task[], work: HostWork): Promise<Plan> {
  const { host, lab, session } = work;
  return planHost(tasks, host, lab, askThrough(session, host.name));
}

/**
 * Makes a host right: executes the plan, reads again, and is done only when nothing is left.
 *
 * Rounds go on while tasks that waited for earlier ones come into sight. A change that was made and
 * is wanted again, and a task that waits for nothing that happens, are errors.
 */
export async function converge(
  tasks: readonly Task[],
  first: Plan | undefined,
  work: HostWork,
): Promise<Converged> {
  const { host, report, holder, session, stop } = work;
  const changed: PlannedChange[] = [];
  const failures = new Map<Task, number>();
  let reactions = 0;
  let plan = first ?? (await readPlan(tasks, work));
  for (let round = 1; !isEmpty(plan); round += 1) {
    if (first === undefined || round > 1) report(hostPlanned(host.name, round, plan));
    refuseEndless(plan, changed, host.name);
    if (stop.aborted) return { changed, reactions, end: 'stopped' };
    try {
      const { done, end } = await execute(plan.changes, plan.ledger.owed, {
        session,
        host: host.name,
        holder,
        report,
        stop,
      });
      changed.push(...done);
      reactions += plan.ledger.owed.length;
      if (end === 'stopped') return { changed, reactions, end };
    } catch (error) {
      await pauseBeforeRetry(error, plan, failures);
    }
    plan = await readPlan(tasks, work);
  }
  return { changed, reactions, end: 'converged' };
}

function refuseEndless(plan: Plan, made: readonly PlannedChange[], host: string): void {
  const again = plan.changes.find((planned) =>
    made.some((earlier) => effect(earlier) === effect(planned)),
  );
  if (again) {
    throw new HostError(
      'failed',
      'does-not-converge',
      `${again.resource.id} was made right and is wrong again: the task does not converge`,
      {
        host,
        task: again.task.label,
        resource: again.resource.id,
        hint: 'something on the host changes it back, or two tasks want it different',
      },
    );
  }
  const [waiting] = plan.pending;
  if (waiting && plan.changes.length === 0 && plan.ledger.owed.length === 0) {
    throw new HostError(
      'failed',
      'no-progress',
      `still cannot be planned after everything before it was made: ${waiting.reason}`,
      { host, task: waiting.task.label },
    );
  }
}

function effect({ resource, change }: PlannedChange): string {
  return JSON.stringify([resource.id, change.labels, change.after, change.steps]);
}

/** Lets a failed task with `retries` left be tried again, after a wait that grows; rethrows otherwise. */
async function pauseBeforeRetry(
  error: unknown,
  plan: Plan,
  failures: Map<Task, number>,
): Promise<void> {
  if (!(error instanceof HostError) || error.code !== 'step-failed') throw error;
  const failed = plan.changes.find(
    ({ task, resource }) =>
      task.label === error.context.task && resource.id === error.context.resource,
  );
  if (!failed) throw error;
  const count = (failures.get(failed.task) ?? 0) + 1;
  if (count > failed.task.retries) throw error;
  failures.set(failed.task, count);
  await new Promise((resolve) => setTimeout(resolve, Math.min(count, 10) * 1000));
}
