import { asHostError, type HostError } from '../contract/errors.ts';
import type { Host } from '../contract/inventory.ts';
import type { ReadyPlay, Task } from '../contract/task.ts';
import type { HostOutcome, HostSummary, Report } from '../events/event.ts';
import { hostFailed } from '../events/view.ts';
import { groupsAsked } from '../plan/lab_facts.ts';
import { isChange, type Plan } from '../plan/plan.ts';
import type { HostAnswers } from '../plan/plan_host.ts';
import { type HandlersLeft, type HostWork, NO_HANDLERS_LEFT } from './converge.ts';
import type { RunOptions } from './options.ts';

/** What a run knows of one host. */
export interface HostRun {
  readonly host: Host;
  readonly limited: 'inside' | 'outside';
  work?: HostWork;
  answers?: HostAnswers;
  plan?: Plan;
  /** Ids of what waits until somebody is gone. */
  deferred: ReadonlySet<string>;
  handlersLeft: HandlersLeft;
  /** The plays that have done all they had to do. */
  readonly applied: Set<ReadyPlay>;
  changes: number;
  /** Actions that were run. */
  ran: number;
  handlers: number;
  outcome: HostOutcome;
  failure?: HostError;
  /** The play in which it was found to be lost. */
  lostIn?: ReadyPlay;
}

/** The hosts of a run: those inside the limit, and those outside that it looks at. */
export function hostRuns({ inventory, plays }: RunOptions): ReadonlyMap<string, HostRun> {
  const inside = new Set(plays.flatMap(({ hosts }) => hosts));
  const asked = new Set(
    allTasks(plays)
      .flatMap(groupsAsked)
      .flatMap((group) => inventory.lab.groups[group] ?? []),
  );
  const runs = new Map<string, HostRun>();
  for (const host of inventory.hosts.values()) {
    const hasTasks = tasksOf(host.name, plays).length > 0;
    if (!hasTasks && !asked.has(host.name)) continue;
    const limited = hasTasks && inside.has(host.name) ? 'inside' : 'outside';
    const none = {
      changes: 0,
      ran: 0,
      handlers: 0,
      deferred: new Set<string>(),
      applied: new Set<ReadyPlay>(),
      handlersLeft: NO_HANDLERS_LEFT,
    };
    runs.set(host.name, { host, limited, ...none, outcome: 'unchanged' });
  }
  return runs;
}

/** The tasks of all hosts of all plays. */
export function allTasks(plays: readonly ReadyPlay[]): readonly Task[] {
  return plays.flatMap(({ tasks }) => [...tasks.values()].flat());
}

/** The tasks of a host over all plays. */
export function tasksOf(host: string, plays: readonly ReadyPlay[]): readonly Task[] {
  return plays.flatMap((play) => play.tasks.get(host) ?? []);
}

/** Whether the run has changed anything on a host, or may have by an action. */
export function wasChanged({ changes, ran, handlers }: HostRun): boolean {
  return changes + ran + handlers > 0;
}

/** Whether a host is lost for the rest of the run. */
export function broken(hostRun: HostRun | undefined): boolean {
  return hostRun?.outcome === 'failed' || hostRun?.outcome === 'unreachable';
}

/** Notes that a host has failed, and reports it; one that was left because of a stop has not. */
export function fail(hostRun: HostRun, error: unknown, { report, stacks }: RunOptions): void {
  const { name } = hostRun.host;
  const failure = asHostError(error, name, stacks);
  if (failure.code === 'interrupted') {
    hostRun.outcome = 'interrupted';
    return;
  }
  hostRun.outcome = failure.kind;
  hostRun.failure = failure;
  report(hostFailed(name, failure));
}

/** Leaves hosts out of the rest of the run; those that failed keep their failure. */
export function skip(
  hosts: readonly string[],
  runs: ReadonlyMap<string, HostRun>,
  reason: string,
  report: Report,
): void {
  for (const hostRun of hosts.flatMap((name) => runs.get(name) ?? [])) {
    if (broken(hostRun) || hostRun.outcome === 'skipped') continue;
    hostRun.outcome = 'skipped';
    report({ type: 'host-skipped', host: hostRun.host.name, reason });
  }
}

/** How a host stands at the end. */
export function summary({
  host,
  outcome,
  changes,
  ran,
  handlers,
  deferred,
  plan,
  work,
}: HostRun): HostSummary {
  const wouldChange = outcome === 'would change';
  const wouldRun = plan?.changes.filter(({ change }) => change.runs).length ?? 0;
  const planned = plan?.changes.filter(isChange).length ?? 0;
  return {
    host: host.name,
    outcome,
    changes: wouldChange
      ? planned + (plan?.ledger.pendingHandlers.filter(({ left }) => !left).length ?? 0)
      : changes + handlers,
    runs: wouldChange ? wouldRun : ran,
    pending: wouldChange ? (plan?.pending.length ?? 0) : 0,
    deferred: deferred.size,
    scripts: work?.session.cost.scripts ?? 0,
  };
}
