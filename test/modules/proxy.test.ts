import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createPort } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { NOT_NOW } from '../../engine/sdk.ts';
import { cacheRoom } from '../../modules/proxy/cache_room.ts';
import { whetherClient } from '../../modules/proxy/clients.ts';
import {
  editMainFile,
  ownText,
  type SquidSettings,
  VALIDATE_MAIN_FILE,
  VALIDATE_OWN_FILE,
} from '../../modules/proxy/squid_conf.ts';
import { restartSquid } from '../../modules/proxy/squid_handlers.ts';
import { listen } from '../support/free_port.ts';
import { testHost } from '../support/run_resource.ts';
import { debianConf, type Squid, squidMissing, startSquid } from '../support/squid.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

const missing = squidMissing();

describe.skipIf(missing)(`with a real squid${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;
  let squid: Squid | undefined;
  let origin: Server;
  let page: string;
  const asked: string[] = [];

  beforeAll(async () => {
    origin = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'cache-control': 'max-age=3600' });
      response.end(`image ${'x'.repeat(6_000_000)} end`);
    });
    page = `http://127.0.0.1:${await listen(origin)}`;
    folder = await tempFolder();
  });

  afterEach(() => squid?.stop());

  afterAll(async () => {
    origin?.closeAllConnections();
    origin?.close();
  });

  const proxy = (changes: Partial<SquidSettings> = {}): SquidSettings => ({
    port: 3128,
    cacheSize: 100,
    cacheFolder: join(folder.path, 'cache'),
    maximumObjectSize: 1_024_000,
    clients: ['127.0.0.2/32'],
    ...changes,
  });

  test('a client gets a large image, fetched once; a stranger, and the host itself, get none', async () => {
    squid = await startSquid(folder.path, ownText(proxy()));
    for (let i = 0; i < 2; i += 1) {
      expect(await squid.fetch(`${page}/large`, '127.0.0.2')).toMatch(
        /^HTTP\/1\.1 200 [\s\S]*x end$/,
      );
    }
    expect(asked.filter((url) => url === '/large')).toHaveLength(1);
    for (const foreign of ['127.0.0.1', '127.0.0.3']) {
      const answer = await squid.fetch(`${page}/large`, foreign);
      expect(answer).toMatch(/^HTTP\/1\.1 403 [\s\S]*X-Squid-Error: ERR_ACCESS_DENIED/);
    }
  });

  test('what is larger than the largest object is fetched each time', async () => {
    squid = await startSquid(folder.path, ownText(proxy({ maximumObjectSize: 1000 })));
    for (let i = 0; i < 2; i += 1) await squid.fetch(`${page}/too-large`, '127.0.0.2');
    expect(asked.filter((url) => url === '/too-large')).toHaveLength(2);
  });

  test.each([
    ['IPv6 and networks', { clients: ['2001:db8::/64', '2001:db8::1/128', '10.0.0.0/8'] }],
    ['a worker inside of a network', { clients: ['10.0.0.0/8', '10.0.0.1/32'] }],
    ['nobody', { clients: [] }],
    ['another port', { port: 8080 }],
  ])('squid takes the text for %s', (_, changes) => {
    expect(validated(ownText(proxy(changes))).status).toBe(0);
  });

  test('a text that squid would not take is found before it lands, together with what already exists', () => {
    const { status, output } = validated(ownText(proxy({ clients: ['192.0.2.300/32'] })));
    expect([status, output]).toEqual([1, expect.stringMatching(/FATAL: Bungled .*192\.0\.2\.300/)]);
    writeFileSync(join(folder.path, 'conf.d/admin.conf'), 'acl mine src 192.0.2.300\n');
    expect(validated(ownText(proxy())).status).toBe(1);
    writeFileSync(join(folder.path, 'conf.d/admin.conf'), 'acl lava_clients src 192.0.2.3\n');
    expect(validated(ownText(proxy())).status).toBe(0);
  });

  test("Debian's file without its port is one that squid takes, and a broken one is not", () => {
    const text = debianConf(folder.path, 3128).replace('127.0.0.1:', '');
    const edited = editMainFile(8080)(text);
    expect(edited).toContain('# http_port 3128');
    writeFileSync(join(folder.path, 'conf.d/lava-play.conf'), ownText(proxy({ port: 8080 })));
    const status = (content: string): number | null => {
      const file = join(folder.path, 'edited.conf');
      writeFileSync(file, content);
      return spawnSync('sh', ['-c', VALIDATE_MAIN_FILE], { env: { file } }).status;
    };
    expect(status(edited)).toBe(0);
    expect(status(`${edited}acl x src y z\n`)).not.toBe(0);
  });

  /** Runs the validation of a text as the engine does: in a folder of its own beside the target. */
  function validated(own: string): { readonly status: number | null; readonly output: string } {
    const conf = join(folder.path, 'squid.conf');
    const beside = join(folder.path, 'conf.d/.lava-play.tmp.test');
    mkdirSync(beside, { recursive: true });
    writeFileSync(conf, debianConf(folder.path, 3128));
    writeFileSync(join(beside, 'lava-play.conf'), own);
    copyFileSync(join(beside, 'lava-play.conf'), join(folder.path, 'conf.d/lava-play.conf'));
    const script = VALIDATE_OWN_FILE.replaceAll('/etc/squid', folder.path);
    const { status, stdout } = spawnSync('sh', ['-c', script], {
      ...{
        encoding: 'utf8',
        env: { PATH: process.env.PATH, file: join(beside, 'lava-play.conf') },
      },
    });
    expect(readFileSync(join(beside, 'whole'), 'utf8')).toContain(
      `include ${beside}/lava-play.conf`,
    );
    return { status, output: stdout };
  }
});

