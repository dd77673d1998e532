import { HostError } from '../contract/errors.ts';
import type { HostView, LabView } from '../contract/module.ts';
import type { Task } from '../contract/task.ts';
import type { Session } from '../contract/transport.ts';
import type { Report } from '../events/event.ts';
import { hostPlanned } from '../events/view.ts';
import type { LabFacts } from '../plan/lab_facts.ts';
import type { Memory } from '../plan/memory.ts';
import {
  isChange,
  isEmpty,
  makeable,
  type Plan,
  type PlanInput,
  type PlannedChange,
} from '../plan/plan.ts';
import { planHost } from '../plan/plan_host.ts';
import type { PendingHandler } from '../script/ledger.ts';
import type { Holder } from '../script/lock.ts';
import type { Redact } from '../script/redact.ts';
import { queryThrough } from '../transport/query_through.ts';
import { failedTask, isCaught } from './caught.ts';
import { countRepeats, onlyPending, refuseEndless } from './endless.ts';
import { type Execution, execute, type Progress } from './execute.ts';
import { pause, pauseBeforeRetry, planPatiently } from './retry.ts';

/** One host and how to work on it. */
export interface HostWork {
  readonly host: HostView;
  readonly lab: LabView;
  readonly labFacts: LabFacts;
  readonly session: Session;
  readonly report: Report;
  readonly holder: Holder;
  readonly stop: AbortSignal;
  /** What this run has found on the host so far. */
  readonly memory: Memory;
  /** Masks secrets in what is kept on the host; none unless set. */
  readonly redact?: Redact | undefined;
  /** Told what was made, also by a script that failed. */
  readonly onMade?: (made: Made) => void;
}

/** How much a script has made. */
export interface Made {
  readonly changes: number;
  /** Actions, which are no changes of a state. */
  readonly ran: number;
  readonly handlers: number;
}

/** How a host stands after its tasks were applied; a failure is thrown instead. */
export interface Converged {
  readonly changed: readonly PlannedChange[];
  readonly handlers: number;
  /** Ids of resources and handlers that wait until somebody is gone. */
  readonly deferred: readonly string[];
  readonly handlersLeft: HandlersLeft;
  readonly end: 'converged' | 'stopped';
}

/** Handlers that a run has tried and that stay pending. */
export interface HandlersLeft {
  /** Ids of those that would cut somebody off: they are left to the next run. */
  readonly deferredHandlers: ReadonlySet<string>;
  /** Those of earlier runs that failed, by id: what makes them fail may be fixed by a later play. */
  readonly unfinished: ReadonlyMap<string, HostError>;
}

/** Of a host on which no handler was tried yet. */
export const NO_HANDLERS_LEFT: HandlersLeft = {
  deferredHandlers: new Set(),
  unfinished: new Map(),
};

