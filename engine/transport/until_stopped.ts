import { HostError } from '../contract/errors.ts';

/** The result of some work on a host, unless the user asks to stop before; then the work is left to itself. */
export function untilStopped<T>(work: Promise<T>, host: string, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(interrupted(host));
    if (stop.aborted) leave();
    stop.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', leave));
  });
}

function interrupted(host: string): HostError {
  const message = `${host}: the run was stopped before the host had answered`;
  return new HostError('failed', 'interrupted', message, { host });
}
