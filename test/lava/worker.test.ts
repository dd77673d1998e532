import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/health/finding.ts';
import { quote } from '../../engine/shell.ts';
import { describeOnLab } from '../lab/describe_on_lab.ts';
import { inventoryText } from '../lab/inventory.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  resetHost,
  restoreLink,
} from '../lab/lab.ts';
import { waitFor } from '../lab/wait.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { masterPlays } from './master_plays.ts';

const STATE = '/var/lib/lava/dispatcher/worker';
const VERSION = '/usr/lib/python3/dist-packages/lava_common/VERSION';
const QUICK = { log_level: 'INFO', ping_interval: 2, heartbeat_timeout: 5 };
const DEADLINE = { deadlineMs: 120_000 };
const MORE_SETTINGS = '/etc/lava-server/settings.d/zz.yaml';
const RESTART = 'systemctl restart lava-server-gunicorn lava-publisher lava-scheduler';
const CERTIFICATE = '/etc/ssl/private/lava.crt';
const AUTHORITY = '/usr/local/share/ca-certificates/lab.crt';

/** What an admin does by hand on the master; the certificate is its own authority. */
const HTTPS_SITE = (address: string): string => `cd /etc/ssl/private
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=lab \\
  -addext subjectAltName=IP:${address} -keyout lava.key -out ${CERTIFICATE} 2>/dev/null
cd /etc/apache2/sites-available
sed 's|^<VirtualHost .*|<VirtualHost *:443>\\nSSLEngine on\\nSSLCertificateFile ${CERTIFICATE}\\nSSLCertificateKeyFile /etc/ssl/private/lava.key|' lava-server.conf > lava-https.conf
a2enmod -q ssl
a2ensite -q lava-https
systemctl restart apache2`;

/** Offers the dispatcher to apt in one more version, made of Debian's. */
const OTHER_VERSION = `mkdir -p /srv/other/made && cd /srv/other
apt-get -qq download lava-common lava-dispatcher lava-dispatcher-host
for deb in *.deb; do
  rm -rf tree && dpkg-deb -R "$deb" tree
  sed -i "s/$(dpkg-deb -f "$deb" Version)/2023.02-1/g" tree/DEBIAN/control
  if [ -e tree${VERSION} ]; then echo 2023.02 > tree${VERSION}; fi
  dpkg-deb -b -Zgzip tree "made/$deb" >&2
  dpkg-deb -f "made/$deb"
  echo "Filename: ./$deb"
  echo "Size: $(stat -c %s "made/$deb")"
  echo "SHA256: $(sha256sum "made/$deb" | cut -d ' ' -f 1)"
  echo
done > made/Packages
echo 'deb [trusted=yes] file:/srv/other/made ./' > /etc/apt/sources.list.d/other.list
apt-get -qq update`;

/** A job that lasts, on the worker itself, reached by ssh. */
const JOB = `device_type: ssh
job_name: a job that lasts
timeouts: { job: { minutes: 120 }, action: { minutes: 30 }, connection: { minutes: 20 } }
priority: medium
visibility: public
actions:
- deploy: { timeout: { minutes: 30 }, to: ssh, os: debian }
- boot: { timeout: { minutes: 30 }, method: ssh, connection: ssh, prompts: ['root@', '# '] }
- test:
    timeout: { minutes: 30 }
    definitions:
    - from: inline
      name: lasting
      path: inline/lasting.yaml
      repository:
        metadata: { format: Lava-Test Test Definition 1.0, name: lasting, description: lasting }
        run:
          steps:
          - touch /run/job-runs
          - lava-test-case ended --shell 'while [ -e /run/job-runs ]; do sleep 1; done'
`;

