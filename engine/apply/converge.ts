import { HostError } from '../contract/errors.ts';
import type { HostView, LabView } from '../contract/module.ts';
import type { Task } from '../contract/task.ts';
import type { Session } from '../contract/transport.ts';
import type { Report } from '../events/event.ts';
import { hostPlanned } from '../events/view.ts';
import type { LabFacts } from '../plan/lab_facts.ts';
import { isEmpty, type Plan, type PlanInput, type PlannedChange } from '../plan/plan.ts';
import { planHost } from '../plan/plan_host.ts';
import type { Holder } from '../script/apply_script.ts';
import { askThrough } from '../transport/ask.ts';
import { type Execution, execute } from './execute.ts';

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
  readonly debts: Debts;
  readonly end: 'converged' | 'stopped';
}

/** Reactions that a run has tried and that stay owed. */
export interface Debts {
  /** Ids of those that would cut somebody off: they are left to the next run. */
  readonly putOff: ReadonlySet<string>;
  /** Those of earlier runs that failed, by id: what makes them fail may be mended by a later play. */
  readonly unpaid: ReadonlyMap<string, HostError>;
}

/** Of a host on which no reaction was tried yet. */
export const NO_DEBTS: Debts = { putOff: new Set(), unpaid: new Map() };

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
 * is wanted again, a resource that is wanted otherwise each time, and a task that waits for nothing
 * that happens, are errors. So is a reaction that
 * fails, but for debts of earlier runs: those are given back, to be tried again after other changes.
 */
export async function converge(
  tasks: readonly Task[],
  first: Plan | undefined,
  work: HostWork,
  before: Debts = NO_DEBTS,
): Promise<Converged> {
  const { host, labFacts, report, holder, session, stop } = work;
  const changed: PlannedChange[] = [];
  const failures = new Map<Task, number>();
  const putOff = new Set(before.putOff);
  const unpaid = new Map(before.unpaid);
  let reactions = 0;
  const known = first && payable(first);
  const fresh = known && !onlyWaits(known) ? known : undefined;
  let plan = fresh ?? payable(await readPlan(tasks, work));
  function ending(end: Converged['end']): Converged {
    const waiting = [...plan.waiting.map(({ resource }) => resource.id), ...putOff];
    return { changed, reactions, waiting, debts: { putOff, unpaid }, end };
  }
  /** What was put off is left to the next run; what failed is worth a try only after changes. */
  function payable(whole: Plan): Plan {
    const owed = whole.ledger.owed.filter(
      ({ id }) => !putOff.has(id) && (whole.changes.length > 0 || !unpaid.has(id)),
    );
    return { ...whole, ledger: { ...whole.ledger, owed } };
  }
  let repeats = 0;
  for (let round = 1; !isEmpty(plan); round += 1) {
    if (plan !== fresh) report(hostPlanned(host.name, round, plan));
    refuseEndless(plan, changed, host.name);
    repeats = countRepeats(repeats, plan, changed, host.name);
    if (stop.aborted) return ending('stopped');
    labFacts.outdate(host.name);
    const { changes, ledger } = plan;
    try {
      const failed = new Set(unpaid.keys());
      const context = { session, host: host.name, holder, report, stop };
      const execution = await execute({ changes, owed: ledger.owed, failed }, context);
      changed.push(...execution.done);
      reactions += ledger.owed.filter(({ id }) => execution.paid.has(id)).length;
      for (const id of execution.paid) {
        unpaid.delete(id);
        putOff.delete(id);
      }
      for (const [id, error] of execution.unpaid) unpaid.set(id, error);
      for (const id of execution.putOff) putOff.add(id);
      refuseUnpaid(execution.unpaid, plan, holder);
      if (execution.end === 'stopped') return ending('stopped');
    } catch (error) {
      await pauseBeforeRetry(error, plan, failures);
    }
    plan = payable(await readPlan(tasks, work));
  }
  reportProved(changed, plan, work);
  return ending('converged');
}

/** A reaction that this run owes must be paid by it; debts of earlier runs may wait for a later play. */
function refuseUnpaid(
  unpaid: Execution['unpaid'],
  { changes, ledger }: Plan,
  { text }: Holder,
): void {
  const caused = changes.flatMap(({ change }) => change.onChange ?? []);
  const isOld = (id: string): boolean =>
    ledger.owed.some((debt) => debt.id === id && debt.since !== text) &&
    !caused.some((reaction) => reaction.id === id);
  for (const [id, error] of unpaid) if (!isOld(id)) throw error;
}

/** The last read found nothing to change; what a changed resource proves by that is told, if it was read at all. */
function reportProved(
  changed: readonly PlannedChange[],
  { read }: Plan,
  { host: { name: host }, report }: HostWork,
): void {
  for (const { task, resource, change } of changed) {
    if (change.proves === undefined) continue;
    if (!read.has(resource.id)) {
      throw new HostError(
        'failed',
        'not-proved',
        `${resource.id} was changed, and the read after it says nothing of it`,
        { host, task: task.label, resource: resource.id, hint: 'run it again' },
      );
    }
    report({ type: 'check-passed', host, check: change.proves });
  }
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

/**
 * How many rounds in a row change only what this run has made before, each time otherwise; refuses the second.
 *
 * One such round is right: what others brought before it, such as a version, may be what was missing.
 */
function countRepeats(
  before: number,
  { changes }: Plan,
  made: readonly PlannedChange[],
  host: string,
): number {
  const ids = new Set(made.map(({ resource }) => resource.id));
  const [first] = changes;
  if (!first || changes.some(({ resource }) => !ids.has(resource.id))) return 0;
  if (before === 0) return 1;
  const { task, resource } = first;
  const message = `${resource.id} is wanted otherwise at each read: the task does not converge`;
  throw new HostError('failed', 'does-not-converge', message, {
    host,
    task: task.label,
    resource: resource.id,
    hint: 'what a module wants must not depend on what it has just written, on the time or on chance',
  });
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
