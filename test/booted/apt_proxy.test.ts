import { readdirSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testFolder } from '../support/temp_folder.ts';
import { type AptProxy, type AptProxyConfig, startAptProxy } from './apt_proxy.ts';
import { runOk } from './run_command.ts';

let folder: string;
const cleanUps: (() => Promise<void> | void)[] = [];

beforeEach(() => {
  folder = testFolder();
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

test('a package is fetched once, however many ask at once and later', async () => {
  const archive = await serve((_, response) => response.end('package'));
  const proxy = await startProxy({ origins: [plain(archive)] });
  const url = `http://${hostOf(archive)}/pool/a.deb`;

  const atOnce = await Promise.all([get(proxy, url), get(proxy, url), get(proxy, url)]);
  const later = await get(proxy, url);

  expect([...atOnce, later].map(({ body }) => body)).toEqual(Array(4).fill('package'));
  expect(archive.asked).toEqual(['/pool/a.deb']);
});

test('a download that breaks off is an error and leaves nothing in the store', async () => {
  let broken = true;
  const archive = await serve((_, response) => {
    if (!broken) {
      response.end('whole package');
      return;
    }
    response.writeHead(200, { 'content-length': 1000 });
    response.write('half', () => response.destroy());
  });
  const proxy = await startProxy({ origins: [plain(archive)] });
  const url = `http://${hostOf(archive)}/pool/a.deb`;

  const first = await get(proxy, url);
  const stored = readdirSync(folder);
  broken = false;
  const second = await get(proxy, url);

  expect(first.status).toBe(502);
  expect(stored).toEqual([]);
  expect(second).toMatchObject({ status: 200, body: 'whole package' });
});

test('an index that does not match the hash in its address is not kept', async () => {
  const archive = await serve((_, response) => response.end('not what was hashed'));
  const proxy = await startProxy({ origins: [plain(archive)] });

  const answer = await get(
    proxy,
    `http://${hostOf(archive)}/dists/by-hash/SHA256/${'0'.repeat(64)}`,
  );

  expect(answer.status).toBe(502);
  expect(readdirSync(folder)).toEqual([]);
});

test('a file that may change is fetched anew, and the stored one serves while the archive is down', async () => {
  let text: string | undefined = 'old';
  const archive = await serve((_, response) => {
    response.writeHead(text === undefined ? 503 : 200).end(text);
  });
  const proxy = await startProxy({ origins: [plain(archive)] });
  const url = `http://${hostOf(archive)}/dists/x/InRelease`;

  const bodies = [(await get(proxy, url)).body];
  text = 'new';
  bodies.push((await get(proxy, url)).body);
  text = undefined;
  bodies.push((await get(proxy, url)).body);

  expect(bodies).toEqual(['old', 'new', 'new']);
});

test('what the archive does not have is passed on as such', async () => {
  const archive = await serve((_, response) => response.writeHead(404).end());
  const proxy = await startProxy({ origins: [plain(archive)] });

  expect(await get(proxy, `http://${hostOf(archive)}/pool/a.deb`)).toMatchObject({ status: 404 });
  expect(readdirSync(folder)).toEqual([]);
});

test('only the archive is served', async () => {
  const elsewhere = await serve((_, response) => response.end('secret'));
  const proxy = await startProxy({ origins: [{ host: 'archive.invalid', secure: false }] });

  const answer = await get(proxy, `http://${hostOf(elsewhere)}/a.deb`);

  expect(answer.status).toBe(403);
  expect(elsewhere.asked).toEqual([]);
});

test('redirects of the archive are followed', async () => {
  const mirror = await serve((_, response) => response.end('from the mirror'));
  const archive = await serve((_, response) => {
    response.writeHead(302, { location: `http://${hostOf(mirror)}/moved.deb` }).end();
  });
  const proxy = await startProxy({ origins: [plain(archive)] });

  const answer = await get(proxy, `http://${hostOf(archive)}/a.deb`);

  expect(answer).toMatchObject({ status: 200, body: 'from the mirror' });
});

test("goes through the machine's own proxy with its user and password", async () => {
  let login: string | undefined;
  const upstream = await serve((received, response) => {
    login = received.headers['proxy-authorization'];
    response.end('through the proxy');
  });
  const proxy = await startProxy({
    origins: [{ host: 'archive.invalid', secure: false }],
    proxies: { 'archive.invalid': `http://ann:s%40cret@${hostOf(upstream)}/` },
  });

  const answer = await get(proxy, 'http://archive.invalid/debian/a.deb');

  expect(answer.body).toBe('through the proxy');
  expect(upstream.asked).toEqual(['http://archive.invalid/debian/a.deb']);
  expect(login).toBe(`Basic ${Buffer.from('ann:s@cret').toString('base64')}`);
});

test("serves an https archive over http, also through the machine's own proxy", async () => {
  const { key, cert, certFile } = await makeCertificate('archive.invalid');
  const archive = createTlsServer({ key, cert }, (_, response) => response.end('over TLS'));
  await listen(archive);
  const tunnels: string[] = [];
  const upstream = await serve((_, response) => response.writeHead(500).end());
  upstream.server.on('connect', ({ url }: IncomingMessage, client: Socket) => {
    tunnels.push(url ?? '');
    const onward = connect((archive.address() as AddressInfo).port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    for (const end of [client, onward]) end.on('error', () => end.destroy());
  });
  const proxy = await startProxy({
    origins: [{ host: 'archive.invalid', secure: true }],
    proxies: { 'archive.invalid': `http://${hostOf(upstream)}` },
    caFile: certFile,
  });

  const answer = await get(proxy, 'http://archive.invalid/a.deb');

  expect(answer).toMatchObject({ status: 200, body: 'over TLS' });
  expect(tunnels).toEqual(['archive.invalid:443']);
});

interface TestServer {
  readonly server: Server;
  readonly asked: readonly string[];
}

async function serve(answer: RequestListener): Promise<TestServer> {
  const asked: string[] = [];
  const server = createServer((received: IncomingMessage, response: ServerResponse) => {
    asked.push(received.url ?? '');
    answer(received, response);
  });
  await listen(server);
  return { server, asked };
}

async function listen(
  server: Pick<Server, 'listen' | 'close' | 'closeAllConnections'>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  cleanUps.push(() => {
    server.close();
    server.closeAllConnections();
  });
}

function hostOf({ server }: TestServer): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function plain(server: TestServer): AptProxyConfig['origins'][number] {
  return { host: hostOf(server), secure: false };
}

async function startProxy(
  config: Pick<AptProxyConfig, 'origins'> & Partial<AptProxyConfig>,
): Promise<AptProxy> {
  const proxy = await startAptProxy({
    listen: { address: '127.0.0.1', port: 0 },
    storeFolder: folder,
    proxies: {},
    ...config,
  });
  cleanUps.push(() => proxy.close());
  return proxy;
}

function get(
  { port }: AptProxy,
  path: string,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

async function makeCertificate(
  name: string,
): Promise<{ readonly key: string; readonly cert: string; readonly certFile: string }> {
  const place = testFolder();
  const keyFile = join(place, 'key.pem');
  const certFile = join(place, 'cert.pem');
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const files = ['-keyout', keyFile, '-out', certFile];
  await runOk([
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    ...subject,
    ...files,
  ]);
  return { key: await runOk(['cat', keyFile]), cert: await runOk(['cat', certFile]), certFile };
}