describeOnLab('a worker of a real LAVA master', () => {
  const token = randomBytes(20).toString('hex');
  let folder: string;
  let database: LabHost;
  let master: LabHost;
  let worker: LabHost;

  beforeAll(async () => {
    [database, master, worker] = [hostFor('database'), hostFor('master'), hostFor('worker')];
    for (const { name } of [database, master, worker]) await resetHost(name);
    folder = dirname(labAccess().inventoryFile);
    for (const [name, value] of Object.entries({ admin_password: 'a "good" $ one', token })) {
      writeFileSync(join(folder, 'secrets', name), `${value}\n`, { mode: 0o600 });
    }
    writeFileSync(join(folder, 'worker_agent.yaml'), inventory());
    await on(worker, 'ssh-keygen -q -t ed25519 -N "" -f /root/.ssh/device');
    await on(worker, 'cat /root/.ssh/device.pub >> /root/.ssh/authorized_keys');
  });

  foundation('is made from a bare host in one apply, and the master hears it', async () => {
    const { code, failures, proved, output } = await apply(QUICK);
    expect([code, failures]).toEqual([0, []]);
    expect(proved).toContainEqual(
      expect.stringMatching(
        `^${worker.name} is Online on http://${master.address}/, its last ping`,
      ),
    );
    const { state, version } = await workerOfApi();
    expect([state, version]).toEqual(['Online', (await on(worker, `cat ${VERSION}`)).trim()]);
    expect(await on(worker, `stat -c '%a %U' ${STATE}/token`)).toBe('600 root\n');
    const secret = await workerToken();
    expect(output).not.toContain(secret);
    expect(await on(worker, 'ps -ef')).not.toContain(secret);
  });

  test('has a heartbeat that the master takes', async () => {
    const told = await heartbeat(({ last_success }) => last_success !== null);
    expect(told).toMatchObject({ last_report: 'Active', last_error: null, problems: [] });
  });

  test('is left alone by the second apply, with two scripts a host', async () => {
    const { code, hosts } = await apply(QUICK);
    expect(code).toBe(0);
    expect(hosts.map(({ outcome, scripts }) => [outcome, scripts])).toEqual(
      hosts.map(() => ['unchanged', 2]),
    );
  });

  test('goes on with its job when its settings change', async () => {
    const { job_ids } = await ask<{ job_ids: readonly number[] }>('jobs/', { definition: JOB });
    const [id] = job_ids;
    await waitFor('start of the job', () => isThere('/run/job-runs'), DEADLINE);
    const runs = (): Promise<string> => on(worker, `pgrep -f '[l]ava-run .job: ${id}.'`);
    const [before, daemon] = [await runs(), await mainPid()];

    const { code, failures, proved } = await apply({ ...QUICK, log_level: 'DEBUG' });
    expect([code, failures]).toEqual([0, []]);
    expect(proved).toContainEqual(expect.stringMatching(/is Online/));
    expect(await mainPid()).not.toBe(daemon);
    expect(await runs()).toBe(before);

    const planned = await lavaPlay(['facts', worker.name, ...files(QUICK)], { cwd: folder });
    expect(JSON.parse(planned.stdout)).toMatchObject({ 'lava_worker_agent.jobs': [`${id}`] });

    await on(worker, 'rm /run/job-runs');
    const job = await waitFor(
      'end of the job',
      async () => {
        const now = await ask<{ state: string; health: string }>(`jobs/${id}/`);
        return now.state === 'Finished' ? now : undefined;
      },
      DEADLINE,
    );
    expect(job.health).toBe('Complete');
    expect((await apply(QUICK)).code).toBe(0);
  });

  test('whose token is another than the master knows gets it back', async () => {
    const secret = await workerToken();
    await on(worker, `echo another > ${STATE}/token && systemctl restart lava-worker`);
    const log = '/var/log/lava-dispatcher/lava-worker.log';
    await waitFor(
      'refusal',
      async () => {
        const end = await on(worker, `tail -n 1 ${log}`);
        return /code 400/.test(end) || undefined;
      },
      DEADLINE,
    );
    expect(await on(worker, 'systemctl is-active lava-worker')).toBe('active\n');

    const { code, proved, output } = await apply(QUICK);
    expect(code).toBe(0);
    expect(proved).toContainEqual(expect.stringMatching(/is Online/));
    expect(output).not.toMatch(new RegExp(`another|${secret}`));
    expect((await on(worker, `cat ${STATE}/token`)).trim()).toBe(secret);
  });

  test('that speaks another version is turned away by the master, and check says so', async () => {
    const version = await on(worker, `cat ${VERSION}`);
    await on(worker, `echo 2022.11 > ${VERSION} && systemctl restart lava-worker`);
    await waitFor(
      'worker Offline',
      async () => {
        return (await workerOfApi()).state === 'Offline' || undefined;
      },
      DEADLINE,
    );
    const { stdout } = await lavaPlay(['check', ...files(QUICK), '--json'], { cwd: folder });
    expect(stdout).toMatch(
      new RegExp(`because the master has LAVA ${version.trim()} and this host 2022\\.11`),
    );
    await on(worker, `printf %s '${version}' > ${VERSION} && systemctl restart lava-worker`);
  });

  test('that could not have the version of the master is refused before anything is changed', async () => {
    const version = await on(master, `cat ${VERSION}`);
    await on(master, `echo 2099.01 > ${VERSION}`);
    try {
      const { code, failures, steps } = await apply(
        { ...QUICK, log_level: 'WARN' },
        '--limit',
        worker.name,
      );
      expect([code, steps]).toEqual([1, []]);
      expect(failures[0]?.message).toBe(
        `${master.name} runs LAVA 2099.01 and turns away workers of another version; this host has ${version.trim()} and is offered ${version.trim()} by apt`,
      );
    } finally {
      await on(master, `printf %s '${version}' > ${VERSION}`);
    }
  });

  test('follows the master to another version, and back', async () => {
    const installed = (): Promise<string> =>
      on(worker, `dpkg-query --showformat='\${Version}' --show lava-dispatcher`);
    const [version, before] = [await on(master, `cat ${VERSION}`), await installed()];
    await on(worker, OTHER_VERSION);
    for (const [text, expected] of [
      ['2023.02\n', '2023.02-1'],
      [version, before],
    ] as const) {
      await on(
        master,
        `printf %s '${text}' > ${VERSION} && systemctl restart lava-server-gunicorn`,
      );
      const { code, failures, proved } = await apply(QUICK);
      expect([code, failures]).toEqual([0, []]);
      expect(proved).toContainEqual(expect.stringMatching(/is Online/));
      expect((await workerOfApi()).version).toBe(text.trim());
      expect(await installed()).toBe(expected);
      const again = await apply(QUICK);
      expect(again.hosts.map(({ outcome }) => outcome)).toEqual(again.hosts.map(() => 'unchanged'));
    }
    await on(worker, 'rm /etc/apt/sources.list.d/other.list && apt-get -qq update');
  });

  test('keeps its token and login while the master is away', async () => {
    await cutLink(master.name);
    try {
      const { hosts } = await apply(QUICK, '--limit', worker.name);
      expect(hosts).toMatchObject([{ host: worker.name, outcome: 'unchanged', pending: 0 }]);
    } finally {
      await restoreLink(master.name);
    }
  });

  test('reaches a master by https that shows nothing without a login', async () => {
    await on(master, HTTPS_SITE(master.address));
    await on(master, `echo 'REQUIRE_LOGIN: true' > ${MORE_SETTINGS}; ${RESTART}`);
    const certificate = await on(master, `cat ${CERTIFICATE}`);
    await on(worker, `printf %s ${quote(certificate)} > ${AUTHORITY}; update-ca-certificates`);
    const url = `https://${master.address}/`;
    const secure = { ...QUICK, url };
    const { code, failures, proved } = await apply(secure);
    expect([code, failures]).toEqual([0, []]);
    expect(proved).toContain(
      `${url} takes the pings of ${worker.name}, and shows its workers to nobody without a login`,
    );
    const began = new Date();
    const told = await heartbeat(
      ({ last_success: last }) => last !== null && new Date(last) > began,
    );
    expect(told).toMatchObject({ last_report: 'Active', last_error: null });
    expect(await on(worker, 'ss -Htn state established')).toMatch(/:443\b/);
    expect(await troubles(secure)).toEqual([]);
    const again = await apply(secure);
    expect(again.hosts.map(({ outcome }) => outcome)).toEqual(again.hosts.map(() => 'unchanged'));

    await on(master, `rm ${MORE_SETTINGS}; ${RESTART}`);
    expect((await apply(QUICK)).code).toBe(0);
  });

  test('of no use goes into Maintenance with the reason, and comes back', async () => {
    const full = { ...QUICK, disks: [{ path: '/', max_used_percent: 1 }] };
    expect((await apply(full)).code).toBe(0);
    const { description } = await waitFor('Maintenance', () => workerIs('Maintenance'), DEADLINE);
    expect(description).toMatch(/\[lava-heartbeat: disk \/ is used by more than 1 %\]$/);
    expect(await troubles(full)).toEqual([
      [worker.name, 'lava_worker_agent.heartbeat', 'disk / is used by more than 1 %'],
    ]);
    expect((await apply(QUICK)).code).toBe(0);
    await waitFor('Active', () => workerIs('Active'), DEADLINE);
  });

  test('without a heartbeat has nothing left of it', async () => {
    const { code, failures } = await apply({ ...QUICK, heartbeat: 'off' });
    expect([code, failures]).toEqual([0, []]);
    for (const path of [
      '/usr/lib/lava-heartbeat',
      '/etc/lava-heartbeat',
      '/etc/systemd/system/lava-heartbeat.service',
    ]) {
      expect(await isThere(path), path).toBeUndefined();
    }
    const { hosts } = await apply({ ...QUICK, heartbeat: 'off' });
    expect(hosts.map(({ outcome }) => outcome)).toEqual(hosts.map(() => 'unchanged'));
  });

  test('that is no worker any more has neither daemon nor token nor package', async () => {
    expect((await apply(QUICK)).code).toBe(0);
    const { code, failures } = await apply({ state: 'absent' });
    expect([code, failures]).toEqual([0, []]);
    for (const path of [
      `${STATE}/token`,
      '/etc/lava-dispatcher/lava-worker',
      '/usr/bin/lava-worker',
      '/var/lib/lava-heartbeat',
    ]) {
      expect(await isThere(path), path).toBeUndefined();
    }
    expect(await on(worker, 'pgrep -af "[l]ava-(worker|heartbeat)" || :')).toBe('');
    const { hosts } = await apply({ state: 'absent' });
    expect(hosts.map(({ outcome }) => outcome)).toEqual(hosts.map(() => 'unchanged'));
  });

  function hostFor(role: LabHost['role']): LabHost {
    const host = labHosts().find((each) => each.role === role);
    if (!host) throw new Error(`the lab has no ${role}`);
    return host;
  }

  async function on(host: LabHost, command: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(host.name, command);
    expect(code, `${command}\n${stderr}`).toBe(0);
    return stdout;
  }

  async function isThere(path: string): Promise<true | undefined> {
    return (await labExec(worker.name, ['test', '-e', path])).code === 0 || undefined;
  }

  function inventory(): string {
    const boards = `[{ name: ssh-01, device_type: ssh, dictionary: { ssh_host: ${worker.address}, ssh_identity_file: /root/.ssh/device } }]`;
    return inventoryText([database, master, worker])
      .replace(
        'layout: instance\n',
        'layout: debian\n      admin: { user: admin, password: !secret admin_password, token: !secret token }\n',
      )
      .replace(
        'secrets:\n',
        'secrets:\n  admin_password: { file: secrets/admin_password }\n  token: { file: secrets/token }\n',
      )
      .replace(
        `${worker.name}: { address: ${worker.address} }`,
        `${worker.name}: { address: ${worker.address}, boards: ${boards} }`,
      );
  }

  function files(args: Readonly<Record<string, unknown>>): readonly string[] {
    writeFileSync(
      join(folder, 'worker_agent.playbook.yaml'),
      `${PLAYBOOK}    - lava_worker_agent: ${JSON.stringify({ ...args, boards: '{{ boards }}' })}\n`,
    );
    return ['worker_agent.yaml', '--playbook', 'worker_agent.playbook.yaml'];
  }

  async function apply(args: Readonly<Record<string, unknown>>, ...more: readonly string[]) {
    const { code, stdout } = await lavaPlay(['apply', ...files(args), '--json', ...more], {
      cwd: folder,
    });
    const events = eventsOf(stdout);
    return {
      code,
      output: stdout,
      failures: ofType(events, 'host-failed').map(({ failure }) => failure),
      proved: ofType(events, 'check-passed').map(({ check }) => check),
      steps: ofType(events, 'step-finished').map(({ step }) => step),
      hosts: ofType(events, 'run-finished')[0]?.hosts ?? [],
    };
  }

  /** What is wrong with LAVA, as check tells it. */
  async function troubles(args: Readonly<Record<string, unknown>>) {
    const { stdout } = await lavaPlay(['check', ...files(args), '--json'], { cwd: folder });
    const { hosts }: LabHealth = JSON.parse(stdout);
    return hosts
      .flatMap(({ findings }) => findings)
      .filter(({ check }) => check.startsWith('lava_'))
      .map(({ host, check, evidence }) => [host, check, evidence]);
  }

  async function ask<T>(path: string, body?: unknown): Promise<T> {
    const response = await fetch(`http://${master.address}/api/v0.2/${path}`, {
      headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as T;
  }

  interface WorkerOfApi {
    readonly state: string;
    readonly health: string;
    readonly version: string;
    readonly description: string;
  }

  function workerOfApi(): Promise<WorkerOfApi> {
    return ask(`workers/${worker.name}/`);
  }

  async function workerIs(health: string): Promise<WorkerOfApi | undefined> {
    const now = await workerOfApi();
    return now.health === health ? now : undefined;
  }

  async function workerToken(): Promise<string> {
    const shown = await on(
      master,
      `cd / && runuser -u lavaserver -- lava-server manage workers details ${worker.name}`,
    );
    const [, secret] = /^token *: *(\S+)$/m.exec(shown) ?? [];
    if (secret === undefined) throw new Error(`no token in ${shown}`);
    return secret;
  }

  async function mainPid(): Promise<string> {
    return on(worker, 'systemctl show --property=MainPID --value lava-worker');
  }

  interface Told {
    readonly last_success: string | null;
    readonly last_report: string | null;
  }

  async function heartbeat(isWanted: (told: Told) => boolean): Promise<Told> {
    return waitFor(
      'status of the heartbeat',
      async () => {
        const { stdout } = await labExec(worker.name, ['cat', '/run/lava-heartbeat/status.json']);
        const told: Told | undefined = stdout === '' ? undefined : JSON.parse(stdout);
        return told && isWanted(told) ? told : undefined;
      },
      DEADLINE,
    );
  }
});

const PLAYBOOK = `${masterPlays({ admin: '{{ lava.admin }}' }, { lava_workers: {} }, { lava_devices: {} })}- hosts: workers
  tasks:
`;
