import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { quote } from '../../engine/script/shell.ts';
import { describeOnLab } from '../booted/describe_on_lab.ts';
import { inventoryText } from '../booted/inventory.ts';
import { cutLink, type LabHost, labAccess, labExec, labHosts, restoreLink } from '../booted/lab.ts';
import { waitFor } from '../booted/wait.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { masterPlays } from './master_plays.ts';
import { makeBare, row } from './row.ts';

const STATE = '/var/lib/lava/dispatcher/worker';
const VERSION = '/usr/lib/python3/dist-packages/lava_common/VERSION';
const QUICK = { log_level: 'INFO', ping_interval: 2, heartbeat_timeout: 1 };
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

/** A worker whose boards have an adapter each, as the heartbeat is told. */
const WITH_ADAPTER = {
  ...QUICK,
  boards: [{ name: 'ssh-01' }, { name: 'lost-01', serial: { usb_serial: 'FT-LOST' } }],
};

/** Leaves a master as release 0.1 did: a user with a right over all workers, and a worker that it has marked. */
const RELEASE_0_1 = (worker: string): string => `from django.contrib.auth.models import Permission
from linaro_django_xmlrpc.models import AuthToken
from lava_scheduler_app.models import Worker
u, made = User.objects.get_or_create(username="lava-heartbeat")
u.is_active = True
u.save()
u.user_permissions.set(Permission.objects.filter(content_type__app_label="lava_scheduler_app", codename="change_worker"))
AuthToken.objects.filter(user=u).delete()
w = Worker.objects.get(hostname="${worker}")
w.go_health_maintenance(u, "xmlrpc api")
w.description = "[lava-heartbeat: disk / is used by more than 1 %]"
w.save()
print(AuthToken.objects.create(user=u, description="lava-play: heartbeat").secret)`;

/** What somebody does who has become root on a worker, with all secrets that he finds there. */
const THIEF = `import base64, hashlib, hmac, json, re, socket, struct, subprocess, sys, urllib.error, urllib.request, xmlrpc.client
master, own, other, database, version = sys.argv[1:]
root = "http://%s/" % master
name, key = open("/etc/lava-heartbeat/key").read().strip().split(":")
token = open("${STATE}/token").read().strip()
said = {}
def ask(path, body=None, headers={}, method=None):
    request = urllib.request.Request(root + path, body, headers, method=method)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code
def report(place, signed, problems):
    challenge = json.load(urllib.request.urlopen(root + "lava-heartbeat/"))["challenge"]
    body = json.dumps({"problems": problems}).encode()
    message = b"\\n".join([challenge.encode(), signed.encode(), body])
    mark = hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
    return ask("lava-heartbeat/" + place, body, {"X-Challenge": challenge, "X-Signature": mark})
full = [{"text": "disk / is full", "device": None, "sure": True}]
said["a report for the neighbour"] = report(other, other, full)
said["a report for the neighbour, signed for itself"] = report(other, name, full)
said["a report about a device of the neighbour"] = report(own, own, [
    {"text": "<b>gone</b>", "device": device, "sure": True} for device in ("other-01", other)])
said["the own LAVA token at the neighbour"] = ask("scheduler/internal/v1/workers/%s/?version=%s" % (other, version), None, {"LAVA-Token": token})
secrets = [token, key]
for user in (own, "lava-heartbeat", "lava-health", "admin"):
    for number, secret in enumerate(secrets):
        rpc = xmlrpc.client.ServerProxy("http://%s:%s@%s/RPC2" % (user, secret, master), allow_none=True)
        for call, words in (("set_env", [other, "overrides: {PYTHONWARNINGS: x}"]), ("update", [other, None, "RETIRED"]), ("set_config", [other, "x: y"])):
            try:
                getattr(rpc.scheduler.workers, call)(*words)
                answer = "done"
            except xmlrpc.client.ProtocolError as error:
                answer = "HTTP %d" % error.errcode
            except xmlrpc.client.Fault as fault:
                answer = "fault %d" % fault.faultCode
            said["rpc %s as %s with secret %d" % (call, user, number)] = answer
for number, secret in enumerate(secrets):
    for path, method, body in (("devices/other-01/", "PATCH", {"health": "Retired"}), ("workers/%s/set_env/" % other, "POST", {"env": "x: y"}), ("workers/%s/" % other, "DELETE", {})):
        headers = {"Authorization": "Token " + secret, "Content-Type": "application/json"}
        said["rest %s %s with secret %d" % (method, path, number)] = ask("api/v0.2/" + path, json.dumps(body).encode(), headers, method)
line = socket.create_connection((database, 5432), 10)
words = b"user\\0lavaserver\\0database\\0lavaserver\\0\\0"
line.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
said["the database"] = line.recv(1000).decode("latin-1")
print(json.dumps({key: str(value) for key, value in said.items()}))`;

