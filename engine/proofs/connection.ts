import type { Duplex } from 'node:stream';
import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import { within } from '../transport/patience.ts';
import { connectTroubleOf } from './connect_trouble.ts';

/** The server to connect to. */
export interface Far {
  readonly host: string;
  readonly port: number;
  /** For connecting and answering together; connecting alone has ten at most. */
  readonly seconds: number;
}

/** A machine that is there accepts or refuses at once, however busy it is. */
const CONNECT_SECONDS = 10;

/** Why there is no answer: the server hung up without one; no end within the time; no connection. */
export type Silence =
  | { readonly end: 'closed' | 'too slow' }
  | { readonly end: 'no connection'; readonly words: string };

/**
 * Talks to a server over a TCP connection that the host of the session makes, and closes it; throws only when that host is lost.
 *
 * The talk must end when `limit` is aborted, and results in nothing when there was no answer.
 */
export async function overConnection<T>(
  session: Session,
  { host, port, seconds }: Far,
  talk: (stream: Duplex, limit: AbortSignal) => Promise<T | undefined>,
): Promise<T | Silence> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), seconds * 1000);
  const opening = session.openTcp(host, port);
  try {
    const most = Math.min(seconds, CONNECT_SECONDS);
    const isInTime = await within(most * 1000, opening);
    if (!isInTime) return { end: 'no connection', words: `no answer within ${most} s` };
    const stream = await opening;
    stream?.on('error', () => undefined);
    const answer = await talk(stream, limit.signal);
    return answer ?? { end: limit.signal.aborted ? 'too slow' : 'closed' };
  } catch (error) {
    if (error instanceof HostError && error.kind === 'unreachable') throw error;
    if (limit.signal.aborted) return { end: 'too slow' };
    const words = error instanceof Error ? error.message : String(error);
    return { end: 'no connection', words: connectTroubleOf(words) ?? words };
  } finally {
    clearTimeout(timer);
    opening.then(
      (stream) => stream.destroy(),
      () => undefined,
    );
  }
}
