import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { cpuSeconds } from './cgroup.ts';
import { describeOnLab } from './describe_on_lab.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  powerOff,
  powerOn,
  readHostFile,
  resetHost,
  restoreLink,
} from './lab.ts';
import { waitFor } from './wait.ts';

/** A worker as the master's API tells of it (lava-server 2023.01, /api/v0.2/workers/). */
interface WorkerOfApi {
  readonly hostname: string;
  readonly state: 'Online' | 'Offline';
  readonly health: 'Active' | 'Maintenance' | 'Retired';
  readonly last_ping: string | null;
}

/** A test whose device is the worker itself, reached by ssh: no hardware, no emulator, a real lava-test-shell. */
const JOB = `device_type: ssh
job_name: the shared folder
timeouts:
  job: { minutes: 10 }
  action: { minutes: 5 }
  connection: { minutes: 2 }
priority: medium
visibility: public
actions:
- deploy: { timeout: { minutes: 3 }, to: ssh, os: debian }
- boot: { timeout: { minutes: 3 }, method: ssh, connection: ssh, prompts: ['root@', '# '] }
- test:
    timeout: { minutes: 3 }
    definitions:
    - from: inline
      name: smoke
      path: inline/smoke.yaml
      repository:
        metadata: { format: Lava-Test Test Definition 1.0, name: smoke, description: smoke }
        run:
          steps:
          - lava-test-case kernel --shell uname -a
          - lava-test-case share --shell grep -qx shared /srv/lava-share/from-master
          - lava-test-case must-fail --shell false
`;

