import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { tryHttpProxy } from '../../../engine/proofs/http_proxy.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { listen } from '../../support/free_port.ts';
import { reachingSession } from '../../support/reaching_session.ts';

let server: Server | undefined;

afterEach(async () => {
  server?.close();
  if (server?.listening) await once(server, 'close');
});

/** What the check says of a proxy that answers so. */
async function checked(answer: string, expected: 'let in' | 'turned away'): Promise<string> {
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`));
  });
  const port = await listen(server);
  const url = 'http://images.example/';
  const check = { kind: 'http_proxy', host: '127.0.0.1', port, url, expect: expected } as const;
  return tryHttpProxy(check, reachingSession, { host: 'worker01', timeout: 10 });
}

const DENIED = '403 Forbidden\r\nX-Squid-Error: ERR_ACCESS_DENIED 0';

test.each([
  ['200 OK', /: 200 OK$/],
  ['403 Forbidden', /: 403 Forbidden$/],
  [
    '503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0',
    /accepts this host, but .*ERR_DNS_FAIL$/,
  ],
])('who gets the answer %j was let in', async (answer, words) => {
  expect(await checked(answer, 'let in')).toMatch(words);
  const { message } = await hostErrorOf(checked(answer, 'turned away'));
  expect(message).toContain('accepts everybody');
});

test.each([DENIED, '407 Proxy Authentication Required'])(
  'who gets the answer %j was turned away',
  async (answer) => {
    expect(await checked(answer, 'turned away')).toContain('rejects hosts outside the lab');
    const { message } = await hostErrorOf(checked(answer, 'let in'));
    expect(message).toContain('rejects this host');
  },
);