describe("the port in Debian's squid.conf", () => {
  const text = 'http_access deny all\n# Squid normally listens to port 3128\nhttp_port 3128\nend\n';

  test('is left alone while it is the wanted one', () => {
    expect(editMainFile(3128)(text)).toBe(text);
  });

  test('is commented out for another one, and comes back', () => {
    const moved = editMainFile(8080)(text);
    expect(moved).toBe(
      text.replace(
        '\nhttp_port 3128',
        '\n# http_port 3128 (the port is in /etc/squid/conf.d/lava-play.conf)',
      ),
    );
    expect(editMainFile(8080)(moved)).toBe(moved);
    expect(editMainFile(3128)(moved)).toBe(text);
  });

  test("is the only line that changes, and an administrator's own ports stay", () => {
    const own = 'http_port 127.0.0.1:3129 intercept\nhttp_port 3128 ssl-bump\n';
    expect(editMainFile(8080)(own)).toBe(own);
  });
});

describe('whether an address is a client', () => {
  test.each([
    ['192.0.2.5', [], 'no'],
    ['192.0.2.5', ['192.0.2.5/32'], 'yes'],
    ['192.0.2.5', ['192.0.2.4/32', '192.0.2.0/29'], 'yes'],
    ['192.0.2.5', ['192.0.2.8/29', '2001:db8::/32'], 'no'],
    ['192.0.2.5', ['0.0.0.0/0'], 'yes'],
    ['192.0.2.5', ['worker.example.org'], 'unknown'],
    ['192.0.2.5', ['worker.example.org', '192.0.2.5/32'], 'yes'],
    ['proxy.example.org', ['192.0.2.5/32'], 'unknown'],
    ['2001:db8::5', ['2001:db8::5/128'], 'unknown'],
  ] as const)('%s of %j: %s', (address, clients, wanted) => {
    expect(whetherClient(address, clients)).toBe(wanted);
  });

  test('is so for each address of a network and for no other', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, fc.integer({ min: 24, max: 32 }), (a, b, length) => {
        const same = a >> (32 - length) === b >> (32 - length);
        const answer = whetherClient(`10.1.2.${a}`, [`10.1.2.${b}/${length}`]);
        expect(answer).toBe(same ? 'yes' : 'no');
      }),
    );
  });
});

describe('the disk under a cache', () => {
  test('is the one of the nearest folder that is there', () => {
    const host = testHost();
    const state = host.read(cacheRoom(`${host.folder}/not/there/yet`, 100));
    expect(state.total).toBeGreaterThan(0);
    expect(state.free).toBeLessThanOrEqual(state.total);
    expect(state.isCache).toBe(false);
    expect(host.read(cacheRoom('/nowhere', 100)).total).toBeGreaterThan(0);
  });

  test('holds a cache already when squid has written one', () => {
    const host = testHost();
    writeFileSync(join(host.folder, 'swap.state'), '');
    expect(host.read(cacheRoom(host.folder, 100)).isCache).toBe(true);
  });
});

describe('a restart', () => {
  /** A host with something that listens in the place of squid, and what systemd was told to restart. */
  async function listening() {
    const host = testHost();
    const log = join(host.folder, 'restarted');
    const server = createPort((socket) => socket.on('error', () => {}));
    onTestFinished(() => void server.close());
    const port = await listen(server);
    host.install('systemctl', `case $1 in restart) echo "$*" >>'${log}' ;; esac`);
    const { script } = restartSquid(port);
    const harmless = script.replaceAll('/usr/sbin/squid', 'true');
    const told = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    return { server, port, told, run: (before = '') => host.run(`${before}\n${harmless}`) };
  }

  async function client({ server, port }: Awaited<ReturnType<typeof listening>>): Promise<void> {
    const accepted = once(server, 'connection');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    await accepted;
  }

  test('comes where nobody is connected', async () => {
    const squid = await listening();
    expect(squid.run().status).toBe(0);
    expect(squid.told()).toBe('restart -- squid.service\n');
  });

  test('waits while somebody is, who may be cut only when that is wanted', async () => {
    const squid = await listening();
    await client(squid);
    expect(squid.run()).toEqual({
      status: NOT_NOW,
      output: 'open connections to the proxy, which a restart would cut: 1\n',
    });
    expect(squid.told()).toBe('');
    expect(squid.run('lava_play_kick=yes').status).toBe(0);
    expect(squid.told()).toBe('restart -- squid.service\n');
  });
});
