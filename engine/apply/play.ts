import type { ReadyPlay, Task } from '../contract/task.ts';
import { heardTheSame } from '../plan/lab_facts.ts';
import { isEmpty, type Plan } from '../plan/plan.ts';
import { inParallel } from '../values/pool.ts';
import { converge } from './converge.ts';
import { refuseHandlersLeft } from './handlers_left.ts';
import { broken, fail, type HostRun, skip, wasChanged } from './host_run.ts';
import type { RunOptions } from './options.ts';
import { tryPaths } from './proofs.ts';

/** Applies one play, batch by batch; it ends where a host that it needs has failed, or too many of a batch have. */
export async function applyPlay(
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<void> {
  options.report({ type: 'play-started', play: play.name, hosts: play.hosts });
  for (const [name, hostRun] of runs) if (broken(hostRun)) hostRun.work?.labFacts.lose(name);
  for (const batch of play.batches) {
    const able = batch.flatMap((name) => runs.get(name) ?? []).filter((hostRun) => hostRun.work);
    const missing = missingOf(play.needs, runs);
    if (missing) {
      skip(able, `it needs ${missing}`, options.report);
      return;
    }
    await inParallel(able, options.forks, async (hostRun) => {
      await applyToHost(hostRun, play, runs, options);
      options.report({ type: 'host-applied', host: hostRun.host.name, play: play.name });
    });
    const failed = batch.filter((name) => broken(runs.get(name))).length;
    const rest = play.batches.slice(play.batches.indexOf(batch) + 1).flat();
    if (rest.length > 0 && (failed * 100) / batch.length > play.maxFailPercentage) {
      const reason = `${failed} of ${batch.length} hosts of the previous batch failed, more than max_fail_percentage (${play.maxFailPercentage})`;
      skip(
        rest.flatMap((name) => runs.get(name) ?? []),
        reason,
        options.report,
      );
      return;
    }
  }
}

async function applyToHost(
  hostRun: HostRun,
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<void> {
  const { work, host } = hostRun;
  const { stop, plays } = options;
  const tasks = play.tasks.get(host.name) ?? [];
  if (!work || broken(hostRun) || hostRun.outcome === 'skipped' || stop.aborted) return;
  const isLast = isLastPlay(play, host.name, plays);
  if (tasks.length === 0 && wasChanged(hostRun)) {
    if (isLast) refuseHandlersLeft(hostRun, options);
    return;
  }
  try {
    const planned = wasChanged(hostRun) ? undefined : ofTasks(hostRun.plan, tasks);
    const first = planned && (await heardTheSame(planned, work.labFacts)) ? planned : undefined;
    const { changed, handlers, deferred, handlersLeft, end } = await converge(
      tasks,
      first,
      work,
      hostRun.handlersLeft,
    );
    const stillDeferred = [...hostRun.deferred].filter(
      (id) => !hostRun.handlersLeft.deferredHandlers.has(id),
    );
    hostRun.deferred = new Set([...stillDeferred, ...deferred]);
    hostRun.handlersLeft = handlersLeft;
    if (changed.length + handlers > 0) hostRun.outcome = 'changed';
    if (end === 'converged') hostRun.applied.add(play);
    if (end === 'stopped') hostRun.outcome = 'interrupted';
    else if (isLast && refuseHandlersLeft(hostRun, options)) return;
    else if (anyChanged(runs)) await tryPaths(tasks, work, options);
  } catch (error) {
    fail(hostRun, error, options);
  }
}

/** Whether the first plan of a host has something that no play has come to. */
export function hasWorkLeft(
  { host, plan, applied }: HostRun,
  plays: readonly ReadyPlay[],
): boolean {
  const tasks = plays
    .filter((play) => !applied.has(play))
    .flatMap((play) => play.tasks.get(host.name) ?? []);
  const left = ofTasks(plan, tasks);
  if (!left) return false;
  const pendingHandlers = applied.size > 0 ? [] : left.ledger.pendingHandlers;
  return !isEmpty({ ...left, ledger: { ...left.ledger, pendingHandlers } });
}

function anyChanged(runs: ReadonlyMap<string, HostRun>): boolean {
  for (const { outcome } of runs.values()) if (outcome === 'changed') return true;
  return false;
}

function isLastPlay(play: ReadyPlay, host: string, plays: readonly ReadyPlay[]): boolean {
  return plays.findLast(({ hosts }) => hosts.includes(host)) === play;
}

/** Which of the hosts that a play needs are not as they should be, and why. */
function missingOf(
  needs: readonly string[],
  runs: ReadonlyMap<string, HostRun>,
): string | undefined {
  const needed = needs.flatMap((name) => runs.get(name) ?? []);
  const inside = needed.filter(({ limited }) => limited === 'inside');
  const failed = inside.filter(broken);
  const skipped = inside.filter(({ outcome }) => outcome === 'skipped');
  const names = (hosts: readonly HostRun[]): string =>
    hosts.map(({ host }) => host.name).join(', ');
  if (failed.length > 0) return `${names(failed)}, where the run failed`;
  return skipped.length > 0 ? `${names(skipped)}, which was skipped` : undefined;
}

/** The part of a host's first plan that one play is about; what is pending goes with the host's first play. */
function ofTasks(plan: Plan | undefined, tasks: readonly Task[]): Plan | undefined {
  if (!plan) return undefined;
  const own = new Set(tasks);
  const isOwn = ({ task }: { readonly task: Task }): boolean => own.has(task);
  return {
    changes: plan.changes.filter(isOwn),
    pending: plan.pending.filter(isOwn),
    deferred: plan.deferred.filter(isOwn),
    warnings: plan.warnings.filter(isOwn),
    read: plan.read,
    heard: new Map([...plan.heard].filter(([task]) => own.has(task))),
    ledger: plan.ledger,
  };
}
