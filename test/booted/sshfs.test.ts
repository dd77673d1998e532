import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { foundation } from '../support/foundation.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';
import { describeOnLab } from './describe_on_lab.ts';
import {
  cutLink,
  type LabHost,
  labAccess,
  labExec,
  labHosts,
  powerOff,
  powerOn,
  resetHost,
  restoreLink,
} from './lab.ts';
import { waitFor } from './wait.ts';

const share = '/srv/lava-share';
const where = '/mnt/lava-share';
const unit = String.raw`mnt-lava\x2dshare.mount`;

const playbook = `- { name: keys, hosts: workers, tasks: [{ ssh_key: {} }] }
- { name: share, hosts: master, tasks: [{ sshfs_share: { folder: ${share} } }] }
- { name: mounts, hosts: workers, tasks: [{ sshfs_mount: { folder: ${share}, where: ${where} } }] }
`;

/** Counts the processes of sshfs for this mount point; the brackets keep the question itself out. */
const sshfsProcesses = `grep -lszx '${where.replace(/e$/, '[e]')}' /proc/[0-9]*/cmdline | wc -l`;

describeOnLab('the shared folder', () => {
  let folder: string;
  let master: LabHost;
  let worker: LabHost;
  let other: LabHost;
  let inventory: string;
  let play: readonly string[];

  beforeAll(async () => {
    const hosts = labHosts();
    const named = (role: LabHost['role']): readonly LabHost[] =>
      hosts.filter((host) => host.role === role);
    const [one, two] = named('worker');
    const [first] = named('master');
    if (!one || !two || !first) throw new Error('this test needs a master and two workers');
    [master, worker, other] = [first, one, two];
    for (const { name } of [master, worker, other]) await resetHost(name);
    folder = testFolder();
    writeFileSync(join(folder, 'play.yaml'), playbook);
    inventory = labAccess().inventoryFile;
    play = ['--playbook', join(folder, 'play.yaml'), '--json'];
  });

  async function out(host: LabHost, command: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(host.name, command);
    expect(code, `${command}: ${stderr}`).toBe(0);
    return stdout;
  }

  async function succeed(args: readonly string[], file = inventory): Promise<readonly Event[]> {
    const { code, stdout, stderr } = await lavaPlay([
      args[0] ?? '',
      file,
      ...args.slice(1),
      ...play,
    ]);
    expect(code, stdout + stderr).toBe(0);
    return eventsOf(stdout);
  }

  /** Runs a plan or an apply that has to fail by itself and not because something hung, and gives back why, by host. */
  async function failing(
    command: string,
    limit: string,
    file = inventory,
  ): Promise<Readonly<Record<string, string>>> {
    const { code, stdout } = await lavaPlay([command, file, '--limit', limit, ...play]);
    expect(code).not.toBe(0);
    const failed = ofType(eventsOf(stdout), 'host-failed');
    expect(failed.map(({ failure }) => failure.code)).not.toContain('timeout');
    return Object.fromEntries(failed.map(({ host, failure }) => [host, failure.message]));
  }

  function accountOf(host: LabHost): string {
    return workerAccount('lavashare', host.name);
  }

  function workerSees(host: LabHost, path: string): Promise<string> {
    return out(host, `cat ${where}/${path}`);
  }

  /** Waits until the master answers through the mount: a name that was not asked for before is not there. */
  function comesBack(host: LabHost): Promise<unknown> {
    return waitFor(
      `mount of ${host.name}`,
      async () => {
        const { stdout } = await labExec(
          host.name,
          `LC_ALL=C timeout 10 stat ${where}/no-$(date +%s%N) 2>&1 | grep -c 'No such file' || :`,
        );
        return stdout.trim() === '1' ? true : undefined;
      },
      { deadlineMs: 60_000 },
    );
  }

  foundation(
    'is mounted on two bare workers by one apply, and the next finds nothing to do',
    async () => {
      const first = await succeed(['apply']);
      expect(ofType(first, 'host-failed')).toEqual([]);
      const again = await succeed(['apply']);
      const [finished] = ofType(again, 'run-finished');
      const unchanged = { outcome: 'unchanged', changes: 0, pending: 0, scripts: 2 };
      expect(finished?.hosts.map(({ host }) => host).sort()).toEqual(
        [master, worker, other].map(({ name }) => name).sort(),
      );
      for (const host of finished?.hosts ?? []) expect(host).toMatchObject(unchanged);
    },
  );

  test("files go both ways: root writes on a worker, the worker's account owns it on the master", async () => {
    await out(
      worker,
      `install -D -o root -g root -m 640 /dev/stdin ${where}/job/1/log <<X\nhello\nX`,
    );
    expect(await workerSees(other, 'job/1/log')).toBe('hello\n');
    expect(await out(worker, `stat -c '%a %u %g' ${where}/job/1/log`)).toBe('640 0 0\n');
    expect(await out(master, `stat -c '%a %U %G' ${share}/job/1/log; cat ${share}/job/1/log`)).toBe(
      `640 ${accountOf(worker)} lavashare\nhello\n`,
    );
    await out(master, `echo image > ${share}/image`);
    expect(await workerSees(worker, 'image')).toBe('image\n');
    expect(await out(worker, `runuser -u nobody -- cat ${where}/image`)).toBe('image\n');
  });

  test('the key opens nothing else: no shell, no forwarding, nothing outside of the folder', async () => {
    const options =
      '-o BatchMode=yes -o ConnectTimeout=5 -i /etc/lava-play/ssh/id_ed25519 -o UserKnownHostsFile=/etc/lava-play/ssh/known_hosts';
    const login = `${accountOf(worker)}@${master.address}`;
    const shell = await labExec(worker.name, `ssh ${options} ${login} id`);
    expect(shell.stdout + shell.stderr).toContain('sftp connections only');
    const forward = await labExec(worker.name, `ssh ${options} -W 127.0.0.1:22 ${login}`);
    expect(forward.stderr).toMatch(/prohibited|open failed/);
    const sftp = await labExec(
      worker.name,
      `printf 'ls /\\n-ls /etc/passwd\\n-symlink /etc/passwd ${share}/link\\npwd\\n' | sftp -b - ${options} ${login}`,
    );
    expect(sftp.stdout).toMatch(/^\/srv\s*$/m);
    expect(sftp.stdout).toContain(`Remote working directory: ${share}`);
    expect(sftp.stdout + sftp.stderr).toMatch(/etc\/passwd" not found/);
    expect(await out(master, `ls ${share}`)).not.toContain('link');
  });

  test('kill -9 of sshfs is found by a plan and healed by an apply', async () => {
    await out(
      worker,
      `systemctl kill --signal=KILL '${unit}'; until ! ls ${where} 2>&1 | grep -q job; do :; done`,
    );
    const plan = await succeed(['plan', '--limit', worker.name]);
    expect(ofType(plan, 'host-planned')[0]?.changes).toMatchObject([
      { resource: `mount ${where}`, before: 'dead: its sshfs has ended\n' },
    ]);
    await succeed(['apply', '--limit', worker.name]);
    expect(await workerSees(worker, 'image')).toBe('image\n');
  });

  test('an sshfs that hangs although the master is there is found and healed', async () => {
    await out(worker, `systemctl kill --signal=STOP '${unit}'`);
    const plan = await succeed(['plan', '--limit', worker.name]);
    expect(ofType(plan, 'host-planned')[0]?.changes).toMatchObject([
      { resource: `mount ${where}`, before: 'stale\n' },
    ]);
    await succeed(['apply', '--limit', worker.name]);
    expect(await workerSees(worker, 'image')).toBe('image\n');
    expect(await out(worker, sshfsProcesses)).toBe('1\n');
  });

  test('mounts that lie one over the other become one', async () => {
    const source = `${accountOf(worker)}@${master.address}:${share}`;
    await out(
      worker,
      `mount -t fuse.sshfs -o IdentityFile=/etc/lava-play/ssh/id_ed25519,UserKnownHostsFile=/etc/lava-play/ssh/known_hosts,nonempty ${source} ${where} || mount -t fuse.sshfs -o IdentityFile=/etc/lava-play/ssh/id_ed25519,UserKnownHostsFile=/etc/lava-play/ssh/known_hosts ${source} ${where}`,
    );
    expect(await out(worker, `grep -c ' ${where} ' /proc/self/mountinfo`)).toBe('2\n');
    await succeed(['apply', '--limit', worker.name]);
    expect(await out(worker, `grep -c ' ${where} ' /proc/self/mountinfo`)).toBe('1\n');
    expect(await out(worker, sshfsProcesses)).toBe('1\n');
  });

  test('a change of the mount waits for who uses it, and is made with --kick', async () => {
    const changed = join(folder, 'changed.yaml');
    writeFileSync(changed, playbook.replace(`where: ${where} `, `where: ${where}, umask: "027" `));
    const args = ['--limit', worker.name, '--playbook', changed, '--json'];
    await out(
      worker,
      `systemd-run --unit=reader --collect sh -c 'exec 3<${where}/image; sleep infinity'`,
    );
    await out(
      worker,
      `until ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q ${where}/image; do :; done`,
    );
    const put = await lavaPlay(['apply', inventory, ...args]);
    expect(put.stdout).toMatch(/in use by (sh|sleep) \(\d+\)/);
    expect(await out(worker, 'systemctl is-active reader')).toBe('active\n');
    expect(await out(worker, `grep -c umask '/etc/systemd/system/${unit}' || :`)).toBe('0\n');
    expect((await lavaPlay(['apply', inventory, ...args, '--kick'])).code).toBe(0);
    expect(await out(worker, `stat -c %a ${where}/image`)).toBe('750\n');
    await out(worker, 'systemctl stop reader');
    await succeed(['apply', '--limit', worker.name]);
  });

  test('a black hole is said to be stale within seconds, and the mount is back when it ends', async () => {
    await out(
      worker,
      `ip neigh replace ${master.address} lladdr 02:00:00:00:00:99 nud permanent dev host0`,
    );
    try {
      const sentence = `${where} is stale: ${master.address} does not answer on TCP port 22`;
      for (const command of ['plan', 'plan', 'apply']) {
        expect(await failing(command, worker.name)).toEqual({ [worker.name]: sentence });
      }
      expect(await out(worker, `grep -c ' ${where} ' /proc/self/mountinfo`)).toBe('1\n');
    } finally {
      await out(worker, `ip neigh del ${master.address} dev host0`);
    }
    await comesBack(worker);
    await succeed(['apply', '--limit', worker.name]);
    expect(await out(worker, 'grep -lsz [l]ava-play-probe: /proc/[0-9]*/cmdline || :')).toBe('');
  });

  test('cut off for a minute, the mount is called stale, and comes back by itself', async () => {
    await cutLink(master.name);
    const cut = Date.now();
    try {
      const failed = await failing('plan', `${master.name},${other.name}`);
      expect(failed[master.name]).toMatch(/did not answer|No route/);
      expect(failed[other.name]).toMatch(
        new RegExp(`^${where} is stale.*: ${master.address} (does not answer|cannot be reached)`),
      );
      await waitFor('end of a minute', async () => Date.now() - cut > 60_000 || undefined, {
        deadlineMs: 90_000,
      });
      expect((await failing('apply', other.name))[other.name]).toContain('is stale');
    } finally {
      await restoreLink(master.name);
    }
    await comesBack(other);
    expect(await workerSees(other, 'image')).toBe('image\n');
    await succeed(['apply']);
  });

  test('a worker that starts while the master is down mounts by itself, and reads once the master is up', async () => {
    for (const { name } of [master, worker]) await powerOff(name);
    await powerOn(worker.name);
    expect(await out(worker, `grep -c ' ${where} ' /proc/self/mountinfo`)).toBe('1\n');
    await powerOn(master.name);
    await comesBack(worker);
    expect(await workerSees(worker, 'image')).toBe('image\n');
    await comesBack(other);
    const [finished] = ofType(await succeed(['apply']), 'run-finished');
    expect(finished?.hosts.map(({ changes }) => changes)).toEqual([0, 0, 0]);
  });

  test('a folder of the master that was replaced is what workers see after the next apply', async () => {
    await out(
      master,
      `umount -l ${share} && mv ${share} ${share}.old && install -d -g lavashare ${share} && echo new > ${share}/image`,
    );
    await succeed(['apply']);
    await waitFor(
      'new image',
      async () => ((await workerSees(worker, 'image')) === 'new\n' ? true : undefined),
      { deadlineMs: 60_000 },
    );
  });

  test('a folder of another account stays its own, and workers write in it beside it', async () => {
    const media = '/srv/media';
    await out(
      master,
      `useradd --system --shell /bin/sh media && install -d -o media -g media -m 750 ${media} && echo x > ${media}/old && chown media:media ${media}/old`,
    );
    const file = join(folder, 'media.yaml');
    writeFileSync(
      file,
      `- { hosts: master, tasks: [{ sshfs_share: { folder: ${media}, account: lavamedia, owner: media } }] }
- { hosts: workers, tasks: [{ sshfs_mount: { folder: ${media}, account: lavamedia } }] }
`,
    );
    const args = [inventory, '--playbook', file, '--json'];
    const { code, stdout } = await lavaPlay(['apply', ...args]);
    expect(code, stdout).toBe(0);
    await out(worker, `echo result > ${media}/result && chown root:root ${media}/result`);
    expect(await out(worker, `stat -c %U:%G ${media}/result`)).toBe('root:root\n');
    const account = workerAccount('lavamedia', worker.name);
    expect(
      await out(master, `stat -c %U:%G ${media}/result ${media}/old; stat -c '%a %U:%G' ${media}`),
    ).toBe(`${account}:lavamedia\nmedia:media\n3770 media:lavamedia\n`);
    await out(
      master,
      `cd / && runuser -u media -- sh -c 'cat ${media}/result && rm -f ${media}/result'`,
    );
    expect((await labExec(worker.name, `echo x > ${media}/old`)).code).not.toBe(0);
    expect(await out(master, 'getent passwd media | cut -d: -f7')).toBe('/bin/sh\n');
    expect((await lavaPlay(['plan', ...args, '--detailed-exitcode'])).code).toBe(0);
  });

  test('a worker that left the inventory is not let in any more, and keeps nobody else out', async () => {
    const without = join(dirname(inventory), 'without-worker.yaml');
    const text = readFileSync(inventory, 'utf8');
    writeFileSync(without, text.replace(new RegExp(`^ {4}${other.name}: .*\\n`, 'm'), ''));
    await succeed(['apply'], without);
    const keys = await out(master, 'cat /etc/lava-play/authorized_keys/lavashare.d/*');
    expect(keys).toContain(worker.name);
    expect(keys).not.toContain(other.name);
    const login = (host: LabHost): string =>
      `sftp -b /dev/null -o BatchMode=yes -i /etc/lava-play/ssh/id_ed25519 -o UserKnownHostsFile=/etc/lava-play/ssh/known_hosts ${accountOf(host)}@${master.address}`;
    expect((await labExec(other.name, login(other))).stderr).toContain('Permission denied');
    expect((await labExec(worker.name, login(worker))).code).toBe(0);
  });

  test('with state absent it is unmounted and leaves nothing, and the files of the master stay', async () => {
    const removal = join(folder, 'removal.yaml');
    writeFileSync(
      removal,
      `- { hosts: workers, tasks: [{ sshfs_mount: { folder: ${share}, where: ${where}, state: absent } }] }\n`,
    );
    const args = ['--limit', worker.name, '--playbook', removal, '--json'];
    const { code, stdout } = await lavaPlay(['apply', inventory, ...args]);
    expect(code, stdout).toBe(0);
    expect(await out(worker, `grep -c ' ${where} ' /proc/self/mountinfo || :`)).toBe('0\n');
    expect(await out(worker, `ls -d ${where} '/etc/systemd/system/${unit}' 2>/dev/null || :`)).toBe(
      '',
    );
    expect(await out(worker, sshfsProcesses)).toBe('0\n');
    expect(await out(master, `cat ${share}/image`)).toBe('new\n');
    expect((await lavaPlay(['plan', inventory, ...args, '--detailed-exitcode'])).code).toBe(0);
  });

  test('a folder that moves takes its mount along, and without one nothing is mounted or shared', async () => {
    const args = [
      '--limit',
      `${master.name},${worker.name}`,
      '--playbook',
      join(folder, 'own.yaml'),
    ];
    const apply = async (moved: { folder?: string }): Promise<void> => {
      const plays = [
        { hosts: 'master', tasks: [{ sshfs_share: moved }] },
        { hosts: 'workers', tasks: [{ sshfs_mount: { ...moved, exclusive: true } }] },
      ];
      writeFileSync(join(folder, 'own.yaml'), JSON.stringify(plays));
      const { code, stdout } = await lavaPlay(['apply', inventory, ...args]);
      expect(code, stdout).toBe(0);
      expect((await lavaPlay(['plan', inventory, ...args, '--detailed-exitcode'])).code).toBe(0);
    };
    const mounts = (): Promise<string> =>
      out(worker, "sed -n 's/.* - fuse.sshfs \\([^ ]*\\) .*/\\1/p' /proc/self/mountinfo");
    const login = `sftp -b /dev/null -o BatchMode=yes -i /etc/lava-play/ssh/id_ed25519 -o UserKnownHostsFile=/root/known -o StrictHostKeyChecking=accept-new ${accountOf(worker)}@${master.address}`;
    await apply({ folder: '/srv/one' });
    await apply({ folder: '/srv/two' });
    const ofAnother = `${workerAccount('lavamedia', worker.name)}@${master.address}:/srv/media\n`;
    expect(await mounts()).toBe(`${ofAnother}${accountOf(worker)}@${master.address}:/srv/two\n`);
    expect(await out(worker, 'cd /etc/systemd/system; ls *.mount')).toBe(
      'srv-media.mount\nsrv-two.mount\n',
    );
    expect((await labExec(worker.name, login)).code).toBe(0);
    await apply({});
    expect(await mounts()).toBe(ofAnother);
    expect((await labExec(worker.name, login)).stderr).toContain('Permission denied');
    expect(await out(master, 'ls -d /srv/two')).toBe('/srv/two\n');
  });

  test('what lies at the mount point is refused by name, and stays', async () => {
    await succeed(['apply', '--limit', master.name]);
    await out(worker, `mkdir -p ${where} && echo mine > ${where}/left-here`);
    expect(await failing('plan', worker.name)).toEqual({
      [worker.name]: `${where} is not mounted, and is not empty: left-here`,
    });
    expect(await out(worker, `cat ${where}/left-here`)).toBe('mine\n');
  });
});
