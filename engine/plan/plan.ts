import type { HostView, LabView } from '../contract/module.ts';
import type { RunQueries } from '../contract/query.ts';
import type { Change, Resource, Warning } from '../contract/resource.ts';
import { entryOf, type Task } from '../contract/task.ts';
import type { Ledger } from '../script/ledger.ts';
import type { LabFacts } from './lab_facts.ts';
import type { Memory } from './memory.ts';

/** One resource of one task that is not as it should be. */
export interface PlannedChange {
  readonly task: Task;
  readonly resource: Resource;
  readonly change: Change;
}

/** A task of which something cannot be known before its earlier resources are made. */
export interface PendingTask {
  readonly task: Task;
  readonly reason: string;
  /** Set where no later task of the play may be made before it is known. */
  readonly holds?: true;
}

/** A change that is not made now, because it would cut somebody off. */
export interface DeferredChange extends PlannedChange {
  readonly reason: string;
}

/** What an admin should know of a resource, though nothing is changed for it. */
export interface PlanWarning extends Warning {
  readonly task: Task;
  readonly resource: Resource;
}

/** What an apply would do on one host; empty means that nothing is left to do. */
export interface Plan {
  readonly changes: readonly PlannedChange[];
  readonly pending: readonly PendingTask[];
  readonly deferred: readonly DeferredChange[];
  readonly warnings: readonly PlanWarning[];
  /** Ids of all resources that were read. */
  readonly read: ReadonlySet<string>;
  /** The tasks that the plan is about, those among them that were late as what they stand for. */
  readonly tasks: readonly Task[];
  /** By task, what other hosts answered; the plan holds as long as they would say it again. */
  readonly heard: ReadonlyMap<Task, string>;
  readonly ledger: Ledger;
}

/** A host and what a plan of it is made with. */
export interface PlanInput {
  readonly host: HostView;
  readonly lab: LabView;
  readonly ask: RunQueries;
  readonly labFacts: LabFacts;
  /** Whether a change that would cut somebody off waits until he is gone. */
  readonly inUse: 'wait' | 'kick';
  /** What was found in this run before; nothing unless set. */
  readonly memory?: Memory;
}

/** Whether nothing is left to do but what waits for somebody, or for a handler of another playbook. */
export function isEmpty({ changes, pending, ledger }: Plan): boolean {
  return (
    changes.length === 0 && pending.length === 0 && ledger.pendingHandlers.every(({ left }) => left)
  );
}

/** Whether a change alters the host: it is no action, and not what the run keeps there for itself. */
export function isChange({ change }: Pick<PlannedChange, 'change'>): boolean {
  return !change.runs && !change.isBookkeeping;
}

/** The changes that may be made before anything more is known: those before the first task that holds back the rest. */
export function makeable(
  { changes, pending }: Plan,
  entries: readonly Task[],
): readonly PlannedChange[] {
  const order = new Map(entries.map((entry, i) => [entryOf(entry), i]));
  const at = (task: Task): number => order.get(entryOf(task)) ?? 0;
  const held = pending.filter(({ holds }) => holds).map(({ task }) => at(task));
  const reach = Math.min(...held);
  return held.length === 0 ? changes : changes.filter(({ task }) => at(task) < reach);
}
