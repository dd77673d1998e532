import { HostError } from '../contract/errors.ts';
import type { UnreadableEntry } from '../script/ledger.ts';
import { broken, fail, type HostRun } from './host_run.ts';
import type { RunOptions } from './options.ts';

/** Fails a host on which a handler of an earlier run is still pending, and says whether one is. */
export function refuseHandlersLeft(hostRun: HostRun, options: RunOptions): boolean {
  const { host, plan, handlersLeft } = hostRun;
  const entries = plan?.ledger.unreadable ?? [];
  const [pendingHandler] = [
    ...handlersLeft.unfinished.values(),
    ...entries.map((entry) => unread(entry, host.name)),
  ];
  if (broken(hostRun) || !pendingHandler) return false;
  fail(hostRun, pendingHandler, options);
  return true;
}

function unread(entry: UnreadableEntry, host: string): HostError {
  const message = `an earlier run left a pending handler, but ${entry.file} does not say which: ${entry.reason}`;
  const hint = 'restart whatever was last changed on this host, then remove the file';
  return new HostError('failed', 'unreadable-ledger', message, { host, hint });
}
