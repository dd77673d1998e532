import { entryOf, type ReadyPlay, type Task } from '../contract/task.ts';
import { heardTheSame } from '../plan/lab_facts.ts';
import { isChange, isEmpty, type Plan } from '../plan/plan.ts';
import { inParallel } from '../values/pool.ts';
import { converge } from './converge.ts';
import { refuseHandlersLeft } from './handlers_left.ts';
import { broken, fail, type HostRun, skip, wasChanged } from './host_run.ts';
import type { RunOptions } from './options.ts';
import { tryPaths } from './proofs.ts';
import { reasonToEnd, type Stage, stagesOf } from './rolling.ts';

/**
 * Applies one play, batch by batch; gives the reason where the run ends with it.
 *
 * Its hosts are skipped where a host that it needs has failed, and left out of the rest of the run
 * where that ends.
 */
export async function applyPlay(
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<string | undefined> {
  const { report, plays } = options;
  report({ type: 'play-started', play: play.name, hosts: play.hosts });
  for (const [name, hostRun] of runs) if (broken(hostRun)) hostRun.work?.labFacts.lose(name);
  for (const [index, batch] of play.batches.entries()) {
    const missing = missingOf(play.needs ?? [], runs);
    if (missing) {
      skip(play.batches.slice(index).flat(), runs, `it needs ${missing}`, report);
      return undefined;
    }
    const end = await applyBatch(batch, play, runs, options);
    if (end) {
      const later = play.batches.slice(index + 1).flat();
      const laterPlays = plays.slice(plays.indexOf(play) + 1);
      const left = new Set([
        ...end.left,
        ...hostsWithTasks(later, play),
        ...laterPlays.flatMap((other) => hostsWithTasks(play.hosts, other)),
      ]);
      skip([...left], runs, end.reason, report);
      return end.reason;
    }
  }
  return undefined;
}

/** The hosts for which a play has something to do. */
export function hostsWithTasks(hosts: readonly string[], { tasks }: ReadyPlay): readonly string[] {
  return hosts.filter((host) => (tasks.get(host) ?? []).length > 0);
}

/** Why the run ends with a batch, and the hosts of it whose tasks are not all done. */
interface BatchEnd {
  readonly reason: string;
  readonly left: readonly string[];
}

async function applyBatch(
  batch: readonly string[],
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<BatchEnd | undefined> {
  const { forks, report } = options;
  const able = batch.flatMap((name) => runs.get(name) ?? []).filter(({ work }) => work);
  let left = stagesOf(play, batch);
  let reason = reasonToEnd(play, batch, runs);
  for (; left[0] && !reason; reason = reasonToEnd(play, batch, runs)) {
    const [stage] = left;
    await inParallel(able, forks, async (hostRun) => {
      await applyToHost(hostRun, stage, play, runs, options);
      if (stage.isLast) report({ type: 'host-applied', host: hostRun.host.name, play: play.name });
    });
    left = left.slice(1);
  }
  const isLeft = (host: string): boolean => left.some(({ newOf }) => newOf(host).length > 0);
  return reason === undefined ? undefined : { reason, left: batch.filter(isLeft) };
}

async function applyToHost(
  hostRun: HostRun,
  stage: Stage,
  play: ReadyPlay,
  runs: ReadonlyMap<string, HostRun>,
  options: RunOptions,
): Promise<void> {
  const { work, host } = hostRun;
  const { stop, plays } = options;
  const tasks = stage.tasksOf(host.name);
  if (!work || broken(hostRun) || hostRun.outcome === 'skipped' || stop.aborted) return;
  if (stage.newOf(host.name).length === 0 && !stage.isLast) return;
  const isLast = stage.isLast && isLastPlay(play, host.name, plays);
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
    const isChanged = handlers > 0 || changed.some(isChange);
    if (isChanged) hostRun.outcome = 'changed';
    if (end === 'converged' && stage.isLast) hostRun.applied.add(play);
    if (end === 'stopped') hostRun.outcome = 'interrupted';
    else if (isLast && refuseHandlersLeft(hostRun, options)) return;
    else if (anyChanged(runs)) await tryPaths(stage.newOf(host.name), work, options);
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
  const own = new Set(tasks.map(entryOf));
  const isOwn = ({ task }: { readonly task: Task }): boolean => own.has(entryOf(task));
  return {
    tasks: plan.tasks.filter((task) => isOwn({ task })),
    changes: plan.changes.filter(isOwn),
    pending: plan.pending.filter(isOwn),
    deferred: plan.deferred.filter(isOwn),
    warnings: plan.warnings.filter(isOwn),
    read: plan.read,
    heard: new Map([...plan.heard].filter(([task]) => isOwn({ task }))),
    ledger: plan.ledger,
  };
}
