import { connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { listen } from './free_port.ts';

/** Passes TCP connections on to a port of loopback. */
export interface Relay {
  readonly port: number;
  stop(): Promise<void>;
}

/** What a relay is like on the way to its port. */
export interface RelayOptions {
  readonly address?: '127.0.0.1' | '::1';
  /** How long each piece of bytes is under way, in each direction. */
  readonly delayMs?: number;
}

/** Starts a relay on a free port. */
export async function startRelay(
  target: number,
  { address = '127.0.0.1', delayMs = 0 }: RelayOptions = {},
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port: target, noDelay: true });
    near.pipe(late(delayMs)).pipe(far);
    far.pipe(late(delayMs)).pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one
        .on('error', () => {})
        .once('close', () => {
          sockets.delete(one);
          other.destroy();
        });
    }
  });
  const port = await listen(server, address);
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Bytes that come at once also leave at once, each piece so much later. */
function late(delayMs: number): Transform {
  let last: Promise<unknown> = Promise.resolve();
  return new Transform({
    transform(chunk, _encoding, done) {
      const after = pause(delayMs);
      last = last.then(() => after).then(() => this.push(chunk));
      done();
    },
    flush: (done) => void last.then(() => done()),
  });
}
