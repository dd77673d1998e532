import { HostError } from '../contract/errors.ts';
import type { LockEvent, Locked } from '../script/lock.ts';
import { ageOf } from '../values/age.ts';

/** Why a run may not change a host, with who holds its lock. */
export function lockError(event: LockEvent, host: string): HostError {
  if (event.type === 'unwritable') {
    const message = `${event.path} cannot be written to, so replaced files could not be backed up`;
    const hint = 'is the file system full or mounted read-only?';
    return new HostError('failed', 'unwritable-state', message, { host, hint });
  }
  if (event.type === 'full') {
    const message = `the file system ${event.path} is full, so replaced files could not be backed up`;
    const hint = `free some space in ${event.path} on the host, then apply again`;
    return new HostError('failed', 'unwritable-state', message, { host, hint });
  }
  if (event.type === 'blocked') {
    const message = `${event.path} is in the way of the lock, and was not created by lava-play`;
    return new HostError('failed', 'locked', message, { host, hint: 'remove it on the host' });
  }
  if (event.type === 'untaken') {
    const message = `the lock ${event.path} could not be taken`;
    const hint =
      'is its file system full or mounted read-only? If other runs wanted it too, run again';
    return new HostError('failed', 'locked', message, { host, hint });
  }
  const who = holderOf(event);
  if (event.state === 'running') {
    const message = `another run is changing this host: ${who}`;
    const hint = `wait until it is done; if it never will be, end process ${event.pid} and all that it started on the host, then: lava-play unlock ${host}`;
    return new HostError('failed', 'locked', message, { host, hint });
  }
  const message = `a run that was cut off has left a step that is still running on this host: ${who}`;
  const hint = `wait until the step is done, which frees the lock, or end process ${event.pid} and all that it started on the host, then: lava-play unlock ${host}`;
  return new HostError('failed', 'locked', message, { host, hint });
}

/** The same where it was asked to take the lock away: why that was not done, and how that is known. */
export function stillLocked(event: LockEvent, host: string): HostError {
  const error = lockError(event, host);
  if (event.type !== 'locked') return error;
  const known = `process ${event.pid} is running on the host, with the start time that ${event.state === 'left' ? 'the step noted' : 'the lock names'}`;
  return new HostError('failed', 'locked', `${error.message}. The lock stays: ${known}`, {
    ...error.context,
  });
}

/** `eve@laptop since …; process 42 there, for 3 h`. */
function holderOf({ holder, pid, seconds }: Omit<Locked, 'state'>): string {
  return `${holder}; process ${pid} there, for ${ageOf(seconds)}`;
}
