import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import { tryLavaApi } from '../../../lab/proofs/lava_api.ts';
import { lavaApiTrial } from '../../../lab/proofs/trials.ts';
import { serveByTls, testAuthority } from '../../support/certificates.ts';
import { freePort } from '../../support/debian_cluster.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => response.writeHead(code, headers).end('{}');
}

async function check(
  port: number,
  more: { readonly token?: string; readonly timeout?: number } = {},
): Promise<string> {
  const session = await privateSession(privateRoot());
  const { timeout, token } = more;
  const wanted = lavaApiTrial({ host: '127.0.0.1', port });
  try {
    return await tryLavaApi({ ...wanted, ...(token !== undefined && { token }) }, session, {
      host: 'lava-master',
      ...(timeout !== undefined && { timeout }),
    });
  } finally {
    await session.close();
  }
}

async function failure(...args: Parameters<typeof check>): Promise<HostError> {
  const error = await check(...args).catch((reason: unknown) => reason);
  if (error instanceof HostError) return error;
  throw new Error(`no failure: ${error}`);
}

test('asks for the workers by the name that workers use, with the token', async () => {
  const asked: IncomingMessage[] = [];
  const port = await serve((request, response) => {
    asked.push(request);
    response.writeHead(200).end('{}');
  });
  expect(await check(port)).toBe(`LAVA's API on 127.0.0.1:${port}`);
  expect(await check(port, { token: 'secret-token' })).toBe(
    `LAVA's API on 127.0.0.1:${port}, which accepts the token`,
  );
  expect(asked.map(({ url }) => url)).toEqual(Array(2).fill('/api/v0.2/workers/?limit=1'));
  expect(asked.map(({ headers }) => [headers.host, headers.authorization])).toEqual([
    [`127.0.0.1:${port}`, undefined],
    [`127.0.0.1:${port}`, 'Token secret-token'],
  ]);
});

test.each([
  [400, /says 400 Bad Request$/, /ALLOWED_HOSTS/],
  [401, /says 401 Unauthorized$/, /token/],
  [403, /says 403 Forbidden$/, /token/],
  [404, /says 404 Not Found$/, /another site/],
  [500, /says 500 Internal Server Error$/, /database/],
  [503, /says 503 Service Unavailable$/, /gunicorn/],
])('names what may be wrong when LAVA says %i', async (code, message, hint) => {
  const trouble = await failure(await serve(status(code)), { token: 'secret-token' });
  expect(trouble).toMatchObject({ kind: 'failed', code: 'not-proved' });
  expect(trouble.message).toMatch(message);
  expect(trouble.context.hint).toMatch(hint);
  expect(JSON.stringify([trouble.message, trouble.context])).not.toContain('secret-token');
});

test('a site that redirects everybody to https is taken at its word, one that sends them elsewhere is not', async () => {
  const https = await serve(status(301, { Location: 'https://lava.example.org/' }));
  expect(await check(https)).toMatch(/redirects everybody to https$/);
  const elsewhere = await serve(status(302, { Location: '/elsewhere/' }));
  expect((await failure(elsewhere)).message).toMatch(/says 302/);
});

test('a master that shows nothing without a login answers, but not to a token that it does not know', async () => {
  const login = await serve(status(302, { Location: '/accounts/login/?next=/api/v0.2/workers/' }));
  expect(await check(login)).toMatch(/shows nothing without a login$/);
  const error = await failure(login, { token: 'unknown' });
  expect(error.message).toMatch(/says 302/);
  expect(error.context.hint).toMatch(/does not know the token/);
});

test('nobody who listens, nobody who answers', async () => {
  const port = await freePort();
  expect((await failure(port)).message).toMatch(/^cannot reach LAVA's API on .*refused/i);
  const silent = await serve(() => {});
  expect((await failure(silent, { timeout: 0.2 })).message).toBe(
    `LAVA's API on 127.0.0.1:${silent} does not answer within 0.2 s`,
  );
  const rude = await serve((request) => request.socket.destroy());
  expect((await failure(rude)).message).toBe(`LAVA's API on 127.0.0.1:${rude} does not answer`);
});

describe('by https', () => {
  const trusting = async (
    authority: string,
    port: number,
    name = 'lava.lab',
  ): Promise<string | readonly [string, string | undefined]> => {
    const session = await privateSession(privateRoot());
    const trial = lavaApiTrial({ host: '127.0.0.1', port, name, token: 'the-token' });
    const runBeside = (script: string) =>
      session.runBeside(`export SSL_CERT_FILE=${authority} SSL_CERT_DIR=/nonexistent\n${script}`);
    try {
      return await tryLavaApi(trial, { ...session, runBeside }, { host: 'lava-master' });
    } catch (error) {
      return error instanceof HostError ? [error.message, error.context.hint] : String(error);
    } finally {
      await session.close();
    }
  };

  test('it is asked by its name, with the token', async () => {
    const authority = testAuthority('Test lab');
    const asked: IncomingMessage[] = [];
    const port = await serveByTls(authority.sign('DNS:lava.lab'), (request, response) => {
      asked.push(request);
      response.end('{}');
    });
    expect(await trusting(authority.path, port)).toBe(
      `LAVA's API on 127.0.0.1:${port}, which accepts the token`,
    );
    expect(asked[0]?.headers).toMatchObject({
      host: `lava.lab:${port}`,
      authorization: 'Token the-token',
    });
  });

  test('who shows a certificate that the host does not take gets no token', async () => {
    const [authority, stranger] = [testAuthority('Test lab'), testAuthority('Stranger')];
    let asked = 0;
    const port = await serveByTls(stranger.sign('DNS:lava.lab'), (_, response) => {
      asked += 1;
      response.end('{}');
    });
    expect(await trusting(authority.path, port)).toEqual([
      'this host does not trust the certificate of lava.lab, which is signed by CN=Stranger',
      expect.stringMatching(/lava\.https\.ca/),
    ]);
    expect(asked).toBe(0);
  });

  test('who shows no certificate gets no token', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.end('{}');
    });
    const [message] = await trusting(testAuthority('Test lab').path, port);
    expect(message).toMatch(/^cannot verify the certificate of lava\.lab at 127\.0\.0\.1:\d+: .+/);
    expect(asked).toBe(0);
  });
});
