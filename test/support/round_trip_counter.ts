import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { listen } from './free_port.ts';

/** A TCP proxy on loopback that counts how often its client speaks up again after the server has spoken. */
export interface RoundTripCounter {
  readonly port: number;
  roundTrips(): number;
  /** Breaks all connections without a word to either side's SSH. */
  cut(): void;
  stop(): Promise<void>;
}

/**
 * Puts a counter in front of a server on loopback.
 *
 * Each round trip is a round trip on a slow line. What the server says in several pieces counts once:
 * the client hears it when the server has nothing more to say for the moment.
 */
export async function countRoundTrips(serverPort: number): Promise<RoundTripCounter> {
  let roundTrips = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connectTcp({ host: '127.0.0.1', port: serverPort, noDelay: true });
    let lastSpeaker: 'client' | 'server' = 'server';
    client.setNoDelay(true);
    client.on('data', (chunk) => {
      if (lastSpeaker === 'server') roundTrips += 1;
      lastSpeaker = 'client';
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      lastSpeaker = 'server';
      client.write(chunk);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.end();
      });
    }
  });
  const port = await listen(proxy);
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    roundTrips: () => roundTrips,
    cut,
    async stop() {
      cut();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
