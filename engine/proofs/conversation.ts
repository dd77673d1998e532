import type { Session } from '../contract/transport.ts';
import { type Far, overConnection, type Silence } from './connection.ts';

/** What is said to a server, and how much of its answer is enough. */
interface Conversation extends Far {
  readonly say: Uint8Array | string;
  readonly isEnough: (heard: Buffer) => boolean;
}

/** What came of it: an answer, or less than that. */
type Outcome = { readonly end: 'enough'; readonly heard: Buffer } | Silence;

/** Talks to a server over a TCP connection that the host of the session makes; throws only when that host is lost. */
export function converse(
  session: Session,
  { say, isEnough, ...far }: Conversation,
): Promise<Outcome> {
  return overConnection<Outcome>(session, far, (stream, limit) => {
    let heard = Buffer.alloc(0);
    return new Promise((resolve) => {
      for (const end of ['error', 'close', 'end']) stream.on(end, () => resolve(undefined));
      stream.on('data', (chunk: Buffer) => {
        heard = Buffer.concat([heard, chunk]);
        if (isEnough(heard)) resolve({ end: 'enough', heard });
      });
      limit.addEventListener('abort', () => resolve(undefined), { once: true });
      stream.write(say);
    });
  });
}
