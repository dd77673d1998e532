import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type LabHost, labAccess } from '../test/booted/lab.ts';
import { listen } from '../test/support/free_port.ts';

/** How both engines reach the hosts. */
export interface Distance {
  readonly places: ReadonlyMap<string, { readonly address: string; readonly port: number }>;
  readonly knownHostsFile: string;
  close(): void;
}

/** Puts hosts a round trip of so many milliseconds away; the first one is that of TCP itself. */
export async function atDistance(
  hosts: readonly LabHost[],
  milliseconds: number,
  folder: string,
): Promise<Distance> {
  const direct = labAccess().knownHostsFile;
  if (milliseconds === 0) {
    const places = new Map(hosts.map(({ name, address }) => [name, { address, port: 22 }]));
    return { places, knownHostsFile: direct, close: () => {} };
  }
  const sockets = new Set<Socket>();
  const ways = await Promise.all(
    hosts.map(async ({ name, address }) => {
      const server = createServer((client) => delay(client, address, milliseconds, sockets));
      return { name, address, server, port: await listen(server) };
    }),
  );
  const known = readFileSync(direct, 'utf8').split('\n');
  const lines = ways.flatMap(({ address, port }) =>
    known.flatMap((line) => {
      const [names = '', ...key] = line.split(' ');
      return names.split(',').includes(address) ? [`[127.0.0.1]:${port} ${key.join(' ')}`] : [];
    }),
  );
  const knownHostsFile = join(folder, 'known_hosts');
  writeFileSync(knownHostsFile, `${lines.join('\n')}\n`);
  return {
    places: new Map(ways.map(({ name, port }) => [name, { address: '127.0.0.1', port }])),
    knownHostsFile,
    close() {
      for (const { server } of ways) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function delay(client: Socket, address: string, milliseconds: number, sockets: Set<Socket>): void {
  const server = connect(22, address);
  const half = milliseconds / 2;
  let opening = milliseconds;
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      setTimeout(() => to.destroyed || to.write(chunk), half + opening);
    });
    from.on('end', () => setTimeout(() => to.end(), half + opening));
    from.on('error', () => to.destroy());
    from.on('close', () => sockets.delete(from));
  }
  setTimeout(() => {
    opening = 0;
  }, milliseconds);
}
