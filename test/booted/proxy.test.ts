import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { LAB_VARS } from './inventory.ts';
import { type LabHost, labAccess, labExec, labHosts, readHostFile, resetHost } from './lab.ts';
import { gatewayAddress } from './layout.ts';
import { waitFor } from './wait.ts';

const ENOUGH = { cache_size: 250, cache_folder: '/var/cache/lava-squid' };
const OWN_FILE = '/etc/squid/conf.d/lava-play.conf';

describeOnLab('the proxy of the lab', () => {
  let origin: Server;
  let originUrl: string;
  let hanging: ServerResponse | undefined;
  const asked: string[] = [];
  let database: LabHost;
  let master: LabHost;
  let worker: LabHost;

  beforeAll(async () => {
    [database, master, worker] = threeHosts();
    for (const { name } of [database, master, worker]) await resetHost(name);
    const gateway = gatewayAddress(master.address.replace(/\.\d+$/, ''));
    origin = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200, { 'cache-control': 'max-age=3600', 'content-type': 'text/plain' });
      if (request.url !== '/hanging') return response.end(`an image ${'x'.repeat(600_000)} end\n`);
      response.write('begun');
      hanging = response;
    });
    origin.listen(0, gateway);
    await once(origin, 'listening');
    const address = origin.address();
    originUrl = `http://${gateway}:${typeof address === 'object' ? address?.port : ''}`;
  });

  afterAll(() => {
    origin?.closeAllConnections();
    origin?.close();
  });

  foundation(
    'is installed, lets the workers in and nobody else, and is where the workers are sent',
    async () => {
      const { code, events } = await apply({});
      expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
      const proved = ofType(events, 'proved').map(({ host, proof }) => `${host}: ${proof}`);
      expect(proved).toContain(
        `${master.name}: the proxy ${master.address}:3128 rejects hosts outside the lab`,
      );
      expect(proved.filter((line) => line.startsWith(`${worker.name}: the proxy`))).toEqual([
        expect.stringContaining(`the proxy ${master.address}:3128 accepts this host`),
      ]);
      const conf = '/srv/lava/instances/lab/etc/lava-server/instance.conf';
      expect(await readHostFile(worker.name, conf)).toContain(
        `LAVA_PROXY='http://${master.address}:3128/'`,
      );
    },
  );

  test('fetches an image once for all who want it', async () => {
    for (let i = 0; i < 3; i += 1) {
      expect(await fetch(worker.name, '/image')).toMatch(/^HTTP\/1\.1 200 [\s\S]*x end$/);
    }
    expect(asked).toEqual(['/image']);
    expect(await fetch(database.name, '/image')).toMatch(
      /^HTTP\/1\.1 403 [\s\S]*ERR_ACCESS_DENIED/,
    );
  });

  test('is left alone by the second apply', async () => {
    const { code, events } = await apply({});
    expect(code).toBe(0);
    const [finished] = ofType(events, 'run-finished');
    expect(finished?.hosts).toMatchObject(
      [database, master, worker].map(({ name: host }) => ({
        ...{ host, outcome: 'unchanged', changes: 0, pending: 0, scripts: 2 },
      })),
    );
  });

  test('keeps running, and keeps what it has, when its cache grows', async () => {
    const before = await mainPid();
    const { code, events } = await apply({ cache_size: 250 });
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    expect(await mainPid()).toBe(before);
    expect(await fetch(worker.name, '/image')).toMatch(/^HTTP\/1\.1 200 /);
    expect(asked).toEqual(['/image']);
  });

  test('moves its cache only when nobody downloads any more', async () => {
    const before = await mainPid();
    const download = fetch(worker.name, '/hanging');
    const response = await waitFor('a download', () => hanging, { deadlineMs: 20_000 });
    const moved = { cache_size: 250, cache_folder: '/var/cache/lava-squid' };
    const first = await apply(moved);
    expect(first.stdout).toContain('open connections to the proxy, which a restart would cut: 1');
    expect(await mainPid()).toBe(before);
    response.end(' ended');
    expect(await download).toMatch(/begun ended$/);
    const second = await apply(moved);
    expect([second.code, ofType(second.events, 'host-failed')]).toEqual([0, []]);
    expect(await mainPid()).not.toBe(before);
    const { stdout } = await labExec(
      master.name,
      'ls /var/cache/lava-squid; stat -c %U /var/cache/lava-squid',
    );
    expect(stdout).toMatch(/00\n[\s\S]*swap\.state\nproxy\n/);
  });

  test('that does not run is found by the plan and started', async () => {
    await labExec(
      master.name,
      'squid -k interrupt; while systemctl is-active squid; do sleep 0.1; done',
    );
    const { stdout } = await lavaPlay(['check', ...args(ENOUGH)]);
    const { hosts }: LabHealth = JSON.parse(stdout);
    const told = hosts
      .flatMap(({ findings }) => findings)
      .filter(({ check }) => /prox/.test(check));
    expect(told.map(({ host, check }) => `${host} ${check}`)).toEqual([
      `${master.name} proxy.service`,
    ]);
    expect(told[0]?.alsoSeen.map(({ host }) => host).sort()).toEqual([master.name, worker.name]);
    const planned = await lavaPlay(['plan', ...args(ENOUGH)]);
    expect(
      ofType(eventsOf(planned.stdout), 'host-planned').flatMap((it) => it.changes),
    ).toMatchObject([{ resource: 'listening squid.service' }]);
    expect((await apply(ENOUGH)).code).toBe(0);
    expect(await fetch(worker.name, '/again')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('moves to another port, and its workers with it', async () => {
    const { code, events } = await apply(
      { cache_size: 250, cache_folder: '/var/cache/lava-squid' },
      8080,
    );
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    expect(await fetch(worker.name, '/image-8080', 8080)).toMatch(/^HTTP\/1\.1 200 /);
    const ports = await labExec(
      master.name,
      "sed -n 's/^ *[0-9]*: [0-9A-F]*:\\(0C38\\|1F90\\) [0-9A-F:]* 0A .*/\\1/p' /proc/net/tcp /proc/net/tcp6",
    );
    expect(ports.stdout).toBe('1F90\n');
    const back = await apply({ cache_size: 250, cache_folder: '/var/cache/lava-squid' });
    expect([back.code, ofType(back.events, 'host-failed')]).toEqual([0, []]);
    expect(await readHostFile(master.name, '/etc/squid/squid.conf')).toMatch(/^http_port 3128$/m);
  });

  test('does not get a configuration that squid would not take', async () => {
    const before = await readHostFile(master.name, OWN_FILE);
    await labExec(master.name, 'echo "acl broken src 192.0.2.300" > /etc/squid/conf.d/admin.conf');
    const { code, events } = await apply({
      cache_size: 300,
      cache_folder: '/var/cache/lava-squid',
    });
    expect(code).not.toBe(0);
    expect(JSON.stringify(ofType(events, 'host-failed'))).toMatch(/is not valid: squid -k parse/);
    expect(await readHostFile(master.name, OWN_FILE)).toBe(before);
    expect(await fetch(worker.name, '/image')).toMatch(/^HTTP\/1\.1 200 /);
    await labExec(master.name, 'rm /etc/squid/conf.d/admin.conf');
  });

  function args(options: Readonly<Record<string, unknown>>, port?: number): readonly string[] {
    const { inventoryFile } = labAccess();
    const inventory = join(dirname(inventoryFile), 'proxy.yaml');
    const playbook = join(dirname(inventoryFile), 'proxy-play.yaml');
    writeFileSync(inventory, inventoryText(port));
    writeFileSync(playbook, playbookText({ cache_size: 200, ...options }));
    return [inventory, '--playbook', playbook, '--json'];
  }

  async function apply(options: Readonly<Record<string, unknown>>, port?: number) {
    const { code, stdout } = await lavaPlay(['apply', ...args(options, port)]);
    return { code, stdout, events: eventsOf(stdout) };
  }

  function inventoryText(port: number | undefined): string {
    return `${LAB_VARS}database:
  hosts:
    ${database.name}: { address: ${database.address} }
master:
  hosts:
    ${master.name}: { address: ${master.address} }
proxy:
  hosts:
    ${master.name}:${port === undefined ? '' : ` { proxy_port: ${port} }`}
workers:
  hosts:
    ${worker.name}: { address: ${worker.address} }
`;
  }

  async function mainPid(): Promise<string> {
    const { stdout } = await labExec(master.name, 'systemctl show -P MainPID squid');
    return stdout.trim();
  }

  /** What a host gets of a page through the proxy, headers and all. */
  async function fetch(host: string, path: string, port = 3128): Promise<string> {
    const request = `GET ${originUrl}${path} HTTP/1.0\\r\\n\\r\\n`;
    const { stdout } = await labExec(host, [
      ...['bash', '-c'],
      `exec 3<>/dev/tcp/${master.address}/${port} && printf '${request}' >&3 && cat <&3`,
    ]);
    return stdout.trimEnd();
  }
});

function threeHosts(): [LabHost, LabHost, LabHost] {
  const [database, master, worker] = labHosts();
  if (database && master && worker) return [database, master, worker];
  throw new Error('the lab has no worker');
}

function playbookText(options: Readonly<Record<string, unknown>>): string {
  return `- hosts: database
  tasks:
    - postgres_allow_remote:
        database: "{{ lava.db.name }}"
        user: "{{ lava.db.user }}"
        password: "{{ lava.db.password }}"
- hosts: proxy
  tasks:
    - proxy:
        port: "{{ optional proxy_port }}"
${Object.entries(options)
  .map(([key, value]) => `        ${key}: ${value}\n`)
  .join('')}
- hosts: workers
  tasks:
    - write_instance_conf:
        role: worker
        layout: "{{ lava.layout }}"
        instance: "{{ lava.instance }}"
        db: "{{ lava.db }}"
        master: "{{ lava.master }}"
        proxy: "{{ lava.proxy }}"
`;
}
