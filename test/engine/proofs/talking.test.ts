import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { HttpProxyTrial, ServerTrial } from '../../../engine/contract/trial.ts';
import { tryHttpProxy } from '../../../engine/proofs/http_proxy.ts';
import { tryServer } from '../../../engine/proofs/server.ts';
import { freePort } from '../../support/free_port.ts';
import { reachingSession } from '../../support/reaching_session.ts';

const servers: Server[] = [];
const context = { host: 'worker01', task: 'way to the lab' };

afterAll(() => {
  for (const server of servers) server.close();
});

describe('a proxy', () => {
  const DENIED =
    'HTTP/1.1 403 Forbidden\r\nServer: squid/5.7\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n';

  test.each([
    [
      'gives the page',
      'HTTP/1.1 200 OK\r\nVia: 1.1 p (squid/5.7)\r\n\r\n',
      /^http:\/\/m\/ through the proxy 127\.0\.0\.1:\d+: 200 OK$/,
    ],
    ['passes on that its server forbids it', 'HTTP/1.0 403 Forbidden\r\n\r\n', /: 403 Forbidden$/],
    [
      'cannot reach its server',
      'HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n\r\n',
      /^the proxy 127\.0\.0\.1:\d+ accepts this host, but for http:\/\/m\/ it says ERR_CONNECT_FAIL$/,
    ],
  ])('that %s has let the host in', async (_, answer, words) => {
    const { port, heard } = await server(answer);
    expect(await proxy({ port, expect: 'let in' })).toMatch(words);
    expect(heard()).toBe('GET http://m/ HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n');
    expect(await failure(proxy({ port, expect: 'turned away' }))).toMatch(/accepts everybody/);
  });

  test.each([
    ['squid', DENIED],
    ['one that wants a password', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'],
  ])('that turns the host away is known by its answer: %s', async (_, answer) => {
    const { port } = await server(answer);
    expect(await proxy({ port, expect: 'turned away' })).toBe(
      `the proxy 127.0.0.1:${port} rejects hosts outside the lab`,
    );
    expect(await failure(proxy({ port, expect: 'let in' }))).toMatch(/rejects this host: 40/);
  });

  test.each([
    ['is something else', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['hangs up', ''],
  ])('that %s is not a proxy', async (_, answer) => {
    const { port } = await server(answer, 'and hang up');
    const check = proxy({ port, expect: 'turned away' });
    expect(await failure(check)).toMatch(/does not answer like a proxy/);
  });

  test('that is not there, or says nothing, fails the check', async () => {
    expect(await failure(proxy({ port: await freePort(), expect: 'turned away' }))).toMatch(
      /cannot reach the proxy/,
    );
    const { port } = await server('');
    expect(await failure(proxy({ port, expect: 'let in' }, 0.1))).toMatch(
      /did not answer within 0\.1 s when asked/,
    );
  });

  function proxy(check: Pick<HttpProxyTrial, 'port' | 'expect'>, timeout = 10): Promise<string> {
    const whole = { kind: 'http_proxy', host: '127.0.0.1', url: 'http://m/', ...check } as const;
    return tryHttpProxy(whole, reachingSession, { ...context, timeout });
  }
});

describe('a server', () => {
  test.each([
    ['ssh', 'SSH-2.0-OpenSSH_9.2\r\n', 'SSH server', ''],
    ['http', 'HTTP/1.1 301 Moved\r\n', 'web server', 'HEAD / HTTP/1.0\r\n\r\n'],
    ['postgres', 'S', 'PostgreSQL', '\0\0\0\b\x04\xd2\x16\x2f'],
    ['postgres', 'N', 'PostgreSQL', '\0\0\0\b\x04\xd2\x16\x2f'],
  ] as const)('is known by its first words: %s', async (protocol, answer, name, question) => {
    const { port, heard } = await server(answer);
    expect(await ask({ port, protocol })).toBe(`${name} on 127.0.0.1:${port}`);
    expect(heard()).toBe(question);
  });

  test.each([
    ['another protocol', 'x'.repeat(100), 'something else answers'],
    ['a far end that is closed', undefined, 'the connection is closed without an answer'],
    ['silence', '', 'no answer within 0.2 s'],
  ])('is not taken for another thing: %s', async (_, answer, reason) => {
    const { port } = await server(answer ?? '', answer === undefined ? 'and hang up' : 'and wait');
    expect(await failure(ask({ port, protocol: 'ssh' }, 0.2))).toBe(
      `no SSH server on 127.0.0.1:${port}: ${reason}`,
    );
  });

  test('that is not there fails the check', async () => {
    const port = await freePort();
    expect(await failure(ask({ port, protocol: 'http' }))).toMatch(
      new RegExp(`no web server on 127.0.0.1:${port}: connection refused`),
    );
  });

  test('that never lets itself be connected to runs into the time limit, and is left when it does', async () => {
    let arrive: (socket: Socket) => void = () => {};
    const slow = {
      ...reachingSession,
      openTcp: () => new Promise<Socket>((done) => (arrive = done)),
    };
    const check = { kind: 'server', host: 'far', port: 22, protocol: 'ssh' } as const;
    const failed = await failure(tryServer(check, slow, { ...context, timeout: 0.05 }));
    expect(failed).toBe('no SSH server on far:22: no answer within 0.05 s');
    const { port } = await server('SSH-');
    const late = connect(port, '127.0.0.1');
    await once(late, 'connect');
    const closed = once(late, 'close');
    arrive(late);
    await closed;
  });

  test('of a host that is lost says so, and not that the server is', async () => {
    const gone = new HostError('unreachable', 'connection-lost', 'worker01 is gone', {
      host: 'worker01',
    });
    const lost = { ...reachingSession, openTcp: () => Promise.reject(gone) };
    const check = { kind: 'server', host: 'far', port: 22, protocol: 'ssh' } as const;
    await expect(tryServer(check, lost, context)).rejects.toBe(gone);
  });

  function ask(check: Pick<ServerTrial, 'port' | 'protocol'>, timeout = 10): Promise<string> {
    const whole = { kind: 'server', host: '127.0.0.1', ...check } as const;
    return tryServer(whole, reachingSession, { ...context, timeout });
  }
});

/** The words of a check that fails, which never stands alone. */
async function failure(check: Promise<string>): Promise<string> {
  const error = await check.then(
    (words) => words,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HostError)) throw new Error(`no failure but: ${String(error)}`);
  expect(error).toMatchObject({ kind: 'failed', context: { host: 'worker01' } });
  return error.message;
}

/** A server that says its piece to whoever comes, in most protocols only when asked. */
async function server(
  answer: string,
  then: 'and hang up' | 'and wait' = 'and wait',
): Promise<{ readonly port: number; heard(): string }> {
  let heard = '';
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    const speak = (): void => {
      if (then === 'and hang up') socket.end(answer);
      else socket.write(answer);
    };
    const speaksFirst = answer.startsWith('SSH-') || answer.startsWith('x') || answer === '';
    if (speaksFirst) speak();
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (!speaksFirst) speak();
    });
  });
  servers.push(listener);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return { port: (listener.address() as AddressInfo).port, heard: () => heard };
}