describeOnLab('a LAVA lab from bare hosts', () => {
  const token = randomBytes(20).toString('hex');
  let folder: string;
  let inventory: string;

  const one = (role: LabHost['role'], index = 0): LabHost => {
    const found = labHosts().filter((host) => host.role === role)[index];
    if (!found) throw new Error(`the lab has no ${role} number ${index + 1}`);
    return found;
  };

  beforeAll(async () => {
    for (const { name } of labHosts()) await resetHost(name);
    folder = mkdtempSync(join(tmpdir(), 'lava-play-e2e-'));
    mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
    const secrets = { db: randomBytes(15).toString('base64url'), admin: 'a "good" $ one', token };
    for (const [name, value] of Object.entries(secrets))
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
    inventory = join(folder, 'inventory.yaml');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('one apply brings up database, master and a worker that is Online', async () => {
    const worker = one('worker');
    writeInventory([worker]);
    const started = Date.now();
    await apply();
    const { hostname, state, health } = await workerOfApi(worker.name);
    expect({ hostname, state, health }).toEqual({
      hostname: worker.name,
      state: 'Online',
      health: 'Active',
    });
    const cpu = labHosts().map(({ name }) => `${name} ${cpuSeconds(name).toFixed(0)} s`);
    console.log(
      `from bare hosts to Online: ${((Date.now() - started) / 1000).toFixed(0)} s; CPU ${cpu.join(', ')}`,
    );
    const first = (await workerOfApi(worker.name)).last_ping;
    await waitFor(
      'ping later than the first',
      async () => (await workerOfApi(worker.name)).last_ping !== first || undefined,
      { deadlineMs: 60_000 },
    );
  });

  test('the second apply changes nothing and takes two scripts a host', async () => {
    const { hosts } = await apply();
    expect(hosts.map(({ changes, scripts }) => ({ changes, scripts }))).toEqual(
      hosts.map(() => ({ changes: 0, scripts: 2 })),
    );
  });

  test('check finds the lab healthy, and a worker whose daemon is stopped Offline', async () => {
    const healthy = await lavaPlay(['check', inventory]);
    expect([healthy.code, healthy.stdout]).toEqual([0, expect.stringContaining('nothing found')]);
    const { name } = one('worker');
    await labExec(name, 'systemctl stop lava-worker');
    await waitFor(
      'worker that the master calls Offline',
      async () => (await workerOfApi(name)).state === 'Offline' || undefined,
      { deadlineMs: 120_000 },
    );
    const ill = await lavaPlay(['check', inventory]);
    await labExec(name, 'systemctl start lava-worker');
    expect(ill.code).toBe(1);
    expect(ill.stdout).toMatch(new RegExp(`${name}.*Offline`));
  });

  test('a real job runs to Complete, and reads a file through the shared folder', async () => {
    await labExec(one('master').name, 'echo shared > /srv/lava-share/from-master');
    await prepareDevice(one('worker').name);
    const { job_ids } = await ask<{ job_ids: readonly number[] }>('jobs/', { definition: JOB });
    const [id] = job_ids;
    const job = await waitFor(
      'end of the job',
      async () => {
        const now = await ask<{ state: string; health: string }>(`jobs/${id}/`);
        return now.state === 'Finished' ? now : undefined;
      },
      { deadlineMs: 240_000 },
    );
    const { results } = await ask<{ results: { name: string; result: string }[] }>(
      `jobs/${id}/tests/?limit=100`,
    );
    const told = Object.fromEntries(results.map(({ name, result }) => [name, result]));
    expect(told).toMatchObject({ kernel: 'pass', share: 'pass', 'must-fail': 'fail' });
    expect(job.health).toBe('Complete');
  });

  test('one stanza more is one worker more, and nothing else is touched', async () => {
    const [old, added] = [one('worker'), one('worker', 1)];
    const before = await startTimes([one('database').name, old.name]);
    writeInventory([old, added]);
    const { hosts, events } = await apply();
    expect((await workerOfApi(added.name)).state).toBe('Online');
    const outcomes = Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
    expect(outcomes).toMatchObject({
      [old.name]: 'unchanged',
      [one('master').name]: 'changed',
      [added.name]: 'changed',
    });
    const onMaster = ofType(events, 'host-planned')
      .filter(({ host }) => host === one('master').name)
      .flatMap(({ changes }) => changes);
    expect(onMaster.flatMap(({ reactions }) => reactions)).toEqual([]);
    for (const { diff, resource } of onMaster) {
      expect(`${resource}\n${diff}`).toContain(added.name);
    }
    expect(await startTimes([one('database').name, old.name])).toEqual(before);
  });

  test('a worker taken out is Retired, and its key is gone', async () => {
    const [old, gone] = [one('worker'), one('worker', 1)];
    writeInventory([old]);
    await apply();
    expect((await workerOfApi(gone.name)).health).toBe('Retired');
    const keys = await readHostFile(one('master').name, '/etc/lava-play/authorized_keys/lavashare');
    expect(keys).toContain(old.name);
    expect(keys).not.toContain(gone.name);
    expect((await workerOfApi(old.name)).health).toBe('Active');
  });

  test('a stopped database, a master switched off and a cut cable are mended or said, and leave nothing to do', async () => {
    const [database, master, worker] = [one('database'), one('master'), one('worker')];
    await labExec(database.name, 'systemctl stop "postgresql@*"');
    const mended = await apply();
    expect(mended.hosts.find(({ host }) => host === database.name)?.changes).toBeGreaterThan(0);
    await powerOff(master.name);
    await powerOn(master.name);
    await waitFor('answer of the master', () => answers(), { deadlineMs: 120_000 });
    await apply();
    await cutLink(worker.name);
    const cut = await lavaPlay(['apply', inventory, '--json']);
    await restoreLink(worker.name);
    expect(cut.code).toBe(4);
    const [failure] = ofType(eventsOf(cut.stdout), 'host-failed');
    expect(failure).toMatchObject({ host: worker.name, failure: { kind: 'unreachable' } });
    await apply();
    const { hosts } = await apply();
    expect(hosts.map(({ changes }) => changes)).toEqual(hosts.map(() => 0));
    expect((await workerOfApi(worker.name)).state).toBe('Online');
  });

  async function answers(): Promise<true | undefined> {
    return ask('workers/').then(
      () => true,
      () => undefined,
    );
  }

  function writeInventory(workers: readonly LabHost[]): void {
    const { identityFile, knownHostsFile } = labAccess();
    const [database, master] = [one('database'), one('master')];
    writeFileSync(
      inventory,
      `all:
  vars:
    user: admin
    identity_file: ${identityFile}
    known_hosts_file: ${knownHostsFile}
    lava:
      instance: lab
      db: { name: lavaserver, user: lavaserver, password: !secret db }
      admin: { user: admin, password: !secret admin, token: !secret token, email: a@example.com }
      share: /srv/lava-share
secrets:
  db: { file: secrets/db }
  admin: { file: secrets/admin }
  token: { file: secrets/token }
database: { hosts: { ${database.name}: { address: ${database.address} } } }
master: { hosts: { ${master.name}: { address: ${master.address} } } }
workers:
  hosts:
${workers.map(stanza).join('')}`,
    );
  }

  function stanza({ name, address }: LabHost): string {
    return `    ${name}:
      address: ${address}
      boards:
        - name: ssh-${name}
          device_type: ssh
          dictionary: { ssh_host: ${address}, ssh_identity_file: /root/.ssh/device }
`;
  }

  async function apply(): Promise<{
    readonly hosts: ReturnType<typeof summaries>;
    readonly events: ReturnType<typeof eventsOf>;
  }> {
    const { code, stdout, stderr } = await lavaPlay(['apply', inventory, '--json']);
    const events = eventsOf(stdout);
    const failures = ofType(events, 'host-failed').map(({ host, failure }) => ({
      host,
      ...failure,
    }));
    expect({ code, failures, stderr }).toEqual({ code: 0, failures: [], stderr: '' });
    return { hosts: summaries(events), events };
  }

  function summaries(events: ReturnType<typeof eventsOf>) {
    return ofType(events, 'run-finished')[0]?.hosts ?? [];
  }

  async function ask<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`http://${one('master').address}/api/v0.2/${path}`, {
      headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  const workerOfApi = (name: string): Promise<WorkerOfApi> => ask(`workers/${name}/`);

  /** The worker plays the device of its own test, so it lets its own key in. */
  async function prepareDevice(worker: string): Promise<void> {
    const { code, stderr } = await labExec(
      worker,
      'ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/device && cat /root/.ssh/device.pub >> /root/.ssh/authorized_keys',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
  }

  /** When each service of these hosts was last started. */
  async function startTimes(hosts: readonly string[]): Promise<readonly string[]> {
    const command =
      "systemctl show --property=Id,ActiveEnterTimestampMonotonic '*.service' | grep -v '^$' | paste - - | grep -E 'postgres|lava|ser2net|apache'";
    return Promise.all(hosts.map(async (host) => (await labExec(host, command)).stdout));
  }
});
