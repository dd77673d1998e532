import { askThrough } from './ask.ts';
import { HostError } from './errors.ts';
import { execute } from './execute.ts';
import type { LabFacts } from './lab_facts.ts';
import type { HostView, LabView } from './module.ts';
import { isEmpty, type Plan, type PlanInput, type PlannedChange, planHost } from './plan.ts';
import type { Task } from './playbook/task.ts';
import type { Report } from './report/event.ts';
import { hostPlanned } from './report/view.ts';
import type { Holder } from './script.ts';
import type { Session } from './transport/transport.ts';

/** One host and how to work on it. */
export interface HostWork {
  readonly host: HostView;
  readonly lab: LabView;
  readonly labFacts: LabFacts;
  readonly session: Session;
  readonly report: Report;
  readonly holder: Holder;
  readonly stop: AbortSignal;
}

/** How a host stands after its tasks were applied; a failure is thrown instead. */
export interface Converged {
  readonly changed: readonly PlannedChange[];
  readonly reactions: number;
  /** Ids of resources and reactions that wait until somebody is gone. */
  readonly waiting: readonly string[];
  readonly end: 'converged' | 'stopped';
}

/** With what a host is planned. */
export function planInput({ host, lab, labFacts, session, holder }: HostWork): PlanInput {
  return { host, lab, labFacts, ask: askThrough(session, host.name), inUse: holder.inUse };
}

/** Reads a host and says what is left to do; a dry run ends here. */
export function readPlan(tasks: readonly Task[], work: HostWork): Promise<Plan> {
  return planHost(tasks, planInput(work));
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
  const { host, labFacts, report, holder, session, stop } = work;
  const changed: PlannedChange[] = [];
  const failures = new Map<Task, number>();
  const putOff = new Set<string>();
  let reactions = 0;
  let plan = first && !onlyWaits(first) ? first : await readPlan(tasks, work);
  const ending = (end: Converged['end']): Converged => {
    const waiting = [...plan.waiting.map(({ resource }) => resource.id), ...putOff];
    return { changed, reactions, waiting, end };
  };
  for (let round = 1; !isEmpty(plan); round += 1) {
    if (plan !== first) report(hostPlanned(host.name, round, plan));
    refuseEndless(plan, changed, host.name);
    if (stop.aborted) return ending('stopped');
    labFacts.outdate(host.name);
    try {
      const execution = await execute(plan.changes, plan.ledger.owed, {
        session,
        host: host.name,
        holder,
        report,
        stop,
      });
      changed.push(...execution.done);
      for (const id of execution.putOff) putOff.add(id);
      reactions += plan.ledger.owed.filter(({ id }) => !putOff.has(id)).length;
      if (execution.end === 'stopped') return ending('stopped');
    } catch (error) {
      await pauseBeforeRetry(error, plan, failures);
    }
    plan = withoutOwed(await readPlan(tasks, work), putOff);
  }
  return ending('converged');
}

/** What was put off once is left to the next run. */
function withoutOwed(plan: Plan, putOff: ReadonlySet<string>): Plan {
  const owed = plan.ledger.owed.filter(({ id }) => !putOff.has(id));
  return { ...plan, ledger: { ...plan.ledger, owed } };
}

/** What it waits for may have been brought by another host since it was planned. */
function onlyWaits({ pending, changes, ledger }: Plan): boolean {
  return pending.length > 0 && changes.length === 0 && ledger.owed.length === 0;
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
  if (waiting && onlyWaits(plan)) {
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
