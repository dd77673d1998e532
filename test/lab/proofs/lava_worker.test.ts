import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import { tryLavaWorker } from '../../../lab/proofs/lava_worker.ts';
import { lavaWorkerTrial } from '../../../lab/proofs/trials.ts';
import { parseDaemon, pingOnce } from '../../../lab/proofs/worker_daemon.ts';
import { freePort } from '../../support/debian_cluster.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

const NOW = Date.parse('2026-11-23T09:00:00Z');
const API = '/api/v0.2/workers/worker01/';
const STARTED = '2026-11-23 08:59:00,000    INFO [INIT] LAVA worker has started.\n';
const PING = '2026-11-23 08:59:00,100    INFO PING => server\n';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A master: its answer to questions about worker01; its version is 2023.01. */
async function master(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    response.setHeader('date', new Date(NOW).toUTCString());
    if (request.url === API) return answer(request, response);
    const isVersion = request.url === '/api/v0.2/system/version/';
    response.writeHead(isVersion ? 200 : 404).end('{"version": "2023.01"}');
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

interface Record {
  readonly state?: string;
  readonly age?: number;
  readonly version?: string | null;
}

function record({ state = 'Online', age = 4, version = '2023.01' }: Record): Answer {
  const last_ping = new Date(NOW - age * 1000).toISOString().replace('Z', '123Z');
  return (_, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ hostname: 'worker01', state, last_ping, version }));
}

function status(code: number, headers: { readonly [name: string]: string } = {}): Answer {
  return (_, response) => response.writeHead(code, headers).end('{"detail": "no"}');
}

interface Seen {
  /** What comes of a ping like the daemon's own. */
  readonly ping?: number;
  readonly active?: string;
  readonly age?: number;
  readonly log?: string;
}

function daemon({ active = 'active', age = 600, log = STARTED + PING }: Seen): string {
  return `ActiveState=${active}\nActiveEnterTimestampMonotonic=${(5000 - age) * 1e6}\nuptime=5000\nclock=2026-11-23 09:00:00\n\n${log}`;
}

async function check(
  url: string,
  { start = 0, ...seen }: Seen & { readonly start?: number } = {},
): Promise<string> {
  const session = await privateSession(privateRoot());
  try {
    return await tryLavaWorker(
      lavaWorkerTrial({
        ...{ name: 'worker01', pingInterval: 20, url },
        ...{ host: '127.0.0.1', port: Number(new URL(url).port) },
      }),
      {
        ...session,
        runBeside: async (script) => (script === pingOnce ? `${seen.ping ?? 0}\n` : daemon(seen)),
      },
      { host: 'worker01', answer: 5, start },
    );
  } finally {
    await session.close();
  }
}

async function failure(...args: Parameters<typeof check>): Promise<readonly string[]> {
  const error = await check(...args).catch((reason: unknown) => reason);
  if (!(error instanceof HostError)) throw new Error(`no failure: ${error}`);
  expect(error).toMatchObject({ kind: 'failed', code: 'not-proved' });
  return [error.message, error.context.hint ?? ''];
}

test('a worker that the master has just heard is online, by the clock of the master', async () => {
  const url = await master(record({ age: 4 }));
  expect(await check(url)).toBe(`worker01 is Online on ${url}, its last ping 4 s ago`);
});

test('a master below a path is asked there', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.setHeader('date', new Date(NOW).toUTCString());
    record({})(request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await check(`http://127.0.0.1:${(server.address() as AddressInfo).port}/lava/`);
  expect(asked).toEqual(['/lava/api/v0.2/workers/worker01/']);
});

test('a daemon that was started just now is waited for', async () => {
  let asked = 0;
  const url = await master((request, response) => {
    asked += 1;
    record(asked < 2 ? { state: 'Offline', age: 900 } : { age: 0 })(request, response);
  });
  expect(await check(url, { age: 1, start: 30 })).toMatch(/^worker01 is Online/);
  expect(asked).toBe(2);
});

describe('is not online', () => {
  test('a worker whose last ping came before its daemon was started', async () => {
    const [message] = await failure(await master(record({ age: 30 })), { age: 5 });
    expect(message).toBe(
      'the master has received no ping from worker01 since lava-worker was started; its last ping came 30 s ago, though lava-worker has been running for 5 s',
    );
  });

  test('a worker whose last ping is three intervals old', async () => {
    expect(await check(await master(record({ age: 60 })))).toMatch(/60 s ago$/);
    const [message, hint] = await failure(await master(record({ age: 61 })));
    expect(message).toMatch(/its last ping came 61 s ago/);
    expect(hint).toMatch(/lava-worker\.log/);
  });

  test('a worker whose daemon does not run', async () => {
    const url = await master(record({ state: 'Offline', age: 3 * 24 * 3600 }));
    expect(await failure(url, { active: 'failed' })).toEqual([
      'the master reports worker01 as Offline; its last ping came 3 days ago, and lava-worker is failed on this host',
      'journalctl -u lava-worker says why',
    ]);
  });

  test('a worker of another version', async () => {
    const url = await master(record({ state: 'Offline', age: 300, version: '2022.11' }));
    const [message, hint] = await failure(url);
    expect(message).toMatch(/because the master has LAVA 2023\.01 and this host 2022\.11$/);
    expect(hint).toMatch(/one version/);
  });

  test.each([
    [400, /as for a wrong token/, /the token is fetched/],
    [404, /as for a name that it does not know/, /WORKER_NAME/],
    [409, /the master has LAVA 2023\.01/, /one version/],
    [503, /its pings get no answer, though/, /proxy/],
  ])('a worker whose pings are answered by %i', async (code, message, hint) => {
    const log = `${STARTED}${PING}2026-11-23 08:59:00,200   ERROR -> server error: code ${code}\n`;
    const url = await master(record({ state: 'Offline', age: 300, version: null }));
    const [said, hinted] = await failure(url, { log });
    expect(said).toMatch(message);
    expect(hinted).toMatch(hint);
  });
});

