import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { rawSftp } from '../support/raw_sftp.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { type LabHost, labAccess, labExec, labHosts, resetHost } from './lab.ts';
import { makeOldShare } from './old_share.ts';

const share = '/srv/lava-share';
const KEYS = '/etc/lava-play/authorized_keys/share-lab';

/** The part of the default playbook that the share is in. */
const PARTS = ['folder for the workers', 'folder of the master', 'key for the shared folder'];

describeOnLab('a share that release 0.1 made', () => {
  let master: LabHost;
  let busy: LabHost;
  let idle: LabHost;
  let inventory: string;
  let playbook: string;

  beforeAll(async () => {
    const hosts = labHosts();
    const [one, two] = hosts.filter(({ role }) => role === 'worker');
    const first = hosts.find(({ role }) => role === 'master');
    if (!one || !two || !first) throw new Error('this test needs a master and two workers');
    [master, busy, idle] = [first, one, two];
    for (const { name } of [master, busy, idle]) await resetHost(name);
    const { inventoryFile } = labAccess();
    inventory = join(dirname(inventoryFile), 'share.yaml');
    const text = readFileSync(inventoryFile, 'utf8');
    writeFileSync(inventory, text.replace(/( +)layout: .*\n/, `$&$1share: ${share}\n`));
    playbook = join(dirname(inventoryFile), 'share_plays.yaml');
    writeFileSync(playbook, sharePlays());
    for (const { name } of [busy, idle]) {
      await out(name, 'apt-get update -q && apt-get install -qy --no-install-recommends sshfs');
    }
    await makeOldShare(
      { folder: share, where: share, account: 'share-lab' },
      { master, workers: [busy, idle] },
    );
    await out(
      busy.name,
      `cd ${share} && mkdir -p jobs/1 && echo old > jobs/1/log && chmod 600 jobs/1/log && echo image > image`,
    );
    await out(idle.name, `cp /usr/bin/id ${share}/trap && chmod 6755 ${share}/trap`);
    expect(await runTrap()).toContain('euid=');
    await out(
      busy.name,
      `systemd-run --unit=job --collect sh -c 'exec 3>>${share}/jobs/1/log; while sleep 0.2; do echo more >&3 || exit 1; done'`,
    );
    await out(
      busy.name,
      `until ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q ${share}/jobs/1/log; do :; done`,
    );
  });

  async function out(host: string, command: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(host, command, { timeoutMs: 300_000 });
    expect(code, `${command}: ${stderr}`).toBe(0);
    return stdout;
  }

  async function apply(...more: readonly string[]): Promise<readonly Event[]> {
    const { code, stdout, stderr } = await lavaPlay([
      ...['apply', inventory, '--playbook', playbook, '--json', ...more],
    ]);
    expect(code, stdout + stderr).toBe(0);
    return eventsOf(stdout);
  }

  /** Runs on the master, as somebody without rights, a program that a worker has made setuid. */
  async function runTrap(): Promise<string> {
    const { stdout, stderr } = await labExec(
      master.name,
      `cd / && runuser -u nobody -- ${share}/trap`,
    );
    return stdout + stderr;
  }

  async function loginAs(username: string, worker: LabHost): Promise<string> {
    const privateKey = await out(worker.name, 'cat /etc/lava-play/ssh/id_ed25519');
    try {
      const sftp = await rawSftp({ host: master.address, username, privateKey });
      sftp.end();
      return 'let in';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  function source(worker: LabHost): Promise<string> {
    return out(
      worker.name,
      `sed -n 's,.* ${share} \\([^ ]*\\) .* - fuse.sshfs \\([^@ ]*\\)@.*,\\2 \\1,p' /proc/self/mountinfo`,
    );
  }

  function changesOf(events: readonly Event[]): Readonly<Record<string, readonly number[]>> {
    const hosts = ofType(events, 'run-finished')[0]?.hosts ?? [];
    return Object.fromEntries(
      hosts.map(({ host, changes, deferred }) => [host, [changes, deferred]]),
    );
  }

  test('one apply moves the mount that nobody uses; the one in use is announced, and goes on', async () => {
    const job = await out(busy.name, 'systemctl show -P MainPID job');
    const events = await apply();
    const deferred = ofType(events, 'host-planned')
      .filter(({ host }) => host === busy.name)
      .flatMap((event) => event.deferred.map(({ reason }) => reason));
    expect(deferred[0]).toMatch(/^\/srv\/lava-share is in use by (sh|sleep) \(\d+\)/);
    expect(await out(busy.name, 'systemctl show -P MainPID job')).toBe(job);
    const before = await out(master.name, `grep -c more ${share}/jobs/1/log`);
    await out(
      master.name,
      `until [ "$(grep -c more ${share}/jobs/1/log)" -gt ${before.trim()} ]; do sleep 0.1; done`,
    );
    expect(await source(busy)).toBe('share-lab rw,nosuid,nodev,relatime\n');
    expect(await source(idle)).toBe(
      `${workerAccount('share-lab', idle.name)} rw,nosuid,nodev,noexec,relatime\n`,
    );
    const keys = await out(master.name, `cat ${KEYS}`);
    expect([busy, idle].map(({ name }) => keys.includes(` ${name}\n`))).toEqual([true, false]);
    expect(await loginAs('share-lab', busy)).toBe('let in');
    expect(await loginAs('share-lab', idle)).toMatch(/authentication/);
  });

  test('what all workers wrote as one they write in as before, and what one makes is its own', async () => {
    await out(idle.name, `cd ${share} && echo mine >> jobs/1/log && mkdir jobs/2 && rm -f absent`);
    expect(
      await out(
        master.name,
        `cd ${share} && stat -c '%n %U %G %a' . jobs jobs/2 jobs/1/log image trap`,
      ),
    ).toBe(
      `. root share-lab 3775
jobs share-lab share-lab 3775
jobs/2 ${workerAccount('share-lab', idle.name)} share-lab 2755
jobs/1/log share-lab share-lab 660
image share-lab share-lab 664
trap share-lab share-lab 775
`,
    );
  });

  test('the next apply changes nothing while the mount is in use', async () => {
    const again = changesOf(await apply());
    expect(again).toEqual({
      [master.name]: [0, 0],
      [idle.name]: [0, 0],
      [busy.name]: [0, expect.any(Number)],
    });
    await out(busy.name, 'systemctl stop job');
  });

  test('once it is free it moves, and what was let in by the old account is so no more, by the same apply', async () => {
    await apply();
    expect(await source(busy)).toBe(
      `${workerAccount('share-lab', busy.name)} rw,nosuid,nodev,noexec,relatime\n`,
    );
    expect(await loginAs('share-lab', busy)).toMatch(/authentication/);
    expect(await out(master.name, `ls -d ${KEYS} 2>/dev/null || :`)).toBe('');
    expect(
      await out(master.name, 'cat /etc/ssh/sshd_config.d/lava-play-share-lab.conf'),
    ).not.toMatch(/^Match User share-lab$/m);
    expect(await out(master.name, 'getent shadow share-lab | cut -d: -f8')).toBe('1\n');
    expect(await runTrap()).not.toContain('euid');
    await out(busy.name, `echo on >> ${share}/jobs/1/log && mkdir ${share}/jobs/3`);
  });

  test('the apply after that changes nothing, and check is content with the share', async () => {
    const events = await apply();
    expect(changesOf(events)).toEqual(
      Object.fromEntries([master, idle, busy].map(({ name }) => [name, [0, 0]])),
    );
    const { stdout } = await lavaPlay(['check', inventory, '--playbook', playbook, '--json']);
    const { hosts } = JSON.parse(stdout);
    const told = hosts.flatMap(({ findings }: { findings: { check: string }[] }) => findings);
    expect(told.filter(({ check }: { check: string }) => check.startsWith('sshfs'))).toEqual([]);
  });
});

describeOnLab("a share of LAVA's own folder that release 0.1 made", () => {
  const media = '/srv/media';
  let master: LabHost;
  let worker: LabHost;

  beforeAll(async () => {
    const hosts = labHosts();
    const one = hosts.find(({ role }) => role === 'worker');
    const first = hosts.find(({ role }) => role === 'master');
    if (!one || !first) throw new Error('this test needs a master and a worker');
    [master, worker] = [first, one];
    for (const { name } of [master, worker]) {
      await resetHost(name);
      await out(name, 'useradd --system --shell /bin/sh lava-x');
    }
    await out(
      worker.name,
      'apt-get update -q && apt-get install -qy --no-install-recommends sshfs',
    );
    await out(
      master.name,
      `install -d -g lava-x -m 2770 ${media} ${media}/job-output && systemd-run --unit=web --uid=lava-x sleep infinity`,
    );
    await makeOldShare(
      { folder: media, where: media, account: 'share-x', owner: 'lava-x' },
      { master, workers: [worker] },
    );
    await out(worker.name, `cd ${media}/job-output && mkdir job-1 && echo log > job-1/log`);
  });

  async function out(host: string, command: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(host, command, { timeoutMs: 300_000 });
    expect(code, `${command}: ${stderr}`).toBe(0);
    return stdout;
  }

  test('stays its own: workers have no power over what LAVA has, and LAVA none less', async () => {
    const { inventoryFile } = labAccess();
    const file = join(dirname(inventoryFile), 'media_plays.yaml');
    const args = 'folder: /srv/media, account: share-x';
    const share = `{ hosts: master, tasks: [{ sshfs_share: { ${args}, owner: lava-x, subfolders: [job-output] } }] }`;
    writeFileSync(
      file,
      `- ${share}\n- { hosts: workers, tasks: [{ sshfs_mount: { ${args}, user: lava-x } }] }\n- ${share}\n`,
    );
    const alone = join(dirname(inventoryFile), 'media.yaml');
    const others = labHosts().filter(({ role, name }) => role === 'worker' && name !== worker.name);
    writeFileSync(
      alone,
      others.reduce(
        (text, { name }) => text.replace(new RegExp(`^ {4}${name}: .*\\n`, 'm'), ''),
        readFileSync(inventoryFile, 'utf8'),
      ),
    );
    const run = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await lavaPlay([...args, alone, '--playbook', file]);
      expect(code, stdout + stderr).toBe(0);
    };
    await run('apply');
    await run('plan', '--detailed-exitcode');
    expect(await out(master.name, 'getent shadow share-x | cut -d: -f8')).toBe('1\n');
    expect(await out(master.name, 'systemctl is-active web')).toBe('active\n');
    expect(await out(worker.name, `cat ${media}/job-output/job-1/log`)).toBe('log\n');
    const forbidden = `echo x > ${media}/job-output/job-1/log || rm -r ${media}/job-output/job-1`;
    expect((await labExec(worker.name, forbidden)).code).not.toBe(0);
    await out(
      worker.name,
      `cd / && runuser -u lava-x -- sh -c 'mkdir ${media}/job-output/job-2 && echo new > ${media}/job-output/job-2/log'`,
    );
    expect(
      await out(
        master.name,
        `cd ${media} && stat -c '%n %U %G %a' . job-output job-output/*; runuser -u lava-x -- sh -c 'cat job-output/*/log; rm -r job-output/job-1; echo mine > own'`,
      ),
    ).toBe(
      `. lava-x share-x 3770
job-output lava-x share-x 3770
job-output/job-1 lava-x lava-x 2755
job-output/job-2 ${workerAccount('share-x', worker.name)} share-x 2755
log
new
`,
    );
  });
});

/** Of the default playbook what the share is made by. */
function sharePlays(): string {
  const text = readFileSync(join(import.meta.dirname, '../../playbooks/lab.yaml'), 'utf8');
  const plays = text.split(/^(?=- name: )/m).slice(1);
  return plays
    .flatMap((play) => {
      const [head = '', ...tasks] = play.split(/^(?= {4}- name: )/m);
      const own = tasks.filter((task) => PARTS.some((part) => task.includes(part)));
      return own.length === 0 ? [] : [head.replace(/^ {2}needs: .*\n/m, ''), ...own];
    })
    .join('');
}
