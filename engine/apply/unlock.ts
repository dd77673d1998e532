import { asHostError, type HostError } from '../contract/errors.ts';
import type { Host } from '../contract/inventory.ts';
import type { Connect } from '../contract/transport.ts';
import type { Event, HostOutcome, Report } from '../events/event.ts';
import { hostFailed } from '../events/view.ts';
import { unlockScript } from '../script/lock.ts';
import { connectUntilStopped, untilStopped } from '../transport/until_stopped.ts';
import { inParallel } from '../values/pool.ts';
import { stillLocked } from './lock_error.ts';
import { newHolder, type Operator } from './new_holder.ts';

/** What unlocking hosts needs. */
export interface UnlockOptions {
  readonly hosts: readonly Host[];
  readonly forks: number;
  readonly connect: Connect;
  readonly report: Report;
  readonly stop: AbortSignal;
  readonly operator: Operator;
  readonly stacks: 'shown' | 'hidden';
}

type Ending = Extract<
  HostOutcome,
  'unchanged' | 'changed' | 'failed' | 'unreachable' | 'interrupted'
>;

/** Takes the stale locks of hosts away and reports what it found; `changed` are those that had one. */
export async function unlockHosts(options: UnlockOptions): Promise<ReadonlyMap<string, Ending>> {
  const { hosts, forks, report, stop, stacks } = options;
  const endings = new Map<string, Ending>(hosts.map(({ name }) => [name, 'interrupted']));
  await inParallel(hosts, forks, async (host) => {
    if (stop.aborted) return;
    try {
      const event = await unlockHost(host, options);
      report(event);
      endings.set(host.name, event.found === 'no lock' ? 'unchanged' : 'changed');
    } catch (error) {
      const failure: HostError = asHostError(error, host.name, stacks);
      if (failure.code === 'interrupted') return;
      report(hostFailed(host.name, failure));
      endings.set(host.name, failure.kind);
    }
  });
  return endings;
}

async function unlockHost(
  { name: host, connection }: Host,
  { connect, stop, operator }: UnlockOptions,
): Promise<Extract<Event, { type: 'host-unlocked' }>> {
  const { script, read } = unlockScript(newHolder(operator, 'wait'));
  const session = await connectUntilStopped(connect, connection, stop);
  try {
    const found = read(await untilStopped(session.run(script), host, stop));
    if (!found) throw new Error('nothing was said of the lock');
    const type = 'host-unlocked';
    if (found.type === 'free') return { type, host, found: 'no lock' };
    if (found.type !== 'freed') throw stillLocked(found, host);
    const { holder, pid, seconds } = found;
    return { type, host, found: 'stale lock', holder, pid, seconds };
  } finally {
    await session.close();
  }
}
