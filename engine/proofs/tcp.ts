import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import type { TcpTrial } from '../contract/trial.ts';
import { within } from '../transport/patience.ts';
import { connectTroubleOf } from './connect_trouble.ts';

/** Who makes the trial, and how long it may take in all. */
interface TcpTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds; 10 unless set. */
  readonly timeout?: number;
}

/** Opens a connection from the host to a server that waits to be spoken to, and says in words what was proved. */
export async function tryTcp(
  { host: address, port }: TcpTrial,
  session: Session,
  { host, task, timeout = 10 }: TcpTrialContext,
): Promise<string> {
  const place = `${address}:${port}`;
  const fail = (reason: string): never => {
    throw new HostError('failed', 'not-proved', `cannot reach ${place}: ${reason}`, {
      ...{ host, task },
      hint: `check that the service is running there, and that no firewall blocks port ${port}`,
    });
  };
  let refusal: string | undefined;
  const attempt = session.openTcp(address, port).then(
    (stream) => void stream.destroy(),
    (error: unknown) => {
      if (error instanceof HostError && error.kind === 'unreachable') throw error;
      const words = error instanceof Error ? error.message : String(error);
      refusal = connectTroubleOf(words) ?? words;
    },
  );
  if (!(await within(timeout * 1000, attempt))) {
    attempt.catch(() => undefined);
    return fail(`no answer within ${timeout} s`);
  }
  return refusal === undefined ? `a connection to ${place}` : fail(refusal);
}
