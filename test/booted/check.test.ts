import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostFinding, LabHealth } from '../../engine/contract/finding.ts';
import { quote } from '../../engine/script/shell.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { lavaPlay } from '../support/program.ts';
import { DEVICE_TABLE, WORKER_TABLE, workerRow } from '../support/worker_table.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { findingsOf } from './found.ts';
import { cutLink, labAccess, labExec, labHosts, listFiles, resetHost, restoreLink } from './lab.ts';

/** One thing broken on one host, and what a check has to say about it, and nothing else. */
interface Fault {
  readonly name: string;
  readonly on: Role;
  /** Shell that breaks it. */
  readonly plant: string;
  /** Shell that fixes it again. */
  readonly undo: string;
  readonly check: string;
  readonly severity?: HostFinding['severity'];
  /** Whose finding it is, where that is not the broken host. */
  readonly told?: Role;
  readonly evidence: RegExp;
  /** Whose mount may have died of it, and is made anew. */
  readonly remount?: Role;
  /** Hosts that feel it. */
  readonly felt?: readonly Role[];
}

type Role = 'database' | 'master' | 'worker' | 'other worker';

const HOME = '/srv/lava/instances/lab';
const ETC = `${HOME}/etc/lava-server`;
const CONF = `${ETC}/instance.conf`;
const DISPATCHER = `${HOME}/etc/lava-dispatcher/lava-dispatcher.conf`;
const COORDINATOR = '/etc/lava-coordinator/lava-coordinator.conf';
const HBA = '/etc/postgresql/15/main/pg_hba.conf';
const LOG = '/var/log/postgresql/postgresql-15-main.log';
const SHARE = '/srv/lava-share';
const MOUNT = String.raw`srv-lava\x2dshare.mount`;
/** The brackets keep the question itself out. */
const SSHFS = `[s]hare-lab-.*@.*:${SHARE}`;
const RELOAD = 'systemctl reload postgresql@15-main';

/** PostgreSQL knows the age of a file in whole seconds. */
const NEXT_SECOND = `until [ "$(runuser -u postgres -- psql -XAtc 'select now() > pg_conf_load_time() + interval $$1 s$$')" = t ]; do sleep 0.1; done`;

function sql(text: string): string {
  return `cd / && runuser -u postgres -- psql -XAtqc ${quote(text)} >/dev/null`;
}

/** A file changed by sed, and put back as it was, owner and mode too. */
function edited(path: string, script: string): Pick<Fault, 'plant' | 'undo'> {
  return {
    plant: `cp -a ${path} /root/kept && sed -i ${quote(script)} ${path} && ! cmp -s /root/kept ${path}`,
    undo: `rm -f ${path} && mv /root/kept ${path}`,
  };
}

function hbaEdited(script: string): Pick<Fault, 'plant' | 'undo'> {
  const { plant, undo } = edited(HBA, script);
  return { plant: `${plant} && ${RELOAD}`, undo: `${undo} && ${RELOAD}` };
}

/** Cleans up after the work, also when it fails. */
async function whatever<T>(work: () => Promise<T>, after: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } finally {
    await after();
  }
}

/** Not that a playbook which nobody has applied is one. */
function isOfMade({ check }: HostFinding): boolean {
  return check !== 'host.drift';
}

function named(faults: readonly Fault[]): readonly (readonly [string, Fault])[] {
  return faults.map((fault) => [fault.name, fault]);
}

