import type { ReadyPlay, Task } from '../contract/task.ts';
import { broken, type HostRun } from './host_run.ts';

/** A part of a play that ends on all hosts of a batch before the next begins on one. */
export interface Stage {
  readonly isLast: boolean;
  /** The tasks of a host up to here. */
  tasksOf(host: string): readonly Task[];
  /** Those of them that are in no earlier stage. */
  newOf(host: string): readonly Task[];
}

/** All tasks at once; where a failure can end the run for others they go one by one, as in Ansible. */
export function stagesOf(play: ReadyPlay, batch: readonly string[]): readonly Stage[] {
  const all = (host: string): readonly Task[] => play.tasks.get(host) ?? [];
  const whole = [{ isLast: true, tasksOf: all, newOf: all }];
  if (!play.anyErrorsFatal && play.maxFailPercentage >= 100) return whole;
  const indexes = [...new Set(batch.flatMap(all).map(({ index }) => index))];
  if (indexes.length === 0) return whole;
  return indexes
    .toSorted((a, b) => a - b)
    .map((upTo, i) => ({
      isLast: i === indexes.length - 1,
      tasksOf: (host) => all(host).filter(({ index }) => index <= upTo),
      newOf: (host) => all(host).filter(({ index }) => index === upTo),
    }));
}

/**
 * Why the run ends with a batch; undefined while it goes on.
 *
 * As ansible-core 2.14 does: a host counts in the first play that has a task for it and lost it, and
 * in no later one, while a batch keeps the size that it has in the inventory, and hosts that cannot
 * be reached do not count for `max_fail_percentage`.
 */
export function reasonToEnd(
  play: ReadyPlay,
  batch: readonly string[],
  runs: ReadonlyMap<string, HostRun>,
): string | undefined {
  const all = batch.flatMap((name) => runs.get(name) ?? []);
  for (const hostRun of all) {
    if (broken(hostRun) && play.tasks.get(hostRun.host.name)?.length) hostRun.lostIn ??= play;
  }
  const lost = all.filter(({ lostIn }) => lostIn === play);
  if (lost.length === 0) return undefined;
  const failed = lost.filter(({ outcome }) => outcome === 'failed');
  const ended = `the run ended in play '${play.name}'`;
  if (lost.length === batch.length) return `${ended}: it failed on ${everyHost(batch)}`;
  if (play.anyErrorsFatal) {
    const names = lost.map(({ host }) => host.name).join(', ');
    return `${ended}: it failed on ${names}, and any_errors_fatal is set`;
  }
  const isTooMuch = (failed.length * 100) / batch.length > play.maxFailPercentage;
  return isTooMuch
    ? `${ended}: it failed on ${failed.length} of ${batch.length} hosts, more than max_fail_percentage (${play.maxFailPercentage})`
    : undefined;
}

function everyHost(batch: readonly string[]): string {
  return batch.length === 1 ? String(batch[0]) : `all ${batch.length} hosts of a batch`;
}
