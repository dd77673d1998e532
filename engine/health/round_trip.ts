import type { Session } from '../contract/transport.ts';
import { within } from '../transport/patience.ts';

/** Each attempt opens and closes one connection; sshd turns away who comes when many have not logged in yet (MaxStartups). */
const ATTEMPTS = 3;

/** Seconds after which one is given up. */
const LONGEST = 5;

/**
 * Seconds from the host to another and back, measured without any program on either: a connection that the host
 * makes to itself takes the way from here to the host alone.
 */
export async function roundTrip(
  session: Session,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number | undefined> {
  let there = Number.POSITIVE_INFINITY;
  let here = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ATTEMPTS; i += 1) {
    const took = await opening(session, host, port);
    if (took === undefined) return undefined;
    there = Math.min(there, took);
    here = Math.min(here, (await opening(session, '127.0.0.1', port)) ?? took);
  }
  return Math.max(0, there - here);
}

/** A refusal takes as long as a success; who does not answer at all is not waited for. */
async function opening(session: Session, host: string, port: number): Promise<number | undefined> {
  const began = performance.now();
  let isRefused = false;
  const attempt = session.openTcp(host, port).then(
    (stream) => void stream.destroy(),
    () => {
      isRefused = true;
    },
  );
  if (!(await within(LONGEST * 1000, attempt))) return undefined;
  return isRefused && host !== '127.0.0.1' ? undefined : (performance.now() - began) / 1000;
}