/** Listens without an answer, in the place of a daemon that is not installed. */
function listener(unit: string, address: string, port: number): string {
  const perl = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalAddr => '${address}', LocalPort => ${port}, Listen => 5, ReuseAddr => 1) or die; sleep`;
  return `systemd-run -q --unit=${unit} perl -e "${perl.replaceAll('$', '\\$')}" && until grep -q ':${port.toString(16).toUpperCase().padStart(4, '0')} 0*:0000 0A' /proc/net/tcp; do sleep 0.05; done`;
}

describeOnLab('lava-play check on booted hosts', () => {
  let inventory: string;
  const count = { planted: 0, found: 0, falseAlarms: 0 };

  function hostOf(role: Role): string {
    const workers = labHosts().filter((host) => host.role === 'worker');
    const host =
      role === 'worker'
        ? workers[0]
        : role === 'other worker'
          ? workers[1]
          : labHosts().find((each) => each.role === role);
    if (!host) throw new Error(`the lab has no ${role}`);
    return host.name;
  }

  function addressOf(role: Role): string {
    return labHosts().find(({ name }) => name === hostOf(role))?.address ?? '';
  }

  async function shell(role: Role, script: string): Promise<void> {
    const { code, stdout, stderr } = await labExec(hostOf(role), `set -e\n${script}`);
    if (code !== 0) throw new Error(`${hostOf(role)}: ${script}: ${stdout}${stderr}`);
  }

  async function runTrial(
    ...args: readonly string[]
  ): Promise<LabHealth & { code: number | null }> {
    const { code, stdout, stderr } = await lavaPlay(['check', inventory, '--json', ...args]);
    expect(stderr).toBe('');
    return { ...JSON.parse(stdout), code };
  }

  async function remount(role: Role): Promise<void> {
    await shell(role, `systemctl restart '${MOUNT}'`);
  }

  /** Plants a fault, checks, and compares all that is found with the one thing that should be. */
  async function expectOnly(fault: Fault, args: readonly string[] = []): Promise<void> {
    const { on, plant, undo, told = on, severity = 'problem', felt = [] } = fault;
    count.planted += 1;
    await shell(on, plant.replaceAll('WORKER', addressOf('worker')));
    const health = await whatever(
      () => runTrial(...args),
      async () => {
        await shell(on, undo.replaceAll('WORKER', addressOf('worker')));
        if (fault.remount) await remount(fault.remount);
      },
    );
    const wanted = { host: hostOf(told), check: fault.check, severity };
    const all = findingsOf(health).filter((each) => args.length === 0 || isOfMade(each));
    const isWanted = (each: HostFinding): boolean =>
      each.host === wanted.host && each.check === wanted.check && each.severity === severity;
    count.falseAlarms += all.filter((each) => !isWanted(each)).length;
    expect(all.map(({ host, check, severity }) => ({ host, check, severity }))).toEqual([wanted]);
    const [finding] = all;
    expect(finding?.evidence).toMatch(fault.evidence);
    expect(finding?.fix).not.toBe('');
    expect(finding?.alsoSeen.map(({ host }) => host).sort()).toEqual(felt.map(hostOf).sort());
    expect(health.code).toBe(severity === 'problem' ? 1 : 0);
    for (const host of health.hosts) expect(host.scripts).toBeLessThanOrEqual(4);
    count.found += 1;
  }

  beforeAll(async () => {
    for (const { name } of labHosts()) await resetHost(name);
    const { inventoryFile } = labAccess();
    inventory = join(dirname(inventoryFile), 'check.yaml');
    const text = readFileSync(inventoryFile, 'utf8');
    const board = 'boards: [{ name: panda01, device_type: panda }]';
    writeFileSync(
      inventory,
      text
        .replace(/( +)layout: .*\n/, `$&$1share: ${SHARE}\n`)
        .replace(/^( +\S+worker01: \{.*) \}$/m, `$1, ${board} }`),
    );
    const { code, stdout } = await lavaPlay(['apply', inventory]);
    expect(code, stdout).toBe(0);
  });

  test('a healthy lab gives no finding, and nothing on any disk changes but what daemons write', async () => {
    const before = labHosts().map(({ name }) => listFiles(name));
    const health = await runTrial();
    expect(findingsOf(health)).toEqual([]);
    expect(health.code).toBe(0);
    expect(health.hosts.map(({ host, state, scripts }) => [host, state, scripts])).toEqual(
      labHosts().map(({ name }) => [name, 'healthy', 3]),
    );
    const changed = labHosts().flatMap(({ name }, i) =>
      [...listFiles(name)].filter(
        ([path, entry]) =>
          !/^\/(var\/(log|lib\/(sudo|systemd|private|postgresql))|run)(\/|$)/.test(path) &&
          JSON.stringify(before[i]?.get(path)) !== JSON.stringify(entry),
      ),
    );
    expect(changed).toEqual([]);
  });

  const everybody = ['master', 'worker', 'other worker'] as const;

  describe('the database', () => {
    const faults: readonly Fault[] = [
      {
        name: 'that is stopped',
        plant: 'systemctl stop postgresql@15-main',
        undo: 'systemctl start postgresql@15-main',
        check: 'postgres_allow_remote.running',
        evidence: /^15 main 5432 down/,
        felt: everybody,
        on: 'database',
      },
      {
        name: 'that listens on its own host only',
        on: 'database',
        plant: `cp -a ${HBA.replace('pg_hba.conf', 'conf.d/lava-play.conf')} /root/kept; echo "listen_addresses = 'localhost'" > /etc/postgresql/15/main/conf.d/lava-play.conf; systemctl restart postgresql@15-main`,
        undo: 'mv /root/kept /etc/postgresql/15/main/conf.d/lava-play.conf; systemctl restart postgresql@15-main',
        check: 'postgres_allow_remote.listen',
        evidence: /^listen_addresses = 'localhost'/,
        felt: everybody,
      },
      {
        name: 'that trusts everybody, as lava-deployment-tool left it',
        on: 'database',
        ...hbaEdited('$ a host    all    all    0.0.0.0/0    trust'),
        check: 'postgres_allow_remote.trust',
        evidence: /pg_hba\.conf:\d+: host +all +all +0\.0\.0\.0\/0 +trust$/,
      },
      {
        name: 'that lets any machine try passwords',
        on: 'database',
        ...hbaEdited('$ a host lavaserver lavaserver 0.0.0.0/0 scram-sha-256'),
        check: 'postgres_allow_remote.trust',
        severity: 'warning',
        evidence: /pg_hba\.conf:\d+: host lavaserver lavaserver 0\.0\.0\.0\/0 scram-sha-256$/,
      },
      {
        name: 'without the line of a worker',
        on: 'database',
        ...hbaEdited('/ WORKER\\/32 /d'),
        check: 'postgres_allow_remote.clients',
        evidence: /pg_hba\.conf: nothing for lavaserver from [\d.]+ to lavaserver$/,
        felt: ['worker'],
      },
      {
        name: 'that turns a worker away before its line',
        on: 'database',
        ...hbaEdited('1 i host all all WORKER/32 reject'),
        check: 'postgres_allow_remote.clients',
        evidence: /pg_hba\.conf:1: host all all [\d.]+\/32 reject$/,
        felt: ['worker'],
      },
      {
        name: 'with a line that it cannot read',
        on: 'database',
        ...edited(HBA, '$ a host all'),
        check: 'postgres_allow_remote.rules',
        evidence: /pg_hba\.conf:\d+: .*: host all$/,
      },
      {
        name: 'that has not read its rules again',
        on: 'database',
        plant: `${NEXT_SECOND}; touch ${HBA}`,
        undo: RELOAD,
        check: 'postgres_allow_remote.rules',
        evidence: /pg_hba\.conf was changed after the server read it$/,
      },
      {
        name: 'whose role may not log in',
        on: 'database',
        plant: sql('ALTER ROLE lavaserver NOLOGIN'),
        undo: sql('ALTER ROLE lavaserver LOGIN'),
        check: 'postgres_allow_remote.role',
        evidence: /^lavaserver: NOLOGIN$/,
        felt: everybody,
      },
      {
        name: 'whose role has another password',
        on: 'database',
        plant: `${sql("COPY (SELECT rolpassword FROM pg_authid WHERE rolname = 'lavaserver') TO '/tmp/verifier'")} && ${sql("ALTER ROLE lavaserver PASSWORD 'another'")}`,
        undo: `verifier=$(cat /tmp/verifier); cd / && printf "ALTER ROLE lavaserver PASSWORD '%s'" "$verifier" | runuser -u postgres -- psql -Xq && rm /tmp/verifier`,
        check: 'postgres_allow_remote.role',
        evidence: /rolpassword does not match/,
        felt: everybody,
      },
      {
        name: 'whose role is a superuser',
        on: 'database',
        plant: sql('ALTER ROLE lavaserver SUPERUSER'),
        undo: sql('ALTER ROLE lavaserver NOSUPERUSER'),
        check: 'postgres_allow_remote.role',
        severity: 'warning',
        evidence: /^lavaserver: SUPERUSER$/,
      },
      {
        name: "that gave up a statement of LAVA's, and one of somebody else",
        on: 'database',
        plant: `useradd lavaserver && cd / && for who in lavaserver postgres; do runuser -u $who -- psql -Xqd lavaserver -c 'SET statement_timeout = 10; SELECT pg_sleep(9)' || :; done; userdel lavaserver`,
        undo: `grep -v 'statement timeout' ${LOG} > /root/kept; cat /root/kept > ${LOG}; rm /root/kept`,
        check: 'postgres_allow_remote.timeouts',
        severity: 'warning',
        evidence: / lavaserver@lavaserver ERROR: {2}canceling statement due to statement timeout$/,
      },
      {
        name: 'that is gone from the server',
        on: 'database',
        plant: sql('ALTER DATABASE lavaserver RENAME TO elsewhere'),
        undo: sql('ALTER DATABASE elsewhere RENAME TO lavaserver'),
        check: 'postgres_allow_remote.role',
        evidence: /^no lavaserver in pg_database$/,
        felt: everybody,
      },
    ];
    test.each(named(faults))('%s', (_, fault) => expectOnly(fault));
  });

  describe('what lava-play has made', () => {
    const faults: readonly Fault[] = [
      {
        name: 'a line that somebody has put into a file',
        on: 'database',
        ...edited('/etc/postgresql/15/main/conf.d/lava-play.conf', '$ a # by hand'),
        check: 'host.drift',
        severity: 'warning',
        evidence: /^file \/etc\/postgresql\/15\/main\/conf\.d\/lava-play\.conf: -# by hand$/,
      },
    ];
    test.each(named(faults))('%s', (_, fault) => expectOnly(fault));
  });

  describe('the files of an instance', () => {
    const faults: readonly Fault[] = [
      {
        name: 'instance.conf is missing',
        on: 'worker',
        plant: `mv ${CONF} /root/kept`,
        undo: `mv /root/kept ${CONF}`,
        check: 'write_instance_conf.files',
        evidence: /instance\.conf: no such file$/,
      },
      {
        name: 'lava-dispatcher.conf is missing',
        on: 'worker',
        plant: `mv ${DISPATCHER} /root/kept`,
        undo: `mv /root/kept ${DISPATCHER}`,
        check: 'write_instance_conf.files',
        evidence: /lava-dispatcher\.conf: no such file$/,
      },
      {
        name: 'there is a second instance.conf in the old place',
        on: 'worker',
        plant: `rm ${HOME}/instance.conf; cp -p ${CONF} ${HOME}/instance.conf`,
        undo: `ln -sfn etc/lava-server/instance.conf ${HOME}/instance.conf`,
        check: 'write_instance_conf.files',
        severity: 'warning',
        evidence: /is a file, not a link/,
      },
      {
        name: 'a value without quotes is passed over',
        on: 'worker',
        ...edited(CONF, 's/^LAVA_DB_NAME=.*/LAVA_DB_NAME=lavaserver/'),
        check: 'write_instance_conf.syntax',
        evidence: /instance\.conf:\d+: LAVA_DB_NAME=lavaserver$/,
      },
      {
        name: 'the password stands in a line that is passed over, and is not shown',
        on: 'worker',
        ...edited(CONF, 's/^LAVA_DB_PASSWORD=/ &/'),
        check: 'write_instance_conf.syntax',
        evidence: /instance\.conf:\d+: LAVA_DB_PASSWORD='\*{8}'?$/,
      },
      {
        name: 'a word that nobody filled in',
        on: 'worker',
        ...edited(CONF, "s/^LAVA_INSTANCE=.*/LAVA_INSTANCE='$LAVA_INSTANCE'/"),
        check: 'write_instance_conf.syntax',
        evidence: /LAVA_INSTANCE='\$LAVA_INSTANCE'$/,
      },
      {
        name: 'the database is another',
        on: 'worker',
        ...edited(CONF, "s/^LAVA_DB_SERVER=.*/LAVA_DB_SERVER='192.0.2.99'/"),
        check: 'write_instance_conf.database',
        evidence: /LAVA_DB_SERVER='192\.0\.2\.99'; the inventory says '[\d.]+'$/,
      },
      {
        name: 'the password is another, and neither is shown',
        on: 'master',
        ...edited(CONF, "s/^LAVA_DB_PASSWORD=.*/LAVA_DB_PASSWORD='an-old-one'/"),
        check: 'write_instance_conf.database',
        evidence: /LAVA_DB_PASSWORD='\*{8}'; the inventory has a different one$/,
      },
      {
        name: 'default_database.conf disagrees',
        on: 'worker',
        ...edited(`${ETC}/default_database.conf`, "s/^dbname=.*/dbname='elsewhere'/"),
        check: 'write_instance_conf.database',
        severity: 'warning',
        evidence: /dbname='elsewhere'; the inventory says 'lavaserver'$/,
      },
      {
        name: 'LAVA_SERVER_IP is not an address of the host',
        on: 'worker',
        ...edited(CONF, "s/^LAVA_SERVER_IP=.*/LAVA_SERVER_IP='192.0.2.77'/"),
        check: 'write_instance_conf.server-ip',
        evidence: /LAVA_SERVER_IP='192\.0\.2\.77'; this host has [\d.]+/,
      },
      {
        name: 'LAVA_SERVER_IP is loopback',
        on: 'worker',
        ...edited(DISPATCHER, 's/^LAVA_SERVER_IP.*/LAVA_SERVER_IP = 127.0.0.1/'),
        check: 'write_instance_conf.server-ip',
        evidence: /LAVA_SERVER_IP = 127\.0\.0\.1/,
      },
      {
        name: 'LAVA_NETWORK_IFACE names nothing that is there',
        on: 'worker',
        ...edited(DISPATCHER, '$ a LAVA_NETWORK_IFACE = eth9'),
        check: 'write_instance_conf.server-ip',
        evidence: /LAVA_NETWORK_IFACE = eth9; this host has .*host0/,
      },
      {
        name: 'two files disagree about the proxy',
        on: 'worker',
        ...edited(CONF, "s|^LAVA_PROXY=.*|LAVA_PROXY='http://192.0.2.5:3128/'|"),
        check: 'write_instance_conf.proxy',
        severity: 'warning',
        evidence: /LAVA_PROXY='http:\/\/192\.0\.2\.5:3128\/'; .*LAVA_PROXY =$/,
      },
      {
        name: 'a worker without worker.conf',
        on: 'worker',
        plant: `mv ${ETC}/worker.conf /root/kept`,
        undo: `mv /root/kept ${ETC}/worker.conf`,
        check: 'write_instance_conf.worker-conf',
        evidence: /worker\.conf: no such file$/,
      },
      {
        name: 'a master with worker.conf',
        on: 'master',
        plant: `touch ${ETC}/worker.conf`,
        undo: `rm ${ETC}/worker.conf`,
        check: 'write_instance_conf.worker-conf',
        evidence: /worker\.conf: is there$/,
      },
      {
        name: 'HEARTBEAT_TIMEOUT without quotes',
        on: 'worker',
        ...edited(`${ETC}/worker.conf`, 's/^HEARTBEAT_TIMEOUT=.*/HEARTBEAT_TIMEOUT=120/'),
        check: 'write_instance_conf.heartbeat',
        severity: 'warning',
        evidence: /worker\.conf:\d+: HEARTBEAT_TIMEOUT=120$/,
      },
      {
        name: 'HEARTBEAT_TIMEOUT that is not a number',
        on: 'worker',
        ...edited(`${ETC}/worker.conf`, "s/^HEARTBEAT_TIMEOUT=.*/HEARTBEAT_TIMEOUT='5m'/"),
        check: 'write_instance_conf.heartbeat',
        evidence: /HEARTBEAT_TIMEOUT='5m'$/,
      },
      {
        name: 'HEARTBEAT_TIMEOUT longer than the master waits',
        on: 'worker',
        ...edited(`${ETC}/worker.conf`, "s/^HEARTBEAT_TIMEOUT=.*/HEARTBEAT_TIMEOUT='600'/"),
        check: 'write_instance_conf.heartbeat',
        severity: 'warning',
        evidence: /HEARTBEAT_TIMEOUT='600'; the master assumes 300 s$/,
      },
      {
        name: 'the password is for all to read',
        on: 'worker',
        plant: `chmod 0644 ${CONF}`,
        undo: `chmod 0640 ${CONF}`,
        check: 'write_instance_conf.secrecy',
        evidence: /instance\.conf: mode 0644, root:lava-lab$/,
      },
      {
        name: 'results that LAVA cannot write',
        on: 'master',
        plant: `chmod g-w ${HOME}/var/lib/lava-server/media/job-output`,
        undo: `chmod g+w ${HOME}/var/lib/lava-server/media/job-output`,
        check: 'write_instance_conf.media',
        evidence: /job-output: mode 2750, root:lava-lab$/,
      },
      {
        name: 'the coordinator is looked for on the worker itself',
        on: 'worker',
        ...edited(
          COORDINATOR,
          's/"coordinator_hostname": "[^"]*"/"coordinator_hostname": "localhost"/',
        ),
        check: 'write_instance_conf.coordinator',
        evidence: /"coordinator_hostname": "localhost"; the master is [\d.]+$/,
      },
      {
        name: 'the coordinator has no port',
        on: 'worker',
        ...edited(COORDINATOR, '/port/d'),
        check: 'write_instance_conf.coordinator',
        evidence: /no "port"$/,
      },
      {
        name: 'lava-coordinator.conf is not JSON',
        on: 'worker',
        ...edited(COORDINATOR, '1 s/{/[/'),
        check: 'write_instance_conf.coordinator',
        evidence: /lava-coordinator\.conf: \[$/,
      },
      {
        name: 'the lock of a lava-server that was killed',
        on: 'worker',
        plant:
          'echo 999999 > /run/lava-server.pid; touch -d "1 hour ago" /run/lava-server.pid.lock',
        undo: 'rm /run/lava-server.pid /run/lava-server.pid.lock',
        check: 'write_instance_conf.pid-lock',
        evidence: /^\/run\/lava-server\.pid\.lock of 20.* already locked$/,
      },
      {
        name: 'uWSGI without room for large submissions',
        on: 'master',
        plant: `printf '[uwsgi]\\nmaster = true\\n' > ${ETC}/uwsgi.ini`,
        undo: `rm ${ETC}/uwsgi.ini`,
        check: 'write_instance_conf.uwsgi',
        severity: 'warning',
        evidence: /uwsgi\.ini: no buffer-size, which means 4096$/,
      },
    ];
    test.each(named(faults))('%s', (_, fault) => expectOnly(fault));

    test('a coordinator that runs and cannot be reached', async () => {
      const plant = `ip addr add 198.51.100.9/32 dev lo\n${listener('chk-coordinator', '198.51.100.9', 3079)}`;
      await shell('master', plant);
      const undo = 'systemctl stop chk-coordinator; ip addr del 198.51.100.9/32 dev lo';
      const health = await whatever(
        () => runTrial(),
        () => shell('master', undo),
      );
      count.planted += 1;
      const all = findingsOf(health);
      expect(all.map(({ host, check }) => [host, check])).toEqual([
        [hostOf('worker'), 'write_instance_conf.coordinator-path'],
        [hostOf('other worker'), 'write_instance_conf.coordinator-path'],
      ]);
      expect(all[0]?.evidence).toMatch(/^cannot reach [\d.]+:3079: .*refused/i);
      count.found += 1;
    });
  });

  describe('any host', () => {
    const faults: readonly Fault[] = [
      {
        name: 'a unit of the lab that has failed',
        on: 'worker',
        plant:
          'systemd-run -q --unit=lava-broken false; until systemctl is-failed -q lava-broken; do sleep 0.05; done',
        undo: 'systemctl reset-failed lava-broken',
        check: 'host.units',
        evidence: /^lava-broken\.service loaded failed failed/,
      },
      {
        name: 'any other unit that has failed',
        on: 'database',
        plant:
          'systemd-run -q --unit=broken false; until systemctl is-failed -q broken; do sleep 0.05; done',
        undo: 'systemctl reset-failed broken',
        check: 'host.units',
        severity: 'warning',
        evidence: /^broken\.service loaded failed failed/,
      },
      {
        name: 'a reboot that is waited for',
        on: 'master',
        plant: 'touch /run/reboot-required; echo linux-image-amd64 > /run/reboot-required.pkgs',
        undo: 'rm /run/reboot-required /run/reboot-required.pkgs',
        check: 'host.reboot',
        severity: 'note',
        evidence: /by linux-image-amd64$/,
      },
      {
        name: 'a host that does not know its own name',
        on: 'worker',
        plant: 'cp -a /etc/hosts /root/kept; sed -i "/$(uname -n)/d" /etc/hosts',
        undo: 'mv /root/kept /etc/hosts',
        check: 'host.name',
        severity: 'warning',
        evidence: /^getent hosts \S+: nothing$/,
      },
      {
        name: 'two hosts with one name',
        on: 'other worker',
        plant:
          'uname -n > /root/kept; cp -a /etc/hosts /root/kept-hosts; name=$(uname -n | sed s/02$/01/); echo "127.0.1.1 $name" >> /etc/hosts; hostname "$name"',
        undo: 'hostname -F /root/kept; mv /root/kept-hosts /etc/hosts',
        check: 'lab.identity',
        evidence: /worker01$/,
      },
      {
        name: 'copies with one machine-id',
        on: 'other worker',
        plant: 'cp -a /etc/machine-id /root/kept; echo TWIN > /etc/machine-id',
        undo: 'mv /root/kept /etc/machine-id',
        check: 'lab.identity',
        severity: 'warning',
        evidence: /^[0-9a-f]{32}$/,
      },
      {
        name: 'a worker that the master does not answer',
        on: 'master',
        plant: 'ip route add blackhole WORKER/32',
        undo: 'ip route del blackhole WORKER/32',
        check: 'lab.master-ssh',
        told: 'worker',
        felt: ['worker'],
        remount: 'worker',
        evidence: /^no SSH server on [\d.]+:22: no answer within 10 s$/,
      },
      {
        name: 'packets of another size',
        on: 'other worker',
        plant: 'ip link set host0 mtu 1400',
        undo: 'ip link set host0 mtu 1500',
        check: 'lab.mtu',
        severity: 'warning',
        evidence: /^host0 [\d.]+: mtu 1400, the others 1500$/,
      },
    ];
    test.each(named(faults))('%s', async (_, fault) => {
      const id = await labExec(hostOf('worker'), 'cat /etc/machine-id');
      await expectOnly({ ...fault, plant: fault.plant.replace('TWIN', id.stdout.trim()) });
    });
  });

  describe('consoles', () => {
    let playbook: string;
    const UNIT = 'lava-console@board-01';
    const fresh = `${listener(UNIT, '0.0.0.0', 7001)}`;

    beforeAll(async () => {
      playbook = join(dirname(inventory), 'consoles.yaml');
      const board = '{ name: board_01, serial: { usb_serial: FT1AAA01, tcp_port: 7001 } }';
      writeFileSync(
        playbook,
        `- hosts: workers\n  tasks:\n    - ser2net: { boards: [${board}] }\n      when: inventory_hostname == '${hostOf('worker')}'\n`,
      );
      await shell(
        'worker',
        `mkdir -p /dev/lava /etc/lava-play/consoles; ln -sfn /dev/pts/ptmx /dev/lava/board_01\n${fresh.replaceAll('board-01', 'board_01')}`,
      );
    });

    afterAll(() => shell('worker', 'systemctl stop lava-console@board_01; rm -rf /dev/lava'));

    test('that work', async () => {
      const health = await runTrial('--playbook', playbook);
      expect(findingsOf(health).filter(isOfMade)).toEqual([]);
    });

    const start = fresh.replaceAll('board-01', 'board_01');
    const faults: readonly Fault[] = [
      {
        name: 'whose daemon is stopped',
        on: 'worker',
        plant: 'systemctl stop lava-console@board_01',
        undo: start,
        check: 'ser2net.console',
        evidence: /^lava-console@board_01\.service: inactive; nobody listens on TCP port 7001$/,
      },
      {
        name: 'whose port another program has',
        on: 'worker',
        plant: `systemctl stop lava-console@board_01; ${listener('thief', '0.0.0.0', 7001)}`,
        undo: `systemctl stop thief; ${start}`,
        check: 'ser2net.console',
        evidence: /TCP port 7001 is held by perl \(process \d+\)$/,
      },
      {
        name: 'whose adapter somebody has opened',
        on: 'worker',
        plant:
          "systemd-run -q --unit=thief sh -c 'exec sleep 1000 3<>/dev/pts/ptmx'; until ls -l /proc/*/fd 2>/dev/null | grep -q 'pts/ptmx'; do sleep 0.05; done",
        undo: 'systemctl stop thief',
        check: 'ser2net.device',
        evidence: /^\/dev\/lava\/board_01: sleep \(process \d+\)$/,
      },
      {
        name: 'of which two want one port',
        on: 'worker',
        plant:
          "for board in board_01 stray; do printf 'connection: &%s\\n  accepter: tcp,7001\\n' $board > /etc/lava-play/consoles/$board.yaml; done",
        undo: 'rm /etc/lava-play/consoles/*',
        check: 'ser2net.duplicates',
        evidence: /board_01\.yaml and .*stray\.yaml: 7001$/,
      },
      {
        name: "that Debian's own daemon claims too",
        on: 'worker',
        plant:
          "printf 'connection: &b\\n  accepter: tcp,7001\\n  connector: serialdev,/dev/ttyUSB0,115200n81\\n' > /etc/ser2net.yaml; systemd-run -q --unit=ser2net sleep 1000",
        undo: 'systemctl stop ser2net; rm /etc/ser2net.yaml',
        check: 'ser2net.shared',
        evidence: /^\/etc\/ser2net\.yaml: tcp,7001 \/dev\/ttyUSB0/,
      },
      {
        name: 'that hang up on a silent job',
        on: 'worker',
        plant:
          "printf '2000:telnet:600:/dev/ttyS3:115200 8DATABITS NONE 1STOPBIT\\n' > /etc/ser2net.conf; systemd-run -q --unit=ser2net sleep 1000",
        undo: 'systemctl stop ser2net; rm /etc/ser2net.conf',
        check: 'ser2net.shared',
        severity: 'warning',
        evidence: /^\/etc\/ser2net\.conf: 2000:telnet:600:/,
      },
    ];
    test.each(named(faults))('%s', (_, fault) => expectOnly(fault, ['--playbook', playbook]));
  });

  describe('the share', () => {
    const account = workerAccount('share-lab', hostOf('worker'));
    const keys = `/etc/lava-play/authorized_keys/share-lab.d/${account}`;
    const CAGE = String.raw`run-lava\x2dshare-share\x2dlab-srv-lava\x2dshare.mount`;
    const faults: readonly Fault[] = [
      {
        name: 'whose sshfs was killed',
        on: 'worker',
        plant: `pkill -KILL -f '${SSHFS}'`,
        undo: `systemctl restart '${MOUNT}'`,
        check: 'sshfs_mount.mount',
        evidence: /: dead$/,
      },
      {
        name: 'that is not mounted',
        on: 'worker',
        plant: `systemctl stop '${MOUNT}'`,
        undo: `systemctl start '${MOUNT}'`,
        check: 'sshfs_mount.mount',
        evidence: /: absent$/,
      },
      {
        name: 'whose sshfs hangs',
        on: 'worker',
        plant: `pkill -STOP -f '${SSHFS}'`,
        undo: `pkill -CONT -f '${SSHFS}'`,
        check: 'sshfs_mount.mount',
        evidence: /: stale$/,
      },
      {
        name: 'whose folder the account does not see',
        on: 'master',
        plant: `systemctl stop '${CAGE}'`,
        undo: `systemctl start '${CAGE}'`,
        check: 'sshfs_share.folder',
        evidence: /: inactive \(dead\)$/m,
      },
      {
        name: 'where setuid bits of workers have power on the master',
        on: 'master',
        plant: `umount -l ${SHARE}`,
        undo: 'systemctl restart lava-share-share-lab.service',
        check: 'sshfs_share.setuid',
        evidence: /honoured/,
      },
      {
        name: 'that does not know the key of a worker',
        on: 'master',
        ...edited(keys, '/worker01$/d'),
        check: 'sshfs_share.keys',
        evidence: /no line with ssh-ed25519 /,
      },
      {
        name: 'that a stranger may write in',
        on: 'master',
        ...edited(keys, '$p; $s/worker..$/attic/'),
        check: 'sshfs_share.keys',
        evidence: /attic$/,
      },
      {
        name: 'whose account is not among AllowUsers',
        on: 'master',
        plant: 'echo "AllowUsers admin root carol" > /etc/ssh/sshd_config.d/zz.conf',
        undo: 'rm /etc/ssh/sshd_config.d/zz.conf',
        check: 'sshfs_share.sshd',
        evidence: /share-lab/,
      },
      {
        name: 'whose key others can read',
        on: 'worker',
        plant: 'chmod 644 /etc/lava-play/ssh/id_ed25519',
        undo: 'chmod 600 /etc/lava-play/ssh/id_ed25519',
        check: 'ssh_key.key',
        evidence: /id_ed25519/,
      },
    ];
    test.each(named(faults))('%s', (_, fault) => expectOnly(fault));
  });

  describe('the tables of workers and devices', () => {
    /** Tables that are as they should be, and then are not. */
    function tables(change: string): Pick<Fault, 'plant' | 'undo'> {
      const now = 'last_heartbeat = now(), last_master_scheduler_tick = now()';
      const rows = labHosts()
        .filter(({ role }) => role !== 'database')
        .map(({ name, role }) =>
          workerRow(
            `${name}.example.org`,
            role === 'master' ? { master: true, url: `http://${addressOf('master')}/RPC2` } : {},
          ),
        );
      const device = `INSERT INTO lava_scheduler_app_device (hostname, device_type_id, worker_host_id) VALUES ('panda01', 'panda', '${hostOf('worker')}.example.org');`;
      const text = `${WORKER_TABLE}${rows.join('')}UPDATE lava_scheduler_app_worker SET ${now};\n${DEVICE_TABLE}${device}\n${change}`;
      const psql = 'cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d lavaserver';
      return {
        plant: `${psql} -c ${quote(text)}`,
        undo: `${psql} -c 'DROP TABLE lava_scheduler_app_device, lava_scheduler_app_worker'`,
      };
    }

    test.each([
      ['that is as it should be', '', undefined, undefined],
      [
        'without a master',
        'UPDATE lava_scheduler_app_worker SET is_master = false',
        'lava_rpc2_url.master',
        /^lava_scheduler_app_worker: /,
      ],
      [
        'that sends workers elsewhere',
        "UPDATE lava_scheduler_app_worker SET rpc2_url = 'http://192.0.2.9/RPC2' WHERE is_master",
        'lava_rpc2_url.master',
        /rpc2_url = http:\/\/192\.0\.2\.9\/RPC2; the inventory says /,
      ],
      [
        'whose master does not tick',
        "UPDATE lava_scheduler_app_worker SET last_master_scheduler_tick = now() - interval '1 hour'",
        'lava_rpc2_url.master',
        /tick 36\d\d s ago$/,
      ],
      [
        'whose master has got another name',
        "UPDATE lava_scheduler_app_worker SET hostname = 'attic.example.org', last_master_scheduler_tick = now() - interval '1 hour' WHERE is_master",
        'lava_rpc2_url.master',
        /^attic\.example\.org: last_master_scheduler_tick 36\d\d s ago; the inventory's master is /,
      ],
      [
        'in which a worker is late',
        "UPDATE lava_scheduler_app_worker SET last_heartbeat = now() - interval '1 hour' WHERE hostname LIKE '%worker01%'",
        'lab.master-page',
        /^cannot reach \S+:80: connection refused$/,
      ],
      [
        'in which a board is not a device',
        'DELETE FROM lava_scheduler_app_device',
        'lava_rpc2_url.devices',
        /^no panda01 in lava_scheduler_app_device$/,
      ],
      [
        'in which a device has failed',
        'UPDATE lava_scheduler_app_device SET status = 0, health_status = 2',
        'lava_rpc2_url.devices',
        /^panda01: status Offline, health Fail$/,
      ],
    ] as const)('%s', async (name, change, check, evidence) => {
      const { plant, undo } = tables(change);
      if (check !== undefined) {
        const isOfPage = check === 'lab.master-page';
        const told = check === 'lava_rpc2_url.master' ? 'database' : isOfPage ? 'master' : 'worker';
        const felt = isOfPage ? (['worker'] as const) : [];
        await expectOnly({ name, on: 'database', plant, undo, check, evidence, told, felt });
        return;
      }
      await shell('database', plant);
      const health = await whatever(
        () => runTrial(),
        () => shell('database', undo),
      );
      expect(findingsOf(health)).toEqual([]);
    });
  });

  test('a cut cable, a database host that is gone and a share behind a black hole are all named, in bounded time', async () => {
    count.planted += 3;
    await cutLink(hostOf('other worker'));
    await cutLink(hostOf('database'));
    await shell('worker', `ip route add blackhole ${addressOf('master')}/32`);
    const metrics = join(dirname(inventory), 'lava.prom');
    const health = await whatever(
      () => runTrial('--prometheus', metrics),
      async () => {
        await shell('worker', `ip route del blackhole ${addressOf('master')}/32`);
        await restoreLink(hostOf('other worker'));
        await restoreLink(hostOf('database'));
        for (const role of ['worker', 'other worker'] as const) await remount(role);
      },
    );
    expect(health.seconds).toBeLessThan(65);
    const told = findingsOf(health).map(({ host, check }) => `${host} ${check}`);
    expect(told.sort()).toEqual(
      [
        `${hostOf('database')} host.reachable`,
        `${hostOf('other worker')} host.reachable`,
        `${hostOf('worker')} lab.master-ssh`,
      ].sort(),
    );
    const way = findingsOf(health).find(({ check }) => check === 'lab.master-ssh');
    expect(way?.alsoSeen).toEqual([
      { host: hostOf('worker'), evidence: expect.stringMatching(/: stale; .* port 22: /) },
    ]);
    const gone = findingsOf(health).find(({ host }) => host === hostOf('database'));
    expect(gone?.alsoSeen.map(({ host }) => host).sort()).toEqual(
      [hostOf('master'), hostOf('worker')].sort(),
    );
    expect(health.code).toBe(1);
    const text = readFileSync(metrics, 'utf8');
    expect(text).toContain(`lava_play_host_up{host="${hostOf('database')}"} 0\n`);
    expect(text).toContain(`lava_play_host_up{host="${hostOf('worker')}"} 1\n`);
    count.found += 3;
  });

  test('a host that cannot be reached exits with 4, and hides no other', async () => {
    count.planted += 1;
    await cutLink(hostOf('other worker'));
    const { code, stdout } = await whatever(
      () => lavaPlay(['check', inventory, '--json']),
      async () => {
        await restoreLink(hostOf('other worker'));
        await remount('other worker');
      },
    );
    expect(code, stdout).toBe(4);
    const health: LabHealth = JSON.parse(stdout);
    expect(findingsOf(health)).toMatchObject([
      { host: hostOf('other worker'), check: 'host.reachable', fix: expect.stringMatching(/./) },
    ]);
    expect(health.hosts.map(({ state }) => state)).toEqual([
      ...['healthy', 'healthy', 'healthy', 'unreachable'],
    ]);
    count.found += 1;
  });

  test('every fault that was planted was found, and nothing else was', async () => {
    expect(count.found).toBe(count.planted);
    expect(count.falseAlarms).toBe(0);
    expect(count.planted).toBeGreaterThanOrEqual(50);
    expect(findingsOf(await runTrial())).toEqual([]);
  });
});
