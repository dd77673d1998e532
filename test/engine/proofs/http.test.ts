import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { askHttp, httpGet } from '../../../engine/proofs/http.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { sshConnection } from '../../support/connection.ts';
import { reachingSession } from '../../support/reaching_session.ts';
import { startSshServer } from '../../support/ssh_server.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const servers: Server[] = [];

afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that says the same to everybody, and hangs up only when told. */
function says(text: string, { end = false } = {}): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => (end ? socket.end(text) : socket.write(text)));
    }),
  );
}

test('a page by https, whose certificate nobody knows', async () => {
  const folder = await tempFolder();
  const [key, cert] = [join(folder.path, 'key'), join(folder.path, 'certificate')];
  const self = ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...self, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const port = await listen(
    createSecureServer(options, (request, response) =>
      response.end(`${request.method} ${request.url} ${request.headers.host}`),
    ),
  );
  await folder.remove();
  const url = new URL(`https://localhost:${port}/a/b?c=d`);
  expect(await httpGet(reachingSession, url, { seconds: 10 })).toMatchObject({
    status: 200,
    body: `GET /a/b?c=d localhost:${port}`,
  });
});

test('https where there is none is said to be so', async () => {
  const port = await says('HTTP/1.1 400 Bad Request\r\n\r\n', { end: true });
  const url = new URL(`https://127.0.0.1:${port}/`);
  expect(await httpGet(reachingSession, url, { seconds: 10 })).toEqual({
    trouble: expect.stringMatching(/^TLS handshake failed: /),
  });
});

test('a page is whole with the length that the server says, although it does not hang up', async () => {
  const port = await says('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-Two: a: b\r\n\r\nnone');
  expect(
    await httpGet(reachingSession, new URL(`http://127.0.0.1:${port}/`), { seconds: 10 }),
  ).toEqual({
    ...{ status: 404, said: '404 Not Found', body: 'none' },
    headers: { 'content-length': '4', 'x-two': 'a: b' },
  });
});

test('what is not a web server, and one that never answers', async () => {
  const ssh = new URL(`http://127.0.0.1:${await says('SSH-2.0-x\r\n', { end: true })}/`);
  expect(await httpGet(reachingSession, ssh, { seconds: 10 })).toEqual({
    trouble: 'no web server answers there',
  });
  const silent = new URL(`http://127.0.0.1:${await says('')}/`);
  expect(await httpGet(reachingSession, silent, { seconds: 0.2 })).toEqual({
    trouble: 'no answer within 0.2 s',
  });
});

test('a page in chunks is put together, and one in as many pieces as it has bytes', async () => {
  const chunks =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n2;x=y\r\n, \r\n4\r\nmore\r\n0\r\n\r\n';
  const ways = [
    (socket: Socket) => void socket.write(chunks),
    (socket: Socket) => void trickle(socket, chunks, 1),
  ];
  for (const way of ways) {
    expect(await get(way)).toMatchObject({ status: 200, body: 'four, more' });
  }
});

test.each([
  ['garbage', (socket: Socket) => socket.write('\0\x01\x02 '.repeat(100))],
  ['a banner, and waits', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
  [
    'headers without end',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      void endless(socket, 'X-More: and more\r\n');
    },
  ],
  ['half a head, and hangs up', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
  [
    'half a head, and breaks off',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n', () => socket.resetAndDestroy());
    },
  ],
  [
    'another protocol, to be spoken from now on',
    (socket: Socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n');
    },
  ],
])('a server that says %s is not a web server, and is left at once', async (_, way) => {
  expect(await get(way)).toEqual({ trouble: 'no web server answers there' });
});

test('a head that trickles for ever runs into the time limit', async () => {
  const head = `HTTP/1.1 200 OK\r\n${'X-More: and more\r\n'.repeat(100)}`;
  expect(await get((socket) => void trickle(socket, head, 20), 0.3)).toEqual({
    trouble: 'no answer within 0.3 s',
  });
});

test.each([
  ['trickles for ever', (socket: Socket) => void trickle(socket, '.'.repeat(1000), 20)],
  ['hangs up too early', (socket: Socket) => socket.end('....')],
  ['breaks off', (socket: Socket) => void socket.write('....', () => socket.destroy())],
])('of a body that %s, what came is the page', async (_, way) => {
  const page = await get((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    way(socket);
  }, 0.5);
  expect(page).toMatchObject({ said: '200 OK', body: expect.stringMatching(/^\.{1,100}$/) });
});

test('of a reply without end 64 KiB are read', async () => {
  const page = await get((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    void endless(socket, 'more ');
  });
  expect(page).toMatchObject({ status: 200, body: 'more '.repeat(20_000).slice(0, 64 * 1024) });
});

test('a redirect is told, not followed; a header that comes twice has both values', async () => {
  const head = 'HTTP/1.0 302 Found\r\nLocation: /b\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n\r\n';
  expect(await get((socket) => socket.end(head))).toEqual({
    ...{ status: 302, said: '302 Found', body: '' },
    headers: { location: '/b', via: '1.1 a, 1.1 b' },
  });
});

test('where the head is enough, no body is waited for', async () => {
  const port = await says('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
  const question = { host: '127.0.0.1', port, target: '/', headers: { Host: 'x' }, seconds: 10 };
  expect(await askHttp(reachingSession, { ...question, most: 0 })).toMatchObject({
    ...{ said: '200 OK', headers: { 'content-length': '10' }, body: '' },
  });
});

test('TLS that never comes about runs into the time limit', async () => {
  expect(await get(() => undefined, 0.2, 'https')).toEqual({ trouble: 'no answer within 0.2 s' });
});

test('a page through the channel of an SSH connection', async () => {
  const ssh = await startSshServer({ password: 'secret' });
  const { port: sshPort, hostKey } = ssh;
  const session = await connect(sshConnection(sshPort, { password: 'secret', hostKey }));
  const port = await says('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfar');
  const url = new URL(`http://127.0.0.1:${port}/`);
  expect(await httpGet(session, url, { seconds: 10 })).toMatchObject({ status: 200, body: 'far' });
  await session.close();
  await ssh.stop();
});

/** What is got of a server that treats who asks it in some way; it must be left when that is known. */
async function get(way: (socket: Socket) => unknown, seconds = 10, scheme = 'http') {
  let left: Promise<unknown> | undefined;
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      left = new Promise((resolve) => socket.once('close', resolve));
      socket.once('data', () => way(socket));
    }),
  );
  const url = new URL(`${scheme}://127.0.0.1:${port}/`);
  const fetched = await httpGet(reachingSession, url, { seconds });
  await left;
  return fetched;
}

async function trickle(socket: Socket, text: string, pause: number): Promise<void> {
  let sent = 0;
  for await (const _ of every(pause)) {
    if (!socket.writable || sent === text.length) return;
    socket.write(text.charAt(sent));
    sent += 1;
  }
}

async function endless(socket: Socket, more: string): Promise<void> {
  for await (const _ of every(1)) {
    if (!socket.writable) return;
    socket.write(more.repeat(500));
  }
}
