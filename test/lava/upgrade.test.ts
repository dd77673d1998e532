import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { quote } from '../../engine/script/shell.ts';
import type { DebianRelease } from '../booted/debian_release.ts';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { findingsOf } from '../booted/found.ts';
import { type LabHost, labAccess, labExec, labHosts, resetHost } from '../booted/lab.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { startsAtDebian12 } from './row.ts';

/** Something that an admin has made in LAVA himself, which lava-play has to leave alone. */
const OF_AN_ADMIN = { worker: 'of-an-admin', device: 'board-of-an-admin' };

/**
 * An admin's upgrade: master and workers are installed afresh with Debian 13, the host of the database stays. A quarter
 * of an hour on two busy cores, so it belongs to `npm run test:long` alone.
 */
const describeUpgrade = startsAtDebian12 ? describeOnLab : describe.skip;

describeUpgrade('a lab whose hosts go from Debian 12 to 13 over the same database', () => {
  const token = randomBytes(20).toString('hex');
  let before: readonly LabHost[] = [];
  let folder: string;

  beforeAll(async () => {
    before = labHosts();
    await reinstall(before, 12);
    folder = testFolder();
    mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
    const secrets = { db: randomBytes(15).toString('base64url'), admin: 'a password', token };
    for (const [name, value] of Object.entries(secrets))
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
  });

  afterAll(async () => {
    for (const { name, debian } of before) await resetHost(name, { debian });
  });

  foundation('has LAVA 2023.01 at first, and something that an admin made', async () => {
    await apply(workers());
    expect(await versions()).toEqual(workers().map(() => '2023.01'));
    await byHand();
    expect(await changes(workers())).toEqual([0, 0, 0, 0]);
  });

  foundation('refuses workers of Debian 12 when the master is of Debian 13', async () => {
    await reinstall([one('master')], 13);
    const { code, events } = await run(['plan'], workers());
    expect(code).toBe(1);
    const refused = ofType(events, 'host-failed').map(({ failure }) => failure.message);
    expect(refused).toEqual(
      workers().map(() =>
        expect.stringMatching(
          /gets LAVA 2026\.04 or newer from the backports of Debian 13 \(trixie\) and rejects workers of other versions; this host has 2023\.01 and is offered 2023\.01 \(http:\S+ bookworm\/main\) by apt$/,
        ),
      ),
    );
  });

  foundation('has the LAVA of Debian 13 after one apply over that database', async () => {
    await reinstall(workers(), 13);
    await apply(workers());
    const { stdout } = await labExec(
      one('master').name,
      'cat /usr/lib/python3/dist-packages/lava_common/VERSION',
    );
    expect(stdout).not.toMatch(/^2023/);
    expect(await versions()).toEqual(workers().map(() => stdout.trim()));
    expect(await health('worker')).toEqual({
      ...Object.fromEntries(workers().map(({ name }) => [name, 'Active'])),
      [OF_AN_ADMIN.worker]: 'Active',
      'example.com': 'Retired',
    });
  });

  test('has nothing left to do then, and is healthy', async () => {
    expect(await changes(workers())).toEqual([0, 0, 0, 0]);
    const { stdout } = await lavaPlay(['check', join(folder, 'inventory.yaml'), '--json']);
    const found = findingsOf(JSON.parse(stdout));
    expect(found.filter(({ evidence }) => !evidence.includes(OF_AN_ADMIN.worker))).toEqual([]);
  });

  test('still knows what it has registered: a worker and its board retire, those of an admin stay', async () => {
    const [stays, goes] = workers();
    if (!stays || !goes) throw new Error('this needs two workers');
    const { code, stderr } = await run(['retire', goes.name, '--yes'], workers());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await health('worker')).toMatchObject({
      [stays.name]: 'Active',
      [goes.name]: 'Retired',
      [OF_AN_ADMIN.worker]: 'Active',
    });
    expect(await health('device')).toEqual({
      [board(stays)]: 'Good',
      [board(goes)]: 'Retired',
      [OF_AN_ADMIN.device]: 'Good',
    });
    expect(await changes([stays])).toEqual([0, 0, 0]);
  });

  test('keeps nothing of a worker on the host that was one, nor what came with its dispatcher', async () => {
    const [, gone] = workers();
    const { stdout } = await labExec(
      gone?.name ?? '',
      `dpkg-query --show --showformat='\${Package} \${db:Status-Status}\n' | grep -xE '(lava-.*|mdadm|lvm2|nbd-client) installed'
find /etc/apt/sources.list.d/lava-play.sources /var/lib/lava/dispatcher/worker/token /etc/lava-play/ssh/id_ed25519 2>/dev/null
systemctl list-sockets --no-legend | grep -oE '(dm-event|lvm2-\\w+)\\.socket'`,
    );
    expect(stdout).toBe('');
  });

  /** Other words of LAVA about itself are the same for both releases; this one is the table's. */
  async function health(kind: 'worker' | 'device'): Promise<Readonly<Record<string, string>>> {
    const words =
      kind === 'worker'
        ? ['Active', 'Maintenance', 'Retired']
        : ['Good', 'Unknown', 'Looping', 'Bad', 'Maintenance', 'Retired'];
    const rows = await sql(`SELECT hostname, health FROM lava_scheduler_app_${kind}`);
    return Object.fromEntries(
      rows.map((row) => {
        const [name = '', number = ''] = row.split('|');
        return [name, words[Number(number)] ?? number];
      }),
    );
  }

  async function byHand(): Promise<void> {
    const { worker, device } = OF_AN_ADMIN;
    for (const line of [
      `workers add ${worker}`,
      `devices add --device-type ssh --worker ${worker} ${device}`,
    ]) {
      const { code, stderr } = await labExec(one('master').name, `lava-server manage ${line}`);
      expect(code, stderr).toBe(0);
    }
  }

  async function versions(): Promise<readonly string[]> {
    return await Promise.all(
      workers().map(async ({ name }) => {
        const { version } = await ask<{ version: string }>(`workers/${name}/`);
        return version;
      }),
    );
  }

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(`http://${one('master').address}/api/v0.2/${path}`, {
      headers: { authorization: `Token ${token}` },
    });
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
    return (await response.json()) as T;
  }

  async function sql(text: string): Promise<readonly string[]> {
    const { code, stdout, stderr } = await labExec(
      one('database').name,
      `cd / && runuser -u postgres -- psql -XAtqd lavaserver -c ${quote(text)}`,
    );
    expect(code, stderr).toBe(0);
    return stdout.trim().split('\n');
  }

  async function apply(members: readonly LabHost[]): Promise<void> {
    const { code, events, stderr } = await run(['apply'], members);
    const failures = ofType(events, 'host-failed').map(({ host, failure }) => ({
      host,
      ...failure,
    }));
    expect({ code, failures, stderr }).toEqual({ code: 0, failures: [], stderr: '' });
  }

  async function changes(members: readonly LabHost[]): Promise<readonly number[]> {
    const { events } = await run(['plan'], members);
    return ofType(events, 'host-finished').map(({ summary }) => summary.changes + summary.pending);
  }

  async function run(command: readonly string[], members: readonly LabHost[]) {
    const inventory = join(folder, 'inventory.yaml');
    writeFileSync(inventory, inventoryOf(members));
    const { code, stdout, stderr } = await lavaPlay([...command, inventory, '--json']);
    return { code, stderr, events: eventsOf(stdout) };
  }
});

