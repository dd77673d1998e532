import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { LabHealth } from '../../engine/contract/finding.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { findingsOf } from './found.ts';
import { LAB_VARS } from './inventory.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  readHostFile,
  resetHost,
  restoreLink,
} from './lab.ts';
import { waitFor } from './wait.ts';

const KEY = '/etc/lava-play/ssh/id_ed25519';

/** The port of the tunnel's connection; what is dropped there is dropped as by a firewall that has forgotten it. */
const OWN_PORT = `port=$(ss -HtnpO dport = :22 | grep '"ssh"' | head -n 1 | sed 's/^ *[^ ]* *[^ ]* *[^ ]* *[^ ]*:\\([0-9]*\\) .*/\\1/')`;

/** Ways of workers to the lab, as the inventory has them. */
type Reach = 'tunnel' | 'direct' | 'gone';

describeOnLab('the tunnels of workers behind a firewall', () => {
  let database: LabHost;
  let master: LabHost;
  let first: LabHost;
  let second: LabHost;

  beforeAll(async () => {
    [database, master, first, second] = fourHosts();
    for (const { name } of labHosts()) await resetHost(name);
    for (const { name } of [first, second]) {
      await labExec(name, `ip route add blackhole ${database.address}/32`);
    }
  });

  foundation(
    'bring database and SSH server to the loopback of workers that reach the database no other way',
    async () => {
      const { code, events } = await apply(['tunnel', 'tunnel']);
      expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
      for (const { name } of [first, second]) {
        const proved = ofType(events, 'proved').filter(({ host }) => host === name);
        expect(proved.map(({ proof }) => proof)).toEqual([
          'PostgreSQL on 127.0.0.1:15432',
          'SSH server on 127.0.0.1:10022',
          'PostgreSQL login as lavaserver to lavaserver on 127.0.0.1:15432',
        ]);
      }
      const hba = await readHostFile(database.name, '/etc/postgresql/15/main/pg_hba.conf');
      expect(hba.match(/^host lavaserver .*$/gm)).toEqual([
        `host lavaserver lavaserver ${master.address}/32 scram-sha-256`,
      ]);
    },
  );

  test('carry the folder that the workers share with the master', async () => {
    const { stdout } = await labExec(
      first.name,
      "echo from afar > /mnt/share/note && sed -n 's/.* fuse.sshfs \\([^ ]*\\) .*/\\1/p' /proc/self/mountinfo",
    );
    expect(stdout).toContain('127.0.0.1');
    expect(await readHostFile(master.name, '/srv/share/note')).toBe('from afar\n');
  });

  test('are looked at by check, which tells the tunnel, and not all that goes through it', async () => {
    const before = await findings();
    for (const { on, harm, mend, told } of [
      {
        ...{ on: first, told: `${first.name} tunnel.service` },
        harm: 'systemctl stop lava-tunnel',
        mend: 'systemctl start lava-tunnel',
      },
      {
        ...{ on: first, told: `${first.name} tunnel.connection` },
        harm: `${OWN_PORT}; ip rule add ipproto tcp sport "$port" blackhole && ip route flush cache`,
        mend: `${OWN_PORT}; ip rule del ipproto tcp sport "$port" blackhole`,
      },
      {
        ...{ on: master, told: `${master.name} tunnel_gate.sshd` },
        harm: "printf 'Match User lava-tunnel\\n  AllowTcpForwarding yes\\n' > /etc/ssh/sshd_config.d/000.conf",
        mend: 'rm /etc/ssh/sshd_config.d/000.conf',
      },
    ]) {
      expect((await labExec(on.name, harm)).code).toBe(0);
      const now = await findings();
      expect((await labExec(on.name, mend)).code).toBe(0);
      expect(now.filter((line) => !before.includes(line))).toEqual([told]);
      await waitFor('tunnel', () => answers(first.name), { deadlineMs: 30_000 });
    }
  });

  test('that are down because the gate does not know their key are told as that, once', async () => {
    const before = await findings();
    const file = '/etc/lava-play/tunnel.authorized_keys';
    await labExec(master.name, `cp -p ${file} ${file}.old && sed -i '/ ${first.name}$/d' ${file}`);
    await labExec(first.name, 'systemctl stop lava-tunnel');
    const now = await findings();
    await labExec(master.name, `mv ${file}.old ${file}`);
    await labExec(first.name, 'systemctl start lava-tunnel');
    expect(now.filter((line) => !before.includes(line))).toEqual([
      `${master.name} tunnel_gate.keys`,
    ]);
    await waitFor('tunnel', () => answers(first.name), { deadlineMs: 30_000 });
  });

  test('are left alone by the second apply', async () => {
    const { code, events } = await apply(['tunnel', 'tunnel']);
    expect(code).toBe(0);
    const [finished] = ofType(events, 'run-finished');
    expect(finished?.hosts).toMatchObject(
      labHosts().map(({ name: host }) => ({ host, outcome: 'unchanged', changes: 0, scripts: 2 })),
    );
  });

  test.each([
    ['a port that is not among them', '-W DATABASE:22'],
    ['another host', '-W 127.0.0.1:22'],
    ['a command', 'true'],
    ['a terminal', '-tt'],
    ['files', '-s sftp'],
    ['a port on the side of the gate', '-N -o ExitOnForwardFailure=yes -R 9999:127.0.0.1:22'],
  ])('lead to nothing else: not to %s', async (_, wanted) => {
    const what = wanted.replace('DATABASE', database.address);
    const options = `-i ${KEY} -o UserKnownHostsFile=/etc/lava-play/tunnel.known_hosts -o HostKeyAlias=lava-gate -o BatchMode=yes`;
    const login = `lava-tunnel@${master.address}`;
    const ssh = what.startsWith('-')
      ? `ssh ${options} ${what.replace(/^-s sftp$/, '-s')} ${login}`
      : `ssh ${options} ${login} ${what}`;
    const command = what === '-s sftp' ? `${ssh} sftp` : ssh;
    const allowed = await labExec(
      first.name,
      `ssh ${options} -W ${database.address}:5432 ${login} </dev/null`,
    );
    expect(allowed.code, allowed.stderr).toBe(0);
    const { code, stdout, stderr } = await labExec(
      first.name,
      `timeout 120 ${command} </dev/null`,
      {
        timeoutMs: 180_000,
      },
    );
    expect([code, stdout], stderr).toEqual([255, '']);
  });

  test.each([
    ['stopped', 'systemctl stop lava-tunnel'],
    ['not started with the host', 'systemctl disable lava-tunnel'],
    [
      'broken by a key that changed',
      `ssh-keygen -q -t ed25519 -N '' -f ${KEY}.new && mv ${KEY}.new ${KEY} && mv ${KEY}.new.pub ${KEY}.pub && systemctl restart lava-tunnel`,
    ],
  ])('that are %s are found by the plan and fixed', async (_, harm) => {
    await labExec(first.name, harm);
    const planned = await lavaPlay(['plan', ...args(['tunnel', 'tunnel']), '--detailed-exitcode']);
    expect(planned.code).toBe(3);
    const { code, events } = await apply(['tunnel', 'tunnel']);
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    expect(ofType(events, 'proved').map(({ proof }) => proof)).toContain(
      'PostgreSQL login as lavaserver to lavaserver on 127.0.0.1:15432',
    );
  });

  test('come back by themselves after a link was dead for so long that they gave up', async () => {
    const before = await starts(first.name);
    await cutLink(first.name);
    try {
      await waitFor(
        'tunnel that gave up',
        async () => ((await starts(first.name)) > before ? true : undefined),
        {
          deadlineMs: 120_000,
        },
      );
    } finally {
      await restoreLink(first.name);
    }
    await labExec(first.name, `ip route add blackhole ${database.address}/32 2>/dev/null`);
    await waitFor('answer of PostgreSQL through the tunnel', () => answers(first.name), {
      deadlineMs: 60_000,
    });
    const { code } = await lavaPlay(['plan', ...args(['tunnel', 'tunnel']), '--detailed-exitcode']);
    expect(code).toBe(0);
  });

  test('end at once for a worker that leaves, and for nobody else', async () => {
    const other = await mainPid(second.name);
    const own = await mainPid(first.name);
    const { code, events } = await apply(['gone', 'tunnel']);
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    const keys = await readHostFile(master.name, '/etc/lava-play/tunnel.authorized_keys');
    expect(keys.trim().split('\n')).toEqual([
      expect.stringMatching(/^#/),
      expect.stringMatching(new RegExp(` ${second.name}$`)),
    ]);
    await waitFor(
      'end of the tunnel',
      async () => ((await mainPid(first.name)) === own ? undefined : true),
      {
        deadlineMs: 30_000,
      },
    );
    expect(await mainPid(second.name)).toBe(other);
    expect(await answers(second.name)).toBe(true);
  });

  test('leave nothing behind on a worker that needs none any more', async () => {
    await labExec(first.name, `ip route del blackhole ${database.address}/32`);
    const { code, events } = await apply(['direct', 'tunnel']);
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    const left = await labExec(
      first.name,
      'ls -d /etc/lava-play/tunnel.* /etc/systemd/system/*lava-tunnel* /etc/systemd/system/*/lava-tunnel*; systemctl is-active lava-tunnel',
    );
    expect(left.stdout).toBe('inactive\n');
    const conf = '/srv/lava/instances/lab/etc/lava-server/instance.conf';
    expect(await readHostFile(first.name, conf)).toContain(`LAVA_DB_SERVER='${database.address}'`);
    expect(await readHostFile(second.name, conf)).toContain("LAVA_DB_SERVER='127.0.0.1'");
  });

  test('leave nothing behind on the gate when nobody needs it any more', async () => {
    await labExec(second.name, `ip route del blackhole ${database.address}/32`);
    const { code, events } = await apply(['direct', 'direct']);
    expect([code, ofType(events, 'host-failed')]).toEqual([0, []]);
    const left = await labExec(
      master.name,
      'ls -d /etc/lava-play/tunnel.* /etc/ssh/sshd_config.d/lava-tunnel.conf; find /proc -maxdepth 1 -user lava-tunnel',
    );
    expect(left.stdout).toBe('');
  });

  async function apply(ways: readonly [Reach, Reach]) {
    const { code, stdout } = await lavaPlay(['apply', ...args(ways)]);
    return { code, events: eventsOf(stdout) };
  }

  async function findings(): Promise<readonly string[]> {
    const { stdout } = await lavaPlay(['check', ...args(['tunnel', 'tunnel'])]);
    const health: LabHealth = JSON.parse(stdout);
    return findingsOf(health).map(({ host, check }) => `${host} ${check}`);
  }

  function args(ways: readonly [Reach, Reach]): readonly string[] {
    const folder = dirname(labAccess().inventoryFile);
    writeFileSync(join(folder, 'tunnel.yaml'), inventoryText(ways));
    writeFileSync(join(folder, 'tunnel-play.yaml'), PLAYBOOK);
    return [join(folder, 'tunnel.yaml'), '--playbook', join(folder, 'tunnel-play.yaml'), '--json'];
  }

  function inventoryText(ways: readonly [Reach, Reach]): string {
    const workers = [first, second].flatMap((host, index) => {
      const way = ways[index];
      if (way === 'gone') return [];
      const tunnel = way === 'tunnel' ? ', lava: { tunnel: { through: master } }' : '';
      return [`    ${host.name}: { address: ${host.address}${tunnel} }\n`];
    });
    return `${LAB_VARS}database: { hosts: { ${database.name}: { address: ${database.address} } } }
master: { hosts: { ${master.name}: { address: ${master.address} } } }
workers:
  hosts:
${workers.join('')}`;
  }

  async function mainPid(host: string): Promise<string> {
    return (await labExec(host, 'systemctl show -P MainPID lava-tunnel')).stdout.trim();
  }

  async function starts(host: string): Promise<number> {
    return Number((await labExec(host, 'systemctl show -P NRestarts lava-tunnel')).stdout);
  }

  /** Whether PostgreSQL answers a request for TLS through the tunnel of a worker. */
  async function answers(host: string): Promise<true | undefined> {
    const { stdout } = await labExec(host, [
      ...['bash', '-c'],
      `exec 3<>/dev/tcp/127.0.0.1/15432 && printf '\\0\\0\\0\\10\\4\\322\\26\\57' >&3 && timeout 5 head -c 1 <&3`,
    ]);
    return stdout === 'S' ? true : undefined;
  }
});

function fourHosts(): [LabHost, LabHost, LabHost, LabHost] {
  const [database, master, first, second] = labHosts();
  if (database && master && first && second) return [database, master, first, second];
  throw new Error('the lab has fewer than two workers');
}

const PLAYBOOK = `- hosts: workers
  tasks:
    - ssh_key: {}
- hosts: database
  tasks:
    - postgres_allow_remote:
        database: "{{ lava.db.name }}"
        user: "{{ lava.db.user }}"
        password: "{{ lava.db.password }}"
- hosts: master:gate
  tasks:
    - tunnel_gate: {}
- hosts: master
  tasks:
    - sshfs_share: { folder: /srv/share }
- hosts: workers
  tasks:
    - tunnel:
        to: "{{ optional lava.tunnel }}"
- hosts: workers
  tasks:
    - write_instance_conf:
        role: worker
        layout: "{{ lava.layout }}"
        instance: "{{ lava.instance }}"
        db: "{{ lava.db }}"
        master: "{{ lava.master }}"
    - sshfs_mount:
        folder: /srv/share
        where: /mnt/share
        address: "{{ lava.master }}"
        port: "{{ lava.master_ssh_port }}"
`;