/** `report` sends a report in the name of a worker, whose key lies on the master. */
const REPORT = `import hashlib, hmac, json, sys, urllib.request
root = "http://%s/lava-heartbeat/" % sys.argv[1]
name = sys.argv[2]
key = open("/etc/lava-heartbeat-receiver/keys/" + name).read().strip()
def report(problems):
    challenge = json.load(urllib.request.urlopen(root))["challenge"]
    body = json.dumps({"problems": problems}).encode()
    message = b"\\n".join([challenge.encode(), name.encode(), body])
    mark = hmac.new(key.encode(), message, hashlib.sha256).hexdigest()
    request = urllib.request.Request(root + name, body, {"X-Challenge": challenge, "X-Signature": mark})
    return json.load(urllib.request.urlopen(request))`;

/** Sixteen reports, signed by nobody, of which only the beginning comes; the receiver has to answer meanwhile. */
const TRICKLE = `import json, socket, sys, time, urllib.request
lines = [socket.create_connection((sys.argv[1], 80)) for _ in range(16)]
for line in lines:
    line.sendall(b"POST /lava-heartbeat/nobody HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 200000\\r\\n\\r\\n" + b"x" * 40000)
time.sleep(2)
json.load(urllib.request.urlopen("http://%s/lava-heartbeat/" % sys.argv[1], timeout=7))
print("heard")`;

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
  /** Known to the master, and made into nothing. */
  let neighbour: LabHost;

  beforeAll(async () => {
    [database, master, worker] = [hostFor('database'), hostFor('master'), hostFor('worker')];
    const other = labHosts().filter(({ role }) => role === 'worker')[1];
    if (!other) throw new Error('the lab has no second worker');
    neighbour = other;
    await makeBare([database, master, worker]);
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
    expect([state, version]).toEqual(['Online', await lavaOf(worker)]);
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
      expect(failures[0]?.message).toContain(
        `${master.name} runs LAVA 2099.01 and rejects workers of other versions; this host has ${version.trim()} and `,
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
      `${url} accepts the pings of ${worker.name}, but shows its workers to nobody without a login`,
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

  test('of no use goes into Maintenance with the reason, and comes back; its devices stay as they are', async () => {
    const full = { ...QUICK, disks: [{ path: '/', max_used_percent: 1 }] };
    const before = await healthOf('ssh-01');
    const { code, failures } = await apply(full);
    expect([code, failures]).toMatchObject([
      1,
      [{ message: expect.stringContaining('because of what its heartbeat found: disk / is used') }],
    ]);
    await waitFor('Maintenance', () => workerIs('Maintenance'), DEADLINE);
    const reason = 'disk / is used by more than 1 %';
    expect(await newest('worker', worker.name)).toBe(
      `Active → Maintenance (lava-heartbeat: ${reason})`,
    );
    await sql(`UPDATE lava_scheduler_app_worker SET health = 0 WHERE hostname = '${worker.name}'`);
    await waitFor('Maintenance again', () => workerIs('Maintenance'), DEADLINE);
    expect(await troubles(full)).toEqual([[worker.name, 'lava_worker_agent.heartbeat', reason]]);
    const { stdout } = await lavaPlay(['status', ...files(full), '--boards'], { cwd: folder });
    expect(stdout).toMatch(new RegExp(`ssh-01 +${worker.name} .*worker Maintenance`));
    expect((await apply(QUICK)).code).toBe(0);
    await waitFor('Active', () => workerIs('Active'), DEADLINE);
    expect(await newest('worker', worker.name)).toBe(
      'Maintenance → Active (lava-heartbeat: fixed)',
    );
    expect(await healthOf('ssh-01')).toBe(before);
  });

  test('without the adapter of one board loses that board alone, but not in the middle of its job', async () => {
    const link = '/dev/lava/lost-01';
    await on(worker, `mkdir -p /dev/lava && ln -s /dev/null ${link}`);
    expect((await apply(WITH_ADAPTER)).code).toBe(0);
    const before = await healthOf('lost-01');
    const started = new Date();
    await heartbeat(({ last_success: last }) => last !== null && new Date(last) > started);
    expect(await healthOf('lost-01')).toBe(before);

    await setState('lost-01', 'RUNNING');
    await on(worker, `rm ${link}`);
    await heartbeat(({ problems }) => problems.length > 0);
    const seen = new Date();
    await heartbeat(({ last_success: last }) => last !== null && new Date(last) > seen);
    expect(await healthOf('lost-01')).toBe(before);
    await setState('lost-01', 'IDLE');
    await waitFor(
      'lost-01 in Maintenance',
      async () => (await healthOf('lost-01')) === 'Maintenance' || undefined,
      DEADLINE,
    );
    expect(await newest('device', 'lost-01')).toBe(
      `${before} → Maintenance (lava-heartbeat: serial ${link} is not there)`,
    );
    expect([await healthOf('ssh-01'), (await workerOfApi()).health]).toEqual(['Good', 'Active']);
    expect(await troubles(WITH_ADAPTER)).toEqual([
      [worker.name, 'lava_worker_agent.heartbeat', `serial ${link} is not there`],
    ]);

    await on(worker, `ln -s /dev/null ${link}`);
    await waitFor(
      `lost-01 ${before} again`,
      async () => (await healthOf('lost-01')) === before || undefined,
      DEADLINE,
    );
    expect((await apply(QUICK)).code).toBe(0);
  });

  test('whose board is out of service when it moves to another worker gets it back from there', async () => {
    const { address } = master;
    const said = await on(
      master,
      `python3 - ${address} ${neighbour.name} <<'REPORT'\n${REPORT}\nprint(report([])["changes"])\nREPORT`,
    );
    expect(said).toBe('[]\n');
    const before = await healthOf('lost-01');
    expect((await apply(WITH_ADAPTER)).code).toBe(0);
    await on(worker, 'rm -f /dev/lava/lost-01');
    await waitFor(
      'lost-01 in Maintenance',
      async () => (await healthOf('lost-01')) === 'Maintenance' || undefined,
      DEADLINE,
    );
    const move = (to: string): Promise<string> =>
      sql(
        `UPDATE lava_scheduler_app_device SET worker_host_id = '${to}' WHERE hostname = 'lost-01'`,
      );
    await move(neighbour.name);
    await on(
      master,
      `python3 - ${address} ${neighbour.name} <<'REPORT'\n${REPORT}\nreport([])\nREPORT`,
    );
    expect(await healthOf('lost-01')).toBe(before);
    await move(worker.name);
    expect((await apply(QUICK)).code).toBe(0);
  });

  test('is heard while others send reports that trickle in', async () => {
    const said = await on(worker, `python3 - ${master.address} <<'TRICKLE'\n${TRICKLE}\nTRICKLE`);
    expect(said).toBe('heard\n');
  });

  test('that was stolen changes no other worker, no device of another, not the master, not the database', async () => {
    expect((await apply(QUICK)).code).toBe(0);
    await on(worker, 'systemctl stop lava-heartbeat');
    const before = await recordsOfOthers();
    const own = await newest('worker', worker.name);
    const said = await on(
      worker,
      `python3 - ${master.address} ${worker.name} ${neighbour.name} ${database.address} ${await lavaOf(worker)} <<'THIEF'\n${THIEF}\nTHIEF`,
    );
    const results: Readonly<Record<string, string>> = JSON.parse(said);
    expect(results).toMatchObject({
      'a report for the neighbour': '403',
      'a report for the neighbour, signed for itself': '403',
      'a report about a device of the neighbour': '200',
      'the own LAVA token at the neighbour': expect.stringMatching(/^40[034]$/),
      'the database': expect.stringMatching(/no pg_hba.conf entry/),
    });
    for (const [attempt, answer] of Object.entries(results)) {
      if (attempt.startsWith('rpc ')) expect(answer, attempt).toMatch(/^(HTTP 401|fault 40[13])/);
      if (attempt.startsWith('rest ')) expect(answer, attempt).toMatch(/^40[134]$/);
    }
    expect(Object.keys(results).length).toBeGreaterThan(15);
    expect(await recordsOfOthers()).toBe(before);
    expect(await newest('worker', worker.name)).toBe(own);
    await on(worker, 'systemctl start lava-heartbeat');
  });

  test('of a lab that release 0.1 has made is taken over: its right over all workers is gone, its mark is in the log', async () => {
    const secret = (await django(RELEASE_0_1(worker.name))).trim();
    expect(await rpcHealth(secret)).toBe(200);
    const { code, failures, output } = await apply(QUICK);
    expect([code, failures]).toEqual([0, []]);
    expect(output).not.toContain(secret);
    expect(await rpcHealth(secret)).toBe(401);
    expect(
      await django(
        'u = User.objects.get(username="lava-heartbeat"); print(u.is_active, u.get_all_permissions(), u.auth_tokens.count())',
      ),
    ).toBe('False set() 0\n');
    await waitFor('Active', () => workerIs('Active'), DEADLINE);
    expect((await workerOfApi()).description ?? '').toBe('');
    const again = await apply(QUICK);
    expect(again.hosts.map(({ outcome }) => outcome)).toEqual(again.hosts.map(() => 'unchanged'));
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

  test('that is no longer a worker has neither daemon nor token nor package', async () => {
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

  /** In LAVA's own words, such as 2023.01. */
  async function lavaOf(host: LabHost): Promise<string> {
    return (await on(host, `cat ${VERSION}`)).trim();
  }

  async function isThere(path: string): Promise<true | undefined> {
    return (await labExec(worker.name, ['test', '-e', path])).code === 0 || undefined;
  }

  function inventory(): string {
    const boards = `[{ name: ssh-01, device_type: ssh, dictionary: { ssh_host: ${worker.address}, ssh_identity_file: /root/.ssh/device } }, { name: lost-01, device_type: qemu }]`;
    return inventoryText([database, master, worker, neighbour])
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
      )
      .replace(
        `${neighbour.name}: { address: ${neighbour.address} }`,
        `${neighbour.name}: { address: ${neighbour.address}, boards: [{ name: other-01, device_type: qemu }] }`,
      );
  }

  function files(args: Readonly<Record<string, unknown>>): readonly string[] {
    writeFileSync(
      join(folder, 'worker_agent.playbook.yaml'),
      `${PLAYBOOK}- hosts: ${worker.name}\n  tasks:\n    - lava_worker_agent: ${JSON.stringify({ boards: '{{ boards }}', ...args })}\n`,
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
      proved: ofType(events, 'proved').map(({ proof }) => proof),
      steps: ofType(events, 'step-finished').map(({ step }) => step),
      hosts: ofType(events, 'run-finished')[0]?.hosts ?? [],
    };
  }

  /** What is wrong with LAVA, as check tells it, but for the neighbour, which nobody has made a worker of. */
  async function troubles(args: Readonly<Record<string, unknown>>) {
    const { stdout } = await lavaPlay(['check', ...files(args), '--json'], { cwd: folder });
    const { hosts }: LabHealth = JSON.parse(stdout);
    return hosts
      .flatMap(({ findings }) => findings)
      .filter(({ check, host }) => check.startsWith('lava_') && host !== neighbour.name)
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

  async function healthOf(device: string): Promise<string> {
    return (await ask<{ readonly health: string }>(`devices/${device}/`)).health;
  }

  async function setState(device: string, state: 'RUNNING' | 'IDLE'): Promise<void> {
    await django(
      `from lava_scheduler_app.models import Device\nDevice.objects.filter(hostname="${device}").update(state=Device.STATE_${state})`,
    );
  }

  /** The last word of LAVA's log. */
  async function newest(model: 'worker' | 'device', name: string): Promise<string> {
    return (
      await sql(
        `SELECT change_message FROM (${row().log(model)}) log WHERE name = '${name}' AND change_message LIKE '%→%' ORDER BY action_time DESC LIMIT 1`,
      )
    ).trim();
  }

  /** All that the master knows of others than this worker, but for pings. */
  async function recordsOfOthers(): Promise<string> {
    return [
      await sql(
        `SELECT hostname, health, state, description, token FROM lava_scheduler_app_worker WHERE hostname <> '${worker.name}' ORDER BY 1; SELECT hostname, health, worker_host_id, description FROM lava_scheduler_app_device ORDER BY 1; SELECT count(*) FROM (${row().log('worker')} UNION ALL ${row().log('device')}) log; SELECT username, password, is_superuser FROM auth_user ORDER BY 1`,
      ),
      await on(
        master,
        'cd /etc/lava-server && find . -type f | sort | xargs sha256sum; sha256sum /etc/lava-heartbeat-receiver/keys/*',
      ),
    ].join('\n');
  }

  function sql(query: string): Promise<string> {
    return on(
      database,
      `cd / && runuser -u postgres -- psql -XAtq -d lavaserver -c ${quote(query)}`,
    );
  }

  async function django(python: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(
      master.name,
      'cd / && runuser -u lavaserver -- lava-server manage shell --verbosity 0',
      { stdin: `from django.contrib.auth.models import User\n${python}\n` },
    );
    expect(code, stderr).toBe(0);
    return stdout;
  }

  /** HTTP status of a call by the login that workers of release 0.1 had. */
  async function rpcHealth(secret: string): Promise<number> {
    const body = `<?xml version="1.0"?><methodCall><methodName>scheduler.workers.show</methodName><params><param><value><string>${neighbour.name}</string></value></param></params></methodCall>`;
    const login = Buffer.from(`lava-heartbeat:${secret}`).toString('base64');
    const headers = { authorization: `Basic ${login}`, 'content-type': 'text/xml' };
    return (await fetch(`http://${master.address}/RPC2`, { method: 'POST', headers, body })).status;
  }

  async function mainPid(): Promise<string> {
    return on(worker, 'systemctl show --property=MainPID --value lava-worker');
  }

  interface Told {
    readonly last_success: string | null;
    readonly last_report: string | null;
    readonly problems: readonly string[];
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

const PLAYBOOK = `${masterPlays({ admin: '{{ lava.admin }}' }, { lava_workers: {} }, { lava_devices: {} })}`;
