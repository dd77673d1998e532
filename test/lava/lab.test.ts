import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { HostFinding, LabHealth } from '../../engine/contract/finding.ts';
import { quote } from '../../engine/script/shell.ts';
import type { LabStatus } from '../../lab/status/lab_status.ts';
import { cpuSeconds } from '../booted/cgroup.ts';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { findingsOf } from '../booted/found.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  powerOff,
  powerOn,
  restoreLink,
} from '../booted/lab.ts';
import { waitFor } from '../booted/wait.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { isWhole, makeBare } from './row.ts';

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
  job: { minutes: 120 }
  action: { minutes: 30 }
  connection: { minutes: 20 }
priority: medium
visibility: public
actions:
- deploy: { timeout: { minutes: 30 }, to: ssh, os: debian }
- boot: { timeout: { minutes: 30 }, method: ssh, connection: ssh, prompts: ['root@', '# '] }
- test:
    timeout: { minutes: 30 }
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
    await makeBare(labHosts());
    folder = testFolder();
    mkdirSync(join(folder, 'secrets'), { mode: 0o700 });
    const secrets = { db: randomBytes(15).toString('base64url'), admin: 'a "good" $ one', token };
    for (const [name, value] of Object.entries(secrets))
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
    inventory = join(folder, 'inventory.yaml');
  });

  foundation('one apply brings up database, master and a worker that is Online', async () => {
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

  test('status shows the worker as the master and the worker itself have it', async () => {
    const { name } = one('worker');
    const { code, stdout } = await lavaPlay(['status', inventory, '--json']);
    expect(code, stdout).toBe(0);
    const { services, workers }: LabStatus = JSON.parse(stdout);
    expect(services.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'database good',
      'server good',
    ]);
    expect(workers).toMatchObject([
      {
        ...{ name, status: 'good', agent: { state: 'active' }, mounts: [{ state: 'mounted' }] },
        worker: { state: 'Online', details: { health: 'Active', version: expect.any(String) } },
      },
    ]);
  });

  describe.runIf(isWhole)('check', () => {
    const sql = (text: string): string =>
      `cd / && runuser -u postgres -- psql -XAtqd lavaserver -c ${quote(text)}`;
    /** LAVA 2023.01 comes with this worker. */
    const MAKE_UP = `INSERT INTO lava_scheduler_app_worker SELECT (jsonb_populate_record(w, '{"hostname": "example.com", "health": 0, "token": "made-up"}')).*
  FROM lava_scheduler_app_worker w WHERE hostname <> 'example.com' LIMIT 1 ON CONFLICT (hostname) DO UPDATE SET health = 0`;
    const DAEMONS = 'lava-server-gunicorn lava-publisher lava-scheduler';
    const MORE = '/etc/lava-server/settings.d/zz.yaml';
    const VERSION = '/usr/lib/python3/dist-packages/lava_common/VERSION';
    const SCHEDULER = '$(systemctl show --property=MainPID --value lava-scheduler)';
    const OUTPUT = '/var/lib/lava-server/default/media/job-output';
    const TOLD = '/etc/lava-server/dispatcher.d/*/dispatcher.yaml';
    const DICTIONARY = '/etc/lava-server/dispatcher-config/devices/ssh-*.jinja2';
    const HTTPD = '/etc/apache2/conf-available/lava-play.conf';
    const LAST = `(SELECT max(id) FROM django_migrations WHERE app = 'lava_scheduler_app')`;

    test('finds nothing wrong with a healthy lab', async () => {
      expect(await findings()).toEqual([]);
    });

    /**
     * What is broken, where, how, how it is fixed, and the one finding: whose, which, with what evidence. Those that
     * keep pings from the master come last, because the master counts a missed ping for a while; after them
     * those that start the worker anew, for which the next check would have patience.
     */
    test.each([
      [
        ...['a scheduler that hangs', 'master'],
        `kill -STOP ${SCHEDULER}; touch -d '10 minutes ago' /var/log/lava-server/lava-scheduler.log`,
        `kill -CONT ${SCHEDULER}`,
        ...['master', 'lava_server.scheduler', 'lava-scheduler.log: nothing for 6'],
      ],
      [
        ...['settings that no daemon has read', 'master'],
        'touch /etc/lava-server/settings.d/50-lava-play.yaml',
        "touch -d '1 day ago' /etc/lava-server/settings.d/50-lava-play.yaml",
        ...['master', 'lava_server.old-settings', '50-lava-play.yaml was written '],
      ],
      [
        ...['settings that cannot be read', 'master'],
        `printf 'A: [\\n' > ${MORE}; touch -d '1 day ago' ${MORE}`,
        `rm ${MORE}`,
        ...['master', 'lava_server.database', `${MORE}:2: `],
      ],
      [
        ...['tables that are older than the programs', 'database'],
        sql(`UPDATE django_migrations SET name = name || '_away' WHERE id = ${LAST}`),
        sql(`UPDATE django_migrations SET name = replace(name, '_away', '') WHERE id = ${LAST}`),
        ...['master', 'lava_server.database', 'a migration is missing, first '],
      ],
      [
        ...['an address of a worker that is wrong on the master', 'master'],
        `cp -a ${TOLD} /root/kept; sed -i 's/^dispatcher_ip: .*/dispatcher_ip: 192.0.2.99/' ${TOLD}`,
        `cat /root/kept > $(ls ${TOLD})`,
        ...['master', 'lava_workers.wanted-settings', 'dispatcher_ip: 192.0.2.99'],
      ],
      [
        ...['output of jobs that cannot be written', 'master'],
        ...[`chown root:root ${OUTPUT}`, `chown lavaserver:lavaserver ${OUTPUT}`],
        ...['master', 'lava_server.job-output', 'root:root'],
      ],
      [
        ...['a dictionary that LAVA cannot read', 'master'],
        `cp -a ${DICTIONARY} /root/kept; echo '{% set x = [ %}' >> $(ls ${DICTIONARY})`,
        `cat /root/kept > $(ls ${DICTIONARY}); for name in $(basename -s .jinja2 ${DICTIONARY}); do lava-server manage devices update --health GOOD $name; done`,
        ...['master', 'lava_devices.dictionary', '{% set x = [ %}'],
      ],
      [
        ...['a file that somebody has changed', 'master'],
        ...[`echo '# by hand' >> ${HTTPD}`, `sed -i '$ d' ${HTTPD}`],
        ...['master', 'host.drift', `file ${HTTPD}: -# by hand`],
      ],
      [
        ...['a share that hangs', 'worker'],
        ...['pkill -STOP -f "[s]sh .*lavashare"', 'pkill -CONT -f "[s]sh .*lavashare"'],
        ...['worker', 'sshfs_mount.mount', 'stale'],
      ],
      [
        ...['a full tmpfs', 'worker'],
        'mount -t tmpfs -o size=64k tmpfs /mnt; ! head -c 100000 /dev/zero > /mnt/full 2>/dev/null',
        ...['umount /mnt', 'worker', 'host.tmpfs', ' 100% /mnt'],
      ],
      [
        ...['a made-up worker that gets jobs', 'database'],
        sql(MAKE_UP),
        sql("UPDATE lava_scheduler_app_worker SET health = 2 WHERE hostname = 'example.com'"),
        ...['master', 'lava_workers.strangers', 'example.com: Active'],
      ],
      [
        ...['a worker in Maintenance', 'database'],
        sql("UPDATE lava_scheduler_app_worker SET health = 1 WHERE hostname <> 'example.com'"),
        sql("UPDATE lava_scheduler_app_worker SET health = 0 WHERE hostname <> 'example.com'"),
        ...['worker', 'lava_workers.service', "LAVA's log does not say by whom"],
      ],
      [
        ...['a master without its scheduler', 'master'],
        ...['systemctl stop lava-scheduler', 'systemctl start lava-scheduler'],
        ...['master', 'lava_server.daemons', 'lava-scheduler.service: inactive'],
      ],
      [
        ...['a master without its publisher', 'master'],
        ...['systemctl stop lava-publisher', 'systemctl start lava-publisher'],
        ...['master', 'lava_server.daemons', 'lava-publisher.service: inactive'],
      ],
      [
        ...['a password that was changed in the database only', 'database'],
        `${sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'lavaserver'")} > /root/verifier; ${sql("ALTER ROLE lavaserver PASSWORD 'another'")}`,
        `cd / && runuser -u postgres -- psql -XAtqc "ALTER ROLE lavaserver PASSWORD '$(cat /root/verifier)'"`,
        ...['database', 'postgres_allow_remote.role', 'does not match'],
      ],
      [
        ...['a master without gunicorn', 'master'],
        ...['systemctl stop lava-server-gunicorn', 'systemctl start lava-server-gunicorn'],
        ...['master', 'lava_server.daemons', 'lava-server-gunicorn.service: inactive'],
      ],
      [
        ...['a master without its web server', 'master'],
        ...['systemctl stop apache2', 'systemctl start apache2'],
        ...['master', 'lava_server.daemons', 'apache2.service: inactive'],
      ],
      [
        ...["a master that does not serve LAVA's site", 'master'],
        'a2dissite -q lava-server; systemctl restart apache2',
        'a2ensite -q lava-server; systemctl restart apache2',
        ...['master', 'lava_server.site', 'site lava-server: off'],
      ],
      [
        ...['a master that does not know its own names', 'master'],
        `echo 'ALLOWED_HOSTS: [localhost]' > ${MORE}; systemctl restart ${DAEMONS}`,
        `rm ${MORE}; systemctl restart ${DAEMONS}`,
        ...['master', 'lava_server.allowed-hosts', 'ALLOWED_HOSTS: ["localhost"]'],
      ],
      [
        ...['a database that is stopped', 'database'],
        ...['systemctl stop "postgresql@*"', 'systemctl restart postgresql'],
        ...['database', 'postgres_allow_remote.running', ' main 5432 down'],
      ],
      [
        ...['a worker with the programs of another LAVA', 'worker'],
        `cp -p ${VERSION} /root/version; echo 2022.11 > ${VERSION}; systemctl restart lava-worker`,
        `mv /root/version ${VERSION}; systemctl restart lava-worker`,
        ...['worker', 'lava_worker_agent.lava_worker', '2022.11'],
      ],
      [
        ...['a worker whose daemon is stopped', 'worker'],
        ...['systemctl stop lava-worker', 'systemctl start lava-worker'],
        ...['worker', 'lava_worker_agent.service', 'lava-worker.service: '],
      ],
    ] as const)('finds %s, and tells it once', async (_, on, plant, undo, told, id, evidence) => {
      await isHealthy();
      await shell(on, plant);
      let found: readonly HostFinding[];
      try {
        found = await findings();
      } finally {
        await shell(on, undo);
      }
      expect(found.map(({ host, check }) => `${host} ${check}`)).toEqual([
        `${one(told).name} ${id}`,
      ]);
      expect(found[0]?.evidence).toContain(evidence);
    });

    test('finds nothing wrong when all is fixed', async () => {
      await apply();
      await isHealthy();
    });

    /** Pings that were missed during one fault count until the next one comes. */
    async function isHealthy(): Promise<void> {
      let left: readonly HostFinding[] = [];
      await waitFor(
        'healthy lab',
        async () => {
          left = await findings();
          return left.length === 0 || undefined;
        },
        { deadlineMs: 180_000, evidence: () => JSON.stringify(left) },
      );
    }

    async function findings(): Promise<readonly HostFinding[]> {
      const { stdout, stderr } = await lavaPlay(['check', inventory, '--json']);
      expect(stderr).toBe('');
      const health: LabHealth = JSON.parse(stdout);
      return findingsOf(health);
    }

    async function shell(role: LabHost['role'], script: string): Promise<void> {
      const { code, stderr } = await labExec(one(role).name, script);
      expect(code, stderr).toBe(0);
    }
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
    expect(new Set(onMaster.flatMap(({ handlers }) => handlers))).toEqual(
      new Set(['reload ssh.service']),
    );
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
    const { stdout: keys } = await labExec(
      one('master').name,
      'cat /etc/lava-play/authorized_keys/lavashare.d/*',
    );
    expect(keys).toContain(old.name);
    expect(keys).not.toContain(gone.name);
    expect((await workerOfApi(old.name)).health).toBe('Active');
  });

  test('a stopped database, a master switched off and a cut cable are fixed or said, and leave nothing to do', async () => {
    const [database, master, worker] = [one('database'), one('master'), one('worker')];
    await labExec(database.name, 'systemctl stop "postgresql@*"');
    const fixed = await apply();
    expect(fixed.hosts.find(({ host }) => host === database.name)?.changes).toBeGreaterThan(0);
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
    connect_timeout: 30
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
