import { HostError } from '../contract/errors.ts';
import type { LockEvent } from '../script/lock.ts';

/** Why a run may not change a host, with who holds its lock. */
export function lockError(event: LockEvent, host: string): HostError {
  if (event.type === 'unwritable') {
    const message = `${event.path} cannot be written to, so no text that is replaced could be kept`;
    const hint = 'is the file system full or mounted read-only?';
    return new HostError('failed', 'unwritable-state', message, { host, hint });
  }
  if (event.type === 'blocked') {
    const message = `${event.path} is in the way of the lock, and no run has made it`;
    return new HostError('failed', 'locked', message, { host, hint: 'remove it on the host' });
  }
  const { holder, pid, seconds, state } = event;
  const age = ageOf(seconds);
  if (state === 'running') {
    const message = `another run is changing this host: ${holder}; process ${pid} there, for ${age}`;
    const hint = 'wait until it is done';
    return new HostError('failed', 'locked', message, { host, hint });
  }
  const message = `a run that was cut off has left a step that still runs on this host: ${holder}; process ${pid} there, for ${age}`;
  const hint = `wait until the step is done, which frees the lock, or end process ${pid} on the host`;
  return new HostError('failed', 'locked', message, { host, hint });
}

/** `42 s`, `12 min`, `3 h`, `2 days`. */
function ageOf(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}
