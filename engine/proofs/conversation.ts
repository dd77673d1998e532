import type { Duplex } from 'node:stream';
import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import { connectTroubleOf } from './connect_trouble.ts';

/** What is said to a server, and how much of its answer is enough. */
export interface Conversation {
  readonly host: string;
  readonly port: number;
  readonly say: Uint8Array | string;
  readonly isEnough: (heard: Buffer) => boolean;
  /** For connecting and answering together. */
  readonly seconds: number;
}

/** What came of it: an answer; less than that before the server hung up; no connection; or no end within the time. */
export type Outcome =
  | { readonly end: 'enough' | 'closed' | 'too slow'; readonly heard: Buffer }
  | { readonly end: 'no connection'; readonly words: string };

/** Talks to a server over a TCP connection that the host of the session makes; throws only when that host is lost. */
export async function converse(session: Session, talk: Conversation): Promise<Outcome> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), talk.seconds * 1000);
  const opening = session.openTcp(talk.host, talk.port);
  try {
    const stream = await Promise.race([opening, aborted(limit.signal)]);
    if (!stream) {
      opening.then(
        (late) => late.destroy(),
        () => undefined,
      );
      return { end: 'too slow', heard: Buffer.alloc(0) };
    }
    return await listen(stream, talk, limit.signal);
  } catch (error) {
    if (error instanceof HostError && error.kind === 'unreachable') throw error;
    const words = error instanceof Error ? error.message : String(error);
    return { end: 'no connection', words: connectTroubleOf(words) ?? words };
  } finally {
    clearTimeout(timer);
  }
}

function listen(
  stream: Duplex,
  { say, isEnough }: Conversation,
  limit: AbortSignal,
): Promise<Outcome> {
  let heard = Buffer.alloc(0);
  return new Promise((resolve) => {
    const finish = (end: 'enough' | 'closed' | 'too slow'): void => {
      stream.destroy();
      resolve({ end, heard });
    };
    stream.on('error', () => finish('closed'));
    stream.on('close', () => finish('closed'));
    stream.on('end', () => finish('closed'));
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
      if (isEnough(heard)) finish('enough');
    });
    limit.addEventListener('abort', () => finish('too slow'), { once: true });
    if (limit.aborted) finish('too slow');
    stream.write(say);
  });
}

function aborted(limit: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    limit.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
