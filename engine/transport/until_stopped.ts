import { HostError } from '../contract/errors.ts';
import type { Connect, Connection, Session } from '../contract/transport.ts';

/** The result of some work on a host, unless the user asks to stop before; then the work is left to itself. */
export function untilStopped<T>(work: Promise<T>, host: string, stop: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(interrupted(host));
    if (stop.aborted) leave();
    stop.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', leave));
  });
}

/** A session with a host, unless the user asks to stop before; one that comes later is closed. */
export function connectUntilStopped(
  connect: Connect,
  connection: Connection,
  stop: AbortSignal,
): Promise<Session> {
  const connecting = connect(connection);
  return untilStopped(connecting, connection.name, stop).catch((error: unknown) => {
    connecting.then((late) => late.close()).catch(() => {});
    throw error;
  });
}

function interrupted(host: string): HostError {
  const message = `${host}: the run was stopped before the host had answered`;
  return new HostError('failed', 'interrupted', message, { host });
}
