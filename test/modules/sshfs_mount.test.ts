import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Resource } from '../../engine/sdk.ts';
import { type Mount, sourceOf } from '../../lab/share/mount.ts';
import { masterKeys } from '../../modules/sshfs_mount/known_hosts.ts';
import { mountProbe } from '../../modules/sshfs_mount/mount_probe.ts';
import {
  judgeMount,
  type MountState,
  parseMountState,
  troubleThrough,
} from '../../modules/sshfs_mount/mount_state.ts';
import { mountUsers } from '../../modules/sshfs_mount/mount_users.ts';
import { emptyMountPoint } from '../../modules/sshfs_mount/mounted.ts';
import { unmounting, unmountingUnlessBack } from '../../modules/sshfs_mount/mounting.ts';
import { installPackage } from '../support/debian_package.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free_port.ts';
import { debianShells, testHost } from '../support/run_resource.ts';
import { type Sshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

function mountOf(changes: Partial<Mount>): Mount {
  return {
    ...{ where: '/mnt/x', folder: '/srv/x', account: 'lavashare', address: '127.0.0.1', port: 22 },
    ...{ key: '/none', idmap: 'user', uid: undefined, gid: undefined, umask: undefined },
    ...{ user: 'root', programs: 'refused' },
    ...changes,
  };
}

function stateOf(mount: Mount): Resource<MountState> {
  return {
    id: 'state',
    probe: mountProbe(mount),
    parse: parseMountState,
    change: () => undefined,
  };
}

const missing = whyNoMount();

describe.skipIf(missing)(`with a real sshfs${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;
  let sshd: Sshd;
  let namespace: ChildProcess;
  let mount: Mount;
  let where: string;

  beforeAll(async () => {
    folder = await tempFolder();
    where = join(folder.path, 'mnt');
    mkdirSync(where);
    mkdirSync(join(folder.path, 'shared'));
    sshd = await startSshd({ folder: folder.path, config: ['Subsystem sftp internal-sftp'] });
    mount = mountOf({
      ...{ where, folder: join(folder.path, 'shared'), account: 'root', port: sshd.port },
      key: sshd.identityFile,
    });
    namespace = spawn(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', 'echo in; cat'],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    await new Promise((resolve) => namespace.stdout?.once('data', resolve));
  });

  afterEach(() => {
    expect(inside(unmounting({ where })).status).toBe(0);
  });

  afterAll(async () => {
    namespace?.stdin?.end();
    await sshd?.stop();
  });

  function inside(script: string): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(
      'nsenter',
      ['--target', String(namespace.pid), '--mount', 'sh', '-s'],
      { input: `set -u\n(\n${script}\n) </dev/null\n`, encoding: 'utf8' },
    );
    return { status, output: stdout + stderr };
  }

  function mounts(): void {
    const options = [
      ...[
        'StrictHostKeyChecking=yes',
        `UserKnownHostsFile=${sshd.knownHostsFile}`,
        'BatchMode=yes',
      ],
      ...[`IdentityFile=${mount.key}`, `Port=${mount.port}`, 'reconnect', 'idmap=user'],
    ];
    const source = sourceOf(mount);
    const made = inside(`sshfs ${source} ${where} -o ${options.join(',')}`);
    expect(made.output).toBe('');
  }

  function now(): MountState {
    return parseMountState(inside(mountProbe(mount)).output);
  }

  function verdict(): string {
    return judgeMount(now(), sourceOf(mount)).verdict;
  }

  /** Gives the number of the process that got it. */
  function signal(name: string): readonly string[] {
    const { output } = inside(
      `for exe in /proc/[0-9]*/exe; do case $(readlink "$exe") in */sshfs) pid=\${exe#/proc/}; pid=\${pid%/exe}; tr '\\0' '\\n' <"/proc/$pid/cmdline" | grep -qxF ${where} && kill -${name} "$pid" && echo "$pid" ;; esac; done`,
    );
    expect(output).toMatch(/^\d+\n$/);
    return output.split('\n');
  }

  test('a mount that answers is told from none, and its master is not asked', () => {
    expect(verdict()).toBe('absent');
    expect(now()).toMatchObject({ mounts: [], below: [], trouble: undefined });
    mounts();
    const state = now();
    expect(judgeMount(state, sourceOf(mount)).verdict).toBe('mounted');
    expect(troubleThrough(state)).toBeUndefined();
    expect(state.free).toBeGreaterThan(0);
    expect(inside(mountProbe(mount)).output).not.toContain('master');
  });

  test('a mount whose sshfs was killed is dead, and can be unmounted', () => {
    mounts();
    signal('KILL');
    expect(verdict()).toBe('dead');
    expect(inside(unmountingUnlessBack({ where }))).toMatchObject({ status: 0, output: '' });
    expect(verdict()).toBe('absent');
  });

  test('a mount that hangs is stale, is not asked a second time, and can be unmounted', () => {
    mounts();
    signal('STOP');
    expect(verdict()).toBe('stale');
    const hanging = hangingProbes();
    expect(hanging).toHaveLength(1);
    expect(verdict()).toBe('stale');
    expect(hangingProbes()).toEqual(hanging);
    expect(inside(unmounting({ where }))).toMatchObject({ status: 0, output: '' });
    expect(verdict()).toBe('absent');
  });

  test('one that is mounted anew is not called stale because a question to the old one still hangs', async () => {
    mounts();
    const [old = ''] = signal('STOP');
    expect(verdict()).toBe('stale');
    expect(inside(`umount -l ${where}`).status).toBe(0);
    mounts();
    expect(hangingProbes()).toHaveLength(1);
    expect(verdict()).toBe('mounted');
    process.kill(Number(old), 'SIGKILL');
    await eventually(() => expect(hangingProbes()).toEqual([]));
  });

  test('a mount that hung for a while is kept when it answers again', async () => {
    mounts();
    signal('STOP');
    expect(verdict()).toBe('stale');
    signal('CONT');
    expect(inside(unmountingUnlessBack({ where }))).toMatchObject({ status: 0, output: '' });
    expect(verdict()).toBe('mounted');
    await eventually(() => expect(hangingProbes()).toEqual([]));
  });

  test('mounts over one another are counted, and all go', () => {
    mounts();
    mounts();
    expect(verdict()).toBe('stacked');
    expect(inside(unmounting({ where })).status).toBe(0);
    expect(verdict()).toBe('absent');
    expect(inside(`ls -A ${where}`).output).toBe('');
  });

  test('a file system of somebody else is foreign, and is not unmounted', () => {
    expect(inside(`mount -t tmpfs strange ${where}`).status).toBe(0);
    expect(judgeMount(now(), sourceOf(mount)).words).toBe('a mount of strange (tmpfs)');
    expect(inside(`umount ${where}`).status).toBe(0);
  });

  test('a folder that the master lost is not a trouble of the mount', () => {
    mounts();
    inside(`mv ${mount.folder} ${mount.folder}.away`);
    const state = now();
    inside(`mv ${mount.folder}.away ${mount.folder}`);
    expect(judgeMount(state, sourceOf(mount)).verdict).toBe('mounted');
    expect(troubleThrough(state)).toBe(
      'the master says: No such file or directory (the folder itself)',
    );
  });

  test('who has a file open on it is found without asking the mount', () => {
    mounts();
    inside(`echo x >${where}/file`);
    const reader = spawn(
      'nsenter',
      [
        '--target',
        String(namespace.pid),
        '--mount',
        'sh',
        '-c',
        `exec 3<${where}/file; echo open; cat <&3 >/dev/null; read -r x`,
      ],
      { stdio: ['pipe', 'pipe', 'ignore'] },
    );
    return new Promise<void>((resolve) => reader.stdout.once('data', () => resolve())).then(() => {
      signal('STOP');
      const users = mountUsers.parse(inside(mountUsers.probe).output);
      signal('CONT');
      reader.kill();
      expect(users.get(where)).toEqual([`sh (${reader.pid})`]);
    });
  });

  function hangingProbes(): readonly string[] {
    const { output } = inside(
      `printf '%s\\n' 'lava-play-probe:${where}:' | grep -lszFf - /proc/[0-9]*/cmdline || :`,
    );
    return output.split('\n').filter((line) => line !== '');
  }
});