function inventoryOf(members: readonly LabHost[]): string {
  const { identityFile, knownHostsFile } = labAccess();
  const group = (hosts: readonly LabHost[], more: (host: LabHost) => object = () => ({})) => ({
    hosts: Object.fromEntries(
      hosts.map((host) => [host.name, { address: host.address, ...more(host) }]),
    ),
  });
  const text = stringify({
    all: {
      vars: {
        user: 'admin',
        connect_timeout: 30,
        identity_file: identityFile,
        known_hosts_file: knownHostsFile,
        lava: {
          instance: 'lab',
          db: { name: 'lavaserver', user: 'lavaserver', password: 'SECRET db' },
          admin: { user: 'admin', password: 'SECRET admin', token: 'SECRET token' },
          share: '/srv/lava-share',
        },
      },
    },
    secrets: Object.fromEntries(['db', 'admin', 'token'].map((n) => [n, { file: `secrets/${n}` }])),
    database: group([one('database')]),
    master: group([one('master')]),
    workers: group(members, (host) => ({
      boards: [
        {
          name: board(host),
          device_type: 'ssh',
          dictionary: { ssh_host: host.address, ssh_identity_file: '/root/.ssh/device' },
        },
      ],
    })),
  });
  return text.replace(/SECRET (\w+)/g, '!secret $1');
}

function board({ name }: LabHost): string {
  return `ssh-${name}`;
}

function workers(): readonly LabHost[] {
  return labHosts().filter(({ role }) => role === 'worker');
}

function one(role: LabHost['role']): LabHost {
  const host = labHosts().find((each) => each.role === role);
  if (!host) throw new Error(`the lab has no ${role}`);
  return host;
}

async function reinstall(hosts: readonly LabHost[], debian: DebianRelease): Promise<void> {
  for (const { name } of hosts) await resetHost(name, { debian });
}
