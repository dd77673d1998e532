import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  listenAddresses,
  parseSockets,
  peersOf,
  portWord,
  socketsProbe,
} from '../../../engine/resources/sockets.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { debianShells, testHost } from '../../support/run_resource.ts';

test('sockets are read as the kernel prints them', () => {
  const lines = [
    'ActiveState=active',
    '0100007F:1B59 00000000:0000 0A 4711',
    '0100007F:1B59 0200A8C0:D431 01 4712',
    '00000000000000000000000000000000:1B5A 00000000000000000000000000000000:0000 0A 4713',
    '0000000000000000FFFF00000A0200C0:1B5A 0000000000000000FFFF0000150200C0:A0F2 01 0',
    'B80D0120000000000000000001000000:1B5A B80D0120000000000000000015000000:A0F2 01 4714',
  ];
  const sockets = parseSockets(lines.join('\n'));
  expect(sockets.filter(({ peer }) => peer === undefined)).toEqual([
    { port: 7001, inode: 4711 },
    { port: 7002, inode: 4713 },
  ]);
  expect(listenAddresses(lines.join('\n'))).toEqual(['127.0.0.1', '::']);
  expect(peersOf(sockets, 7001)).toEqual(['192.168.0.2']);
  expect(peersOf(sockets, 7002)).toEqual(['192.0.2.21', '2001:db8::15']);
});

test('a port stands in four digits', () => {
  expect([22, 3128, 65535].map(portWord)).toEqual(['0016', '0C38', 'FFFF']);
});

describe.each(debianShells.map((shell) => [shell]))(
  'the sockets of this host, asked by %s',
  (shell) => {
    const servers: Server[] = [];

    afterEach(() => {
      for (const server of servers.splice(0)) server.close();
    });

    test.each(['127.0.0.1', '::1'])('those on %s, by port and state', async (address) => {
      const server = createServer();
      servers.push(server);
      const port = await listen(server, address);
      const client = connect({ host: address, port });
      await new Promise((resolve) => client.once('connect', resolve));
      const read = (wanted: Parameters<typeof socketsProbe>[0]) =>
        parseSockets(testHost(shell).run(socketsProbe(wanted)).output).filter(
          (socket) => socket.port === port,
        );
      const listening = { port, inode: expect.any(Number) };
      const connected = { ...listening, peer: address };
      expect(read({ port, state: 'listening' })).toEqual([listening]);
      expect(read({ state: 'listening' })).toEqual([listening]);
      expect(read({ port, state: 'connected' })).toEqual([connected]);
      expect(read({ port })).toHaveLength(2);
      expect(read({})).toHaveLength(2);
      expect(read({ port: await freePort() })).toEqual([]);
      client.destroy();
    });

    test('nothing else is printed', () => {
      expect(testHost(shell).run(socketsProbe()).output).not.toMatch(/[^0-9A-F: \n]/);
    });
  },
);