describe.each(debianShells)('in %s', (...shell) => {
  const servers: ChildProcess[] = [];

  afterEach(() => {
    for (const server of servers.splice(0)) server.kill();
  });

  /** A server of its own process, because the shell under test is waited for. */
  function serving(greeting: string): Promise<number> {
    const program = `const { createServer } = require('node:net');
      const server = createServer((client) => client.write(process.argv[1]));
      server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const child = spawn(process.execPath, ['-e', program, greeting], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    servers.push(child);
    return new Promise((resolve) => child.stdout.once('data', (port) => resolve(Number(port))));
  }

  test('what keeps a host from the master is told apart', async () => {
    const host = testHost(shell);
    const trouble = (changes: Partial<Mount>) =>
      host.read(stateOf(mountOf({ where: host.folder, ...changes }))).trouble;
    expect(trouble({ port: await serving('SSH-2.0-Test\r\n') })).toBeUndefined();
    expect(trouble({ port: await serving('220 mail\r\n') })).toBe('is not an SSH server');
    expect(trouble({ port: await serving('') })).toBe('does not answer');
    expect(trouble({ port: await freePort() })).toBe('refuses connections');
    expect(trouble({ address: 'no..such' })).toBe('has a name that cannot be resolved');
  });

  test('what lies at the place is named, four things at most', () => {
    const host = testHost(shell);
    const where = join(host.folder, 'mnt');
    const state = () => host.read(stateOf(mountOf({ where, port: 1 })));
    expect(state()).toMatchObject({ below: [], blocked: false });
    mkdirSync(where);
    expect(state()).toMatchObject({ below: [], blocked: false });
    for (const name of ['.a', 'b', 'c d', 'e', 'f']) writeFileSync(join(where, name), '');
    expect(state()).toMatchObject({ below: ['.a', 'b', 'c d', 'e'] });
    writeFileSync(join(host.folder, 'file'), '');
    expect(
      host.read(stateOf(mountOf({ where: join(host.folder, 'file'), port: 1 }))),
    ).toMatchObject({
      blocked: true,
    });
  });

  test('a mount point goes only when nothing is in it', () => {
    const host = testHost(shell);
    const where = join(host.folder, 'mnt');
    const point = emptyMountPoint({ where });
    const mine = {
      ...point,
      probe: point.probe.replace("'755 0 0'", `"$(stat -c '%a %u %g' ${where})"`),
    };
    expect(host.plan(mine)).toBeUndefined();
    mkdirSync(where);
    writeFileSync(join(where, 'file'), '');
    expect(host.plan(mine)).toBeUndefined();
    spawnSync('rm', [join(where, 'file')]);
    expect(host.converge(mine)?.labels).toEqual(['0755 root:root', 'missing']);
    expect(existsSync(where)).toBe(false);
  });

  test("the master's keys and whom it lets in are read", () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'keys/lavashare.d'), { recursive: true });
    mkdirSync(join(host.folder, 'keys/empty.d'));
    writeFileSync(join(host.folder, 'ssh_host_rsa_key.pub'), 'ssh-rsa AAAArsa root@m\n');
    writeFileSync(join(host.folder, 'ssh_host_ed25519_key.pub'), 'ssh-ed25519 AAAAed root@m\n');
    writeFileSync(
      join(host.folder, 'keys/lavashare.d/lavashare-w1'),
      'restrict,command="internal-sftp" ssh-ed25519 AAAAone w1\n',
    );
    writeFileSync(join(host.folder, 'keys/lavashare'), 'ssh-ed25519 AAAAold w1\n');
    const people = 'root:x:0:0:root:/root:/bin/sh\n';
    const own = 'lavashare-w1:x:998:997:LAVA share lavashare of w1 (lava-play):/:/bin/false';
    host.install('getent', `printf '%s\\n' '${people}${own}'`);
    const probe = masterKeys.probe
      .replace('/etc/ssh/', `${host.folder}/`)
      .replace('/etc/lava-play/authorized_keys', join(host.folder, 'keys'));
    expect(masterKeys.parse(host.run(probe).output)).toEqual({
      hostKeys: ['ssh-ed25519 AAAAed', 'ssh-rsa AAAArsa'],
      accepted: new Map([['lavashare-w1', new Set(['ssh-ed25519 AAAAone'])]]),
      numbers: new Map([['lavashare-w1', { uid: '998', gid: '997' }]]),
    });
  });
});

test('reading what a probe printed never fails', () => {
  fc.assert(
    fc.property(fc.string(), (output) => {
      judgeMount(parseMountState(output), 'x');
    }),
  );
});

function whyNoMount(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting needs root';
  if (!existsSync('/dev/fuse')) return 'this machine has no /dev/fuse';
  const sshd = sshdMissing();
  if (sshd !== undefined) return sshd;
  if (spawnSync('sshfs', ['--version']).status !== 0) {
    const reason = process.env.CI ? installPackage('sshfs') : 'install sshfs to run these';
    if (reason !== undefined) return reason;
  }
  const { status } = spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']);
  return status === 0 ? undefined : 'this machine allows no mount namespaces';
}
