import { readFileSync, writeFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { type RequestOptions, request as requestSecure } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { findingsOf } from '../booted/found.ts';
import { type LabHost, labAccess, labExec, labHosts } from '../booted/lab.ts';
import { type TestAuthority, testAuthority } from '../support/certificates.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { makeBare } from './row.ts';

const PASSWORD = 'the admin\'s "Passw0rd" $1';
const FOLDER = '/etc/lava-play/https';
const DAY = 86_400_000;

describeOnLab('a real LAVA lab by https', () => {
  let folder: string;
  let inventory: string;
  let database: LabHost;
  let master: LabHost;
  let worker: LabHost;

  beforeAll(async () => {
    const one = (role: LabHost['role']): LabHost => {
      const found = labHosts().find((host) => host.role === role);
      if (!found) throw new Error(`the lab has no ${role}`);
      return found;
    };
    [database, master, worker] = [one('database'), one('master'), one('worker')];
    await makeBare([database, master, worker]);
    folder = testFolder();
    inventory = join(folder, 'inventory.yaml');
    writeFileSync(join(folder, 'admin'), `${PASSWORD}\n`, { mode: 0o600 });
    writeFileSync(join(folder, 'db'), 'the-database-Passw0rd\n', { mode: 0o600 });
  });

  foundation('one apply makes an authority, and everybody comes by https', async () => {
    writeInventory('{ authority: lab }');
    const { code, failures, proved, stdout } = await apply();
    expect([code, failures]).toEqual([0, []]);
    const url = `https://${master.address}/`;
    expect(proved).toEqual(
      expect.arrayContaining([
        `LAVA's API on ${master.address}:443, which shows nothing without a login`,
        `boss logs in at ${url}, by a cookie that is sent by https only`,
        `${url} accepts the pings of ${worker.name}, but shows its workers to nobody without a login`,
      ]),
    );
    expect(stdout).not.toContain('Passw0rd');
  });

  test('the second apply changes nothing, and check finds nothing', async () => {
    expect((await apply()).changes).toBe(0);
    expect(await findings()).toEqual([]);
  });

  test('people are sent to https with all that they asked for, workers and the ends of tunnels are not', async () => {
    const plain = (path: string, host?: string) => ask('http', path, { headers: { host } });
    expect(await plain('/results/?a=b%20c')).toMatchObject({
      status: 308,
      location: `https://${master.address}/results/?a=b%20c`,
    });
    expect((await plain('/x', master.name)).location).toBe(`https://${master.name}/x`);
    expect((await plain('/x', 'unknown.example')).location).toBe(`https://${master.address}/x`);
    expect((await plain('/scheduler/internal/v1/workers/none/')).status).toBe(404);
    expect((await plain('/lava-heartbeat/')).status).toBe(200);
    expect((await plain('/results/', '127.0.0.1:10080')).location).toMatch(/^\/accounts\/login\//);
  });

  test('by https a page says so to browsers, and Django knows it whatever the client says', async () => {
    const login = await ask('https', '/accounts/login/', {
      headers: { 'x-forwarded-proto': 'http' },
    });
    expect(login).toMatchObject({ status: 200, hsts: 'max-age=2592000' });
    expect(login.cookies).toMatch(/csrftoken=.*; Secure/);
    const opening = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    const headers = { ...opening, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
    expect((await ask('https', '/ws/', { headers })).status).toBe(101);
  });

  test.each<[string, (authority: TestAuthority) => string, RegExp]>([
    ['another’s', () => 'DNS:other.lab', /is another's: it is for other\.lab$/],
    ['a stranger’s', () => `IP:${master.address}`, /is signed by CN=Stranger$/],
  ])('a certificate of %s is told, and the next apply puts it right', async (_, names, what) => {
    const stranger = testAuthority('Stranger');
    const { cert, key } = stranger.sign(names(stranger));
    await plant(cert, key);
    expect(await findings()).toContainEqual([
      master.name,
      'lava_server.certificate',
      expect.stringMatching(what),
    ]);
    const { code, failures } = await apply();
    expect([code, failures]).toEqual([0, []]);
  });

  test('a certificate of the inventory that is no good is refused by the plan', async () => {
    const authority = testAuthority('Example PKI');
    const { address } = master;
    const refused = async (names: string, to?: Date, key?: string): Promise<string | undefined> => {
      const signed = authority.sign(names, to && { from: new Date(+to - 9 * DAY), to });
      writeCertificate({ ...signed, ...(key !== undefined && { key }) });
      const { failures } = await run('plan');
      return failures[0];
    };
    expect(await refused(`IP:${address}`, new Date(Date.now() - 2 * DAY))).toMatch(/expired on/);
    expect(await refused('DNS:other.lab')).toMatch(
      `is for other.lab, and the master is called ${address}`,
    );
    const { key } = authority.sign('DNS:x');
    expect(await refused(`IP:${address}`, undefined, key)).toMatch(/is not the key of/);
    expect(await findings()).toContainEqual([
      ...[master.name, 'host.drift', 'this host cannot be compared with the inventory'],
    ]);
  });

  test('one of an authority that nobody trusts is told by the proof, and with that authority all is well', async () => {
    const authority = testAuthority('Example PKI');
    writeCertificate(authority.sign(`IP:${master.address}`));
    const distrust = `this host does not trust the certificate of ${master.address}, which is signed by CN=Example PKI`;
    const first = await apply();
    expect([first.code, first.failures]).toEqual([1, [distrust]]);
    writeCertificate(authority.sign(`IP:${master.address}`), readFileSync(authority.path, 'utf8'));
    const second = await apply();
    expect([second.code, second.failures]).toEqual([0, []]);
    const [, line = ''] = readFileSync(join(folder, 'key.pem'), 'utf8').split('\n');
    expect(line.length).toBeGreaterThan(16);
    expect(second.stdout).not.toContain(line);
    expect((await apply()).changes).toBe(0);
    expect(await findings()).toEqual([]);
  });

  /** As an admin does by hand, or a renewal that has gone wrong. */
  async function plant(cert: string, key: string): Promise<void> {
    const write = (path: string, stdin: string) =>
      labExec(master.name, `cat >${FOLDER}/${path}`, { stdin });
    await write('server.crt', cert);
    await write('server.key', key);
    expect((await labExec(master.name, 'systemctl restart apache2')).code).toBe(0);
  }

  function writeCertificate(
    { cert, key }: { readonly cert: string; readonly key: string },
    ca?: string,
  ): void {
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
    if (ca !== undefined) writeFileSync(join(folder, 'ca.pem'), ca);
    writeInventory(
      `{ certificate: !file cert.pem, key: !file key.pem${ca === undefined ? '' : ', ca: !file ca.pem'} }`,
    );
  }

  function writeInventory(https: string): void {
    const { identityFile, knownHostsFile } = labAccess();
    const stanza = ({ name, address }: LabHost) =>
      `{ hosts: { ${name}: { address: ${address} } } }`;
    writeFileSync(
      inventory,
      `all:
  vars:
    user: admin
    connect_timeout: 30
    identity_file: ${identityFile}
    known_hosts_file: ${knownHostsFile}
    lava:
      instance: lab
      db: { name: lavaserver, user: lavaserver, password: !secret db }
      admin: { user: boss, password: !secret admin }
      https: ${https}
      settings: { REQUIRE_LOGIN: true }
secrets: { db: { file: db }, admin: { file: admin } }
database: ${stanza(database)}
master: ${stanza(master)}
workers: ${stanza(worker)}
`,
    );
  }

  const apply = () => run('apply');

  async function run(command: 'plan' | 'apply') {
    const { code, stdout } = await lavaPlay([command, inventory, '--json'], { cwd: folder });
    const events = eventsOf(stdout);
    const hosts = ofType(events, 'run-finished').flatMap(({ hosts: each }) => each);
    return {
      ...{ code, stdout },
      failures: ofType(events, 'host-failed').map(({ failure }) => failure.message),
      proved: ofType(events, 'proved').map(({ proof }) => proof),
      changes: hosts.reduce((sum, { changes }) => sum + changes, 0),
    };
  }

  /** The heartbeat of before, which had no answer in between, is told until the next. */
  async function findings(): Promise<readonly (readonly [string, string, string])[]> {
    const { stdout } = await lavaPlay(['check', inventory, '--json'], { cwd: folder });
    const health: LabHealth = JSON.parse(stdout);
    return findingsOf(health)
      .filter(({ check }) => check !== 'lava_worker_agent.heartbeat')
      .map(({ host, check, what }) => [host, check, what] as const);
  }

  /** Whatever the certificate: that is for the hosts of the lab to judge. */
  function ask(
    scheme: 'http' | 'https',
    path: string,
    { headers }: Pick<RequestOptions, 'headers'>,
  ): Promise<{
    readonly status: number;
    readonly location: string | undefined;
    readonly hsts: unknown;
    readonly cookies: string;
  }> {
    const request = scheme === 'https' ? requestSecure : requestPlain;
    const known = Object.entries(headers ?? {}).filter(([, value]) => value !== undefined);
    const options = { host: master.address, path, headers: Object.fromEntries(known) };
    return new Promise((resolve, reject) => {
      const asking = request({ ...options, rejectUnauthorized: false } as RequestOptions);
      asking.on('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve({ status: statusCode, location: undefined, hsts: undefined, cookies: '' });
      });
      asking.on('response', (response) => {
        const { location, 'strict-transport-security': hsts, ...rest } = response.headers;
        const cookies = (rest['set-cookie'] ?? []).join('\n');
        const status = response.statusCode ?? 0;
        text(response).then(() => resolve({ status, location, hsts, cookies }), reject);
      });
      asking.on('error', reject).end();
    });
  }
});