test.each([
  ['400', status(400), /answers 400 Bad Request to this host$/, /127\.0\.0\.1 may be missing/],
  [
    '404 by LAVA',
    status(404, { 'content-type': 'application/json' }),
    /does not know the worker worker01$/,
    /lava_workers/,
  ],
  ['404 by another site', status(404), /^no LAVA answers at .*: 404 Not Found$/, /set url/],
  ['a page', (_: unknown, to: ServerResponse) => to.end('<html>'), /^no LAVA answers/, /set url/],
])('says at once what is wrong when the answer is %s', async (_, answer, message, hint) => {
  const [said, hinted] = await failure(await master(answer), { age: 1, start: 600 });
  expect(said).toMatch(message);
  expect(hinted).toMatch(hint);
});

describe('a master that shows its workers to nobody', () => {
  const proved = /accepts the pings of worker01, but shows its workers to nobody without a login$/;
  const walled = () => master(status(302, { location: '/accounts/login/' }));
  const turnedAway = (time: string, code: number): string =>
    `${STARTED}2026-11-23 ${time},200   ERROR -> server error: code ${code}\n`;

  test('is believed when the log shows a ping that it took', async () => {
    expect(await check(await walled(), { log: `${STARTED}${PING}${PING}` })).toMatch(proved);
  });

  test('is believed when it takes a ping like that of a daemon that says nothing of its own', async () => {
    expect(await check(await walled(), { log: STARTED, ping: 200 })).toMatch(proved);
    const log = turnedAway('08:59:30', 503);
    expect(await check(await walled(), { log, ping: 200 })).toMatch(proved);
  });

  test('is asked again until the daemon has had time for its first ping', async () => {
    const url = await walled();
    expect((await failure(url, { log: STARTED, ping: 200, age: 1 }))[0]).toMatch(
      /lava-worker, though/,
    );
  });

  test.each([
    [
      400,
      /rejects the pings of worker01: the master answers its pings with 400/,
      /the token is fetched/,
    ],
    [409, /because the master has LAVA 2023\.01 and this host another$/, /one version/],
    [0, /\(302 Found\), nor does it answer a ping of worker01$/, /lava-worker\.log/],
  ])('is not when it answers such a ping by %i', async (ping, message, hint) => {
    const [said, hinted] = await failure(await walled(), { log: STARTED, ping });
    expect(said).toMatch(message);
    expect(hinted).toMatch(hint);
  });

  test('is not while it turns the daemon away', async () => {
    const log = turnedAway('08:59:50', 400);
    const [said] = await failure(await walled(), { log, ping: 200 });
    expect(said).toMatch(/accepts a ping of worker01, but rejects those of its lava-worker: /);
  });

  test('is not asked where no daemon runs', async () => {
    const [said] = await failure(await walled(), { active: 'failed', ping: 200 });
    expect(said).toMatch(/nobody without a login, and lava-worker is failed on this host$/);
  });
});

test('a database that is down, nobody who listens, nobody who answers', async () => {
  const [down] = await failure(await master(status(500)));
  expect(down).toMatch(/answers 500 Internal Server Error$/);
  const closed = `http://127.0.0.1:${await freePort()}/`;
  expect((await failure(closed))[0]).toMatch(/^cannot reach the master at .*refused/i);
});

describe('the log of the daemon', () => {
  const answered = (code: number): string =>
    `2026-11-23 08:59:00,200   ERROR -> server error: code ${code}\n`;

  test.each([
    ['nothing yet', STARTED, undefined, false],
    ['a ping under way', STARTED + PING, undefined, false],
    ['a ping that was taken, and one under way', STARTED + PING + PING, undefined, true],
    ['a ping that was turned away', STARTED + PING + answered(400), 400, false],
    ['one turned away, the next under way', STARTED + PING + answered(409) + PING, 409, false],
    [
      'one turned away, the next taken',
      STARTED + PING + answered(400) + PING + PING,
      undefined,
      true,
    ],
    ['only what was before its start', PING + answered(404) + STARTED, undefined, false],
  ])('with %s', (_, log, refusal, isHeard) => {
    expect(parseDaemon(daemon({ log }))).toMatchObject({ refusal, isHeard });
  });

  test('missing, and no systemd either', () => {
    expect(parseDaemon('uptime=5000\n\n')).toMatchObject({ active: '', isHeard: false });
  });
});
