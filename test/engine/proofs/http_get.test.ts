import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { httpGet } from '../../../engine/proofs/http_get.ts';
import { reachingSession } from '../../support/reaching_session.ts';
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
    trouble: expect.stringMatching(/^TLS does not come about: /),
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

test('what is no web server, and one that never answers', async () => {
  const ssh = new URL(`http://127.0.0.1:${await says('SSH-2.0-x\r\n', { end: true })}/`);
  expect(await httpGet(reachingSession, ssh, { seconds: 10 })).toEqual({
    trouble: 'no web server answers there',
  });
  const silent = new URL(`http://127.0.0.1:${await says('')}/`);
  expect(await httpGet(reachingSession, silent, { seconds: 0.2 })).toEqual({
    trouble: 'no answer within 0.2 s',
  });
});