/** With what a host is planned. */
export function planInput(work: HostWork): PlanInput {
  const { host, lab, labFacts, session, holder, stop, memory } = work;
  const ask = queryThrough(session, host.name, stop);
  return { host, lab, labFacts, ask, inUse: holder.inUse, memory };
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
 * that happens, are errors. So is a handler that
 * fails, but for handlers that earlier runs left pending: those are given back, to be tried again after other changes.
 */
export async function converge(
  tasks: readonly Task[],
  first: Plan | undefined,
  work: HostWork,
  before: HandlersLeft = NO_HANDLERS_LEFT,
): Promise<Converged> {
  const { host, labFacts, report, holder, session, stop, memory, redact } = work;
  const changed: PlannedChange[] = [];
  const failures = new Map<string, number>();
  const deferredHandlers = new Set(before.deferredHandlers);
  const unfinished = new Map(before.unfinished);
  let handlers = 0;
  const known = first && runnable(first);
  const fresh = known && !onlyPending(known) ? known : undefined;
  let plan: Plan | undefined = fresh ?? (await read());
  function ending(end: Converged['end']): Converged {
    const deferred = [
      ...(plan?.deferred ?? []).map(({ resource }) => resource.id),
      ...deferredHandlers,
    ];
    return { changed, handlers, deferred, handlersLeft: { deferredHandlers, unfinished }, end };
  }
  /** What was put off is left to the next run; what failed is worth a try only after changes. */
  function runnable(whole: Plan): Plan {
    const pendingHandlers = whole.ledger.pendingHandlers.filter(
      ({ id, left }) =>
        !left && !deferredHandlers.has(id) && (whole.changes.length > 0 || !unfinished.has(id)),
    );
    return { ...whole, ledger: { ...whole.ledger, pendingHandlers } };
  }
  /** Nothing when a stop came before the host had answered. */
  async function read(): Promise<Plan | undefined> {
    try {
      return runnable(await planPatiently(() => readPlan(tasks, work), work));
    } catch (error) {
      if (error instanceof HostError && error.code === 'interrupted') return undefined;
      throw error;
    }
  }
  function tally({ done, completed }: Progress, old: readonly PendingHandler[]): void {
    const made = old.filter(({ id }) => completed.has(id)).length;
    changed.push(...done);
    handlers += made;
    const ran = done.filter(({ change }) => change.runs).length;
    const changes = done.filter(isChange).length;
    work.onMade?.({ changes, ran, handlers: made });
  }
  let repeats = 0;
  for (let round = 1; plan && !isEmpty(plan); round += 1) {
    if (plan !== fresh) report(hostPlanned(host.name, round, plan));
    const due = { ...plan, changes: upToJudged(makeable(plan, tasks)) };
    refuseEndless(due, changed, host.name);
    repeats = countRepeats(repeats, due, changed, host.name);
    if (stop.aborted) return ending('stopped');
    labFacts.outdate(host.name);
    const { changes, ledger } = due;
    try {
      const failed = new Set(unfinished.keys());
      const context = { session, host: host.name, holder, report, stop, memory };
      const { pendingHandlers } = ledger;
      const progress: Progress = { done: [], completed: new Set() };
      const execution = await execute(
        { changes, pendingHandlers, failed, redact },
        context,
        progress,
      ).finally(() => tally(progress, pendingHandlers));
      for (const id of execution.completed) {
        unfinished.delete(id);
        deferredHandlers.delete(id);
      }
      for (const [id, error] of execution.unfinished) unfinished.set(id, error);
      for (const id of execution.deferredHandlers) deferredHandlers.add(id);
      refuseUnfinished(execution.unfinished, due, holder);
      if (execution.end === 'stopped') return ending('stopped');
      if (execution.end === 'again') await pause(changes.at(-1)?.task.delay ?? 5, stop);
    } catch (error) {
      const failed = failedTask(error, due);
      if (!failed || !isCaught(failed, error, memory)) {
        await pauseBeforeRetry(error, due, { failures, memory, stop });
      }
    }
    plan = await read();
  }
  if (memory.failure) throw memory.failure;
  if (!plan) return ending('stopped');
  reportProved(changed, plan, work);
  return ending('converged');
}

/** The changes up to the first task that has to judge an action of its own before anything else is made. */
function upToJudged(changes: readonly PlannedChange[]): readonly PlannedChange[] {
  const judged = changes.find(({ task, change }) => change.runs && task.flow?.judge);
  const last = changes.findLastIndex(({ task }) => task === judged?.task);
  return judged ? changes.slice(0, last + 1) : changes;
}

/** A handler that this run caused must succeed in it; those that earlier runs left pending may wait for a later play. */
function refuseUnfinished(
  unfinished: Execution['unfinished'],
  { changes, ledger }: Plan,
  { text }: Holder,
): void {
  const caused = changes.flatMap(({ change }) => change.onChange ?? []);
  const isOld = (id: string): boolean =>
    ledger.pendingHandlers.some(
      (pendingHandler) => pendingHandler.id === id && pendingHandler.since !== text,
    ) && !caused.some((handler) => handler.id === id);
  for (const [id, error] of unfinished) if (!isOld(id)) throw error;
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
        `${resource.id} was changed, but reading it back returned no result`,
        { host, task: task.label, resource: resource.id, hint: 'run it again' },
      );
    }
    report({ type: 'proved', host, proof: change.proves });
  }
}
