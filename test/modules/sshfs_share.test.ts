import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { cageOf, keysFolder } from '../../lab/share/share.ts';
import { SSHD_CHECK, sshdText } from '../../lab/share/share_text.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { inertFolder } from '../../modules/sshfs_share/inert_folder.ts';
import { accountsInUse, neededKeys, oldKeys } from '../../modules/sshfs_share/old_account.ts';
import { shareAccounts } from '../../modules/sshfs_share/share_accounts.ts';
import {
  acceptedKeys,
  type KeyFiles,
  shareKeys,
  type WorkerKey,
} from '../../modules/sshfs_share/share_keys.ts';
import { folderInCage, sharedFolders } from '../../modules/sshfs_share/shared_folder.ts';
import { eventually } from '../support/eventually.ts';
import { debianShells, isRoot, testHost } from '../support/run_resource.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

const missing = sshdMissing();

describe.skipIf(missing)(`with a real sshd${missing ? ` (${missing})` : ''}`, () => {
  const share = { folder: '/srv/share', account: 'lavashare' };
  const logins = { accounts: ['nobody'], old: 'none' } as const;
  let folder: TempFolder;
  let sshd: Sshd;
  /** Not in /tmp: sshd trusts a cage only when nobody else may write in the folders above it. */
  let cage: string;
  let shared: string;
  let worker: string;

  beforeAll(async () => {
    folder = await tempFolder();
    cage = mkdtempSync('/run/lava-play-test-');
    spawnSync('chmod', ['755', cage]);
    shared = `${cage}${share.folder}`;
    mkdirSync(shared, { recursive: true });
    chownSync(shared, 65534, 65534);
    worker = join(folder.path, 'worker');
    makeKey(worker);
    const keys = `${cage}.keys`;
    mkdirSync(keys);
    const key = readFileSync(`${worker}.pub`, 'utf8').trim();
    writeFileSync(join(keys, 'nobody'), `restrict,command="internal-sftp" ${key}\n`);
    const config = join(folder.path, 'share.conf');
    const text = sshdText(share, logins);
    expect(text).toContain(`${keysFolder(share)}/%u\n`);
    expect(text).toContain(` ${cageOf(share)}\n`);
    writeFileSync(
      config,
      text.replace(keysFolder(share), keys).replace(` ${cageOf(share)}\n`, ` ${cage}\n`),
    );
    sshd = await startSshd({
      folder: folder.path,
      config: [`Include ${config}`, 'Subsystem sftp internal-sftp'],
    });
  });

  afterAll(async () => {
    await sshd?.stop();
    if (!cage) return;
    for (const path of [cage, `${cage}.keys`]) rmSync(path, { recursive: true, force: true });
  });

  function options(key = worker): readonly string[] {
    return [
      ...['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', `IdentityFile=${key}`],
      ...['-o', `UserKnownHostsFile=${sshd.knownHostsFile}`, '-o', `Port=${sshd.port}`],
    ];
  }

  function sftp(...lines: readonly string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync(
      'sftp',
      ['-q', ...options(), '-b', '-', 'nobody@127.0.0.1'],
      { input: `${lines.join('\n')}\n`, encoding: 'utf8' },
    );
    return { status, said: stdout + stderr };
  }

  function ssh(...args: readonly string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync('ssh', [...options(), ...args], {
      encoding: 'utf8',
      input: '',
    });
    return { status, said: stdout + stderr };
  }

  test('a worker lands in the folder, and can list, write, read and remove there', () => {
    const file = join(folder.path, 'log');
    writeFileSync(file, 'of a job\n');
    expect(sftp('pwd', `put ${file} log`, 'mkdir job', 'ls -1').said).toMatch(
      /Remote working directory: \/srv\/share[\s\S]*job[\s\S]*log/,
    );
    expect(readFileSync(join(shared, 'log'), 'utf8')).toBe('of a job\n');
    expect(statSync(join(shared, 'log')).uid).toBe(65534);
    const back = join(folder.path, 'back');
    expect(sftp(`get log ${back}`, 'rm log', 'rmdir job').status).toBe(0);
    expect(readFileSync(back, 'utf8')).toBe('of a job\n');
    expect(readdirSync(shared)).toEqual([]);
  });

  test('it sees nothing but the folder, and cannot get out by a link', () => {
    expect(sftp('ls -1 /').said.trim()).toMatch(/\/srv$/);
    expect(sftp('get /etc/passwd /dev/null').status).not.toBe(0);
    expect(sftp('ls ../../../../etc').status).not.toBe(0);
    expect(sftp('symlink /etc/passwd out').said).toContain('Permission denied');
    expect(sftp('mkdir /srv/more').status).not.toBe(0);
    expect(readdirSync(shared)).toEqual([]);
  });

  test('it gets no shell, no command, no terminal and no port', () => {
    for (const args of [
      ['nobody@127.0.0.1', 'id'],
      ['-tt', 'nobody@127.0.0.1'],
    ]) {
      const { status, said } = ssh(...args);
      expect(status).not.toBe(0);
      expect(said).toMatch(
        /This service allows sftp connections only|PTY allocation request failed/,
      );
      expect(said).not.toContain('uid=');
    }
    const forward = ssh('-W', `127.0.0.1:${sshd.port}`, 'nobody@127.0.0.1');
    expect(forward.said).toMatch(/administratively prohibited|open failed/);
    expect(forward.said).not.toContain('SSH-2.0');
    const listening = ssh(
      '-N',
      '-o',
      'ExitOnForwardFailure=yes',
      '-R',
      '0:127.0.0.1:1',
      'nobody@127.0.0.1',
    );
    expect(listening.status).not.toBe(0);
  });

  test('another key is not let in', () => {
    const other = join(folder.path, 'other');
    makeKey(other);
    const { status, stderr } = spawnSync('ssh', [...options(other), 'nobody@127.0.0.1'], {
      encoding: 'utf8',
      input: '',
    });
    expect(status).toBe(255);
    expect(stderr).toContain('Permission denied');
  });

  test("a text that sshd does not understand is found before it is put in place, with sshd's words", () => {
    const host = testHost();
    const main = join(host.folder, 'sshd_config');
    copyFileSync(join(folder.path, 'sshd_config'), main);
    const check = (text: string) => {
      const file = join(host.folder, 'new.conf');
      writeFileSync(file, text);
      return host.run(`file=${file}\n${SSHD_CHECK.replace('/etc/ssh/sshd_config', main)}`);
    };
    expect(check(sshdText(share, logins))).toEqual({ status: 0, output: '' });
    const wrong = check(sshdText(share, logins).replace('PermitTTY no', 'PermitTeletype no'));
    expect(wrong.status).not.toBe(0);
    expect(wrong.output).toContain('Bad configuration option: PermitTeletype');
  });
});

describe.each(debianShells)('in %s', (...shell) => {
  const sharedIn = (folder: string, more: object = {}) => ({
    ...{ folder: join(folder, 'share'), account: 'nogroup', owner: undefined, subfolders: [] },
    ...more,
  });

  const folderOf = (share: ReturnType<typeof sharedIn>) => {
    const [top] = sharedFolders(share);
    if (!top) throw new Error('there is no folder');
    return top;
  };

  test.skipIf(!isRoot)('a folder is made for the group, setgid and sticky (needs root)', () => {
    const host = testHost(shell);
    const share = sharedIn(host.folder, { subfolders: ['in'] });
    for (const each of sharedFolders(share)) {
      expect(host.converge(each)?.labels).toEqual(['missing', '3775 root:nogroup']);
    }
    const { gid, mode } = statSync(join(share.folder, 'in'));
    expect([gid, mode & 0o7777]).toEqual([65534, 0o3775]);
    spawnSync('chmod', ['3770', share.folder]);
    expect(host.converge(folderOf(share))).toBeUndefined();
    spawnSync('chmod', ['0750', share.folder]);
    expect(host.converge(folderOf(share))?.labels?.[1]).toBe('3770 root:nogroup');
  });

  test('a folder that came between the plan and the step is looked at again', () => {
    const host = testHost(shell);
    const share = sharedIn(host.folder);
    const step = host.plan(folderOf(share))?.steps[0]?.script ?? '';
    mkdirSync(share.folder);
    expect(host.run(step).status).toBe(75);
  });

  test.skipIf(!isRoot)('a folder that was not shared before is refused (needs root)', () => {
    const host = testHost(shell);
    const share = sharedIn(host.folder);
    mkdirSync(share.folder);
    expect(() => host.plan(folderOf(share))).toThrow(/cannot write in .*0755 root:root/);
    chownSync(share.folder, 0, 65534);
    expect(host.converge(folderOf(share))?.labels?.[1]).toBe('3775 root:nogroup');
  });

  test.skipIf(!isRoot)(
    'a link that an owner puts in its place is not followed (needs root)',
    () => {
      const host = testHost(shell);
      const share = sharedIn(host.folder, { owner: 'nobody', subfolders: ['in'] });
      mkdirSync(join(share.folder, 'in'), { recursive: true });
      for (const path of [share.folder, join(share.folder, 'in')]) chownSync(path, 65534, 65534);
      const [top, inside] = sharedFolders(share);
      if (!top || !inside) throw new Error('two folders are wanted');
      spawnSync('chmod', ['755', join(share.folder, 'in')]);
      const step = host.plan(inside)?.steps[0]?.script ?? '';
      const victim = join(host.folder, 'victim');
      mkdirSync(victim);
      rmSync(join(share.folder, 'in'), { recursive: true });
      symlinkSync(victim, join(share.folder, 'in'));
      const { status, output } = host.run(step);
      expect(status).not.toBe(0);
      expect(output).toContain('or made a link of it');
      expect(statSync(victim)).toMatchObject({ uid: 0, gid: 0 });
    },
  );

  test.skipIf(!isRoot).each([
    ['to be made', 0],
    ['that is there', 1],
  ])(
    'a link that an owner puts in the place of a folder around one %s is not followed (needs root)',
    (_, isThere) => {
      const host = testHost(shell);
      const [own, victim] = [join(host.folder, 'own'), join(host.folder, 'victim')];
      for (const folder of [own, victim]) {
        mkdirSync(join(folder, 'data', 'share'), { recursive: true });
        if (!isThere) rmSync(join(folder, 'data', 'share'), { recursive: true });
      }
      spawnSync('chown', ['-R', 'nobody', own]);
      const share = sharedIn(join(own, 'data'), { owner: 'nobody' });
      const step = host.plan(folderOf(share))?.steps[0]?.script ?? '';
      rmSync(join(own, 'data'), { recursive: true });
      symlinkSync(join(victim, 'data'), join(own, 'data'));
      const { status, output } = host.run(step);
      expect(status).not.toBe(0);
      expect(output).toContain('or made a link of it');
      expect(spawnSync('find', [victim, '!', '-uid', '0'], { encoding: 'utf8' }).stdout).toBe('');
      expect(readdirSync(join(victim, 'data'))).toEqual(isThere ? ['share'] : []);
    },
  );

  test.skipIf(!isRoot)('what the old account has made is left to the group (needs root)', () => {
    const host = testHost(shell);
    const share = sharedIn(host.folder);
    const run = (command: string) =>
      spawnSync('sh', ['-c', command], { cwd: share.folder, encoding: 'utf8' });
    mkdirSync(share.folder);
    run(`mkdir job && echo x >job/log && chmod 600 job/log && echo x >trap && chmod 6755 trap
      echo x >roots && chmod 640 roots && chown -R nobody:nogroup . && chown root roots`);
    host.install(
      'getent',
      `case $1 in group) echo nogroup:x:65534: ;; *) echo nogroup:x:65534:65534:LAVA share:/: ;; esac`,
    );
    const top = folderOf(share);
    const script = host.plan(top)?.steps[0]?.script.replaceAll("'nogroup' -type", "'nobody' -type");
    const plain = script?.replaceAll('-user nogroup', '-user nobody') ?? '';
    expect(host.run(plain)).toEqual({ status: 0, output: '' });
    expect(run(`stat -c '%n %U %G %a' . job job/log trap roots`).stdout).toBe(
      '. root nogroup 3775\njob nobody nogroup 3775\njob/log nobody nogroup 660\ntrap nobody nogroup 775\nroots root nogroup 640\n',
    );
    expect(host.plan(top)).toBeUndefined();
  });

  test('key files are written and taken away, and nothing else is in their folder', () => {
    const host = testHost(shell);
    const share = { account: 'lavashare' };
    const folder = join(host.folder, 'keys');
    mkdirSync(folder);
    const here = (workers: ReadonlyMap<string, WorkerKey>) => {
      const keys = shareKeys(share, workers);
      const move = (script: string) => script.replaceAll(keysFolder(share), folder);
      const change = (now: KeyFiles) => {
        const planned = keys.change(now);
        return (
          planned && {
            ...planned,
            steps: planned.steps.map((step) => ({ ...step, script: move(step.script) })),
          }
        );
      };
      return { ...keys, probe: move(keys.probe), change };
    };
    const key = (letter: string): WorkerKey => ({
      kind: 'known',
      key: `ssh-ed25519 AAAA${letter}`,
    });
    writeFileSync(join(folder, 'stranger'), 'ssh-ed25519 AAAAx\n');
    writeFileSync(join(folder, '.hidden'), '');
    host.converge(
      here(
        new Map([
          ['w1', key('a')],
          ['w-2', key('b')],
        ]),
      ),
    );
    const second = workerAccount('lavashare', 'w-2');
    expect(readdirSync(folder).sort()).toEqual(['lavashare-w1', second].sort());
    expect(readFileSync(join(folder, second), 'utf8')).toBe(
      'restrict,command="internal-sftp" ssh-ed25519 AAAAb w-2\n',
    );
    const [run = ''] = readdirSync(join(host.root, 'var/lib/lava-play/backup'));
    const kept = join(host.root, 'var/lib/lava-play/backup', run, folder);
    expect(readFileSync(join(kept, 'stranger'), 'utf8')).toBe('ssh-ed25519 AAAAx\n');
    host.converge(here(new Map([['w1', { kind: 'unknown' }]])));
    expect(readFileSync(join(kept, second), 'utf8')).toContain('ssh-ed25519 AAAAb w-2');
    expect(readdirSync(folder)).toEqual(['lavashare-w1']);
  });

  test('the sessions of an account that is closed end, and those of others stay', async () => {
    const host = testHost(shell);
    const [gone, stays] = ['gone', 'stays'].map((name) => {
      const account = `t${process.pid}-${name}`;
      const title = `sshd-session: ${account}@notty`;
      const child = spawn('bash', ['-c', `exec -a '${title}' sleep 600`], { stdio: 'ignore' });
      onTestFinished(() => void child.kill('SIGKILL'));
      return { account, child };
    });
    if (!gone || !stays) throw new Error('no sessions');
    const line = (account: string): string =>
      `account ${account}:x:996:997:LAVA share t of ${account} (lava-play):/nonexistent:/usr/sbin/nologin\nsession ${account}\n`;
    const accounts = shareAccounts({ account: 't' }, { workers: [], leaving: [], old: 'none' });
    const change = accounts.change(accounts.parse(`group t:x:997:\n${line(gone.account)}`));
    const [close, end] = change?.steps ?? [];
    expect([close?.title, end?.title]).toEqual([
      `close account ${gone.account}`,
      `end the sessions of ${gone.account}`,
    ]);
    await eventually(() =>
      expect(readFileSync(`/proc/${gone.child.pid}/cmdline`, 'utf8')).toMatch(/^sshd-session: /),
    );
    // As where another process ends while grep looks.
    host.install('grep', '/bin/grep "$@"; [ $? -eq 1 ] && exit 1; exit 2');
    expect(host.run(end?.script ?? 'exit 9')).toEqual({ status: 0, output: '' });
    await eventually(() => expect(gone.child.signalCode).toBe('SIGKILL'));
    expect([stays.child.signalCode, stays.child.exitCode]).toEqual([null, null]);
  });

  test('who still mounts by the old account is found, and its key is kept', () => {
    const host = testHost(shell);
    const units = join(host.folder, 'units');
    mkdirSync(units);
    writeFileSync(
      join(units, 'srv-x.mount'),
      '# Made by lava-play (sshfs_mount).\n[Mount]\nWhat=lavashare@192.0.2.1:/srv/x\nWhere=/srv/x\n',
    );
    writeFileSync(
      join(host.folder, 'mountinfo'),
      '42 1 0:43 / /mnt rw,nosuid shared:1 - fuse.sshfs lavashare-w1@[2001:db8::1]:/srv/x rw\n43 1 0:44 / /a rw - tmpfs a@b rw\n',
    );
    const probe = accountsInUse.probe
      .replaceAll('/etc/systemd/system', units)
      .replaceAll('/proc/self/mountinfo', join(host.folder, 'mountinfo'));
    const seen = accountsInUse.parse(host.run(probe).output);
    expect([...seen].sort()).toEqual(['lavashare', 'lavashare-w1']);
    const files = join(host.folder, 'keys');
    mkdirSync(join(files, 'other.d'), { recursive: true });
    writeFileSync(join(files, 'lavashare'), '# head\nssh-ed25519 AAAAa w1\nssh-ed25519 AAAAb w2\n');
    const read = host.run(oldKeys.probe.replaceAll('/etc/lava-play/authorized_keys', files)).output;
    const needed = (mounts: Readonly<Record<string, ReadonlySet<string>>>) =>
      neededKeys(
        { account: 'lavashare' },
        { oldKeys: oldKeys.parse(read), mounts, workers: ['w1', 'w2'] },
      );
    expect(needed({ w1: seen, w2: new Set() })).toBe('# head\nssh-ed25519 AAAAa w1\n');
    expect(needed({ w1: new Set() })).toBe('# head\nssh-ed25519 AAAAb w2\n');
    expect(needed({ w1: new Set(), w2: new Set(['lavashare-w2']) })).toBeUndefined();
  });

  test('a folder has no power when what lies on top of it has none', () => {
    const host = testHost(shell);
    const folder = join(host.folder, 'share');
    mkdirSync(folder);
    const table = join(host.folder, 'mountinfo');
    const share = { folder, account: 'a', owner: undefined, subfolders: [] };
    const inert = inertFolder(share);
    const state = (...lines: readonly string[]) => {
      writeFileSync(table, lines.map((line) => `1 1 0:1 / ${line} - ext4 /dev/sda rw\n`).join(''));
      return host.read({ ...inert, probe: inert.probe.replace('/proc/self/mountinfo', table) });
    };
    expect(state('/ rw')).toBe('honoured');
    expect(state(`${folder}2 rw,nosuid,nodev`)).toBe('honoured');
    expect(state(`${folder} rw,nosuid,nodev`)).toBe('ignored');
    expect(state(`${folder} rw,nosuid,nodev`, `${folder} rw`)).toBe('honoured');
  });

  test('what workers see is compared with the folder itself', () => {
    const host = testHost(shell);
    const share = sharedIn(host.folder, { account: 'a' });
    mkdirSync(share.folder);
    const cage = folderInCage(share);
    expect(host.plan(cage)?.before).toBe('workers see nothing\n');
    const same = { ...cage, probe: cage.probe.replaceAll('/run/lava-share/a', '') };
    expect(host.plan(same)).toBeUndefined();
  });
});

describe('the accepted keys', () => {
  const key = fc.stringMatching(/^ssh-ed25519 AAAA[a-z0-9+/]{4,20}$/);
  const worker = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
  const state: fc.Arbitrary<WorkerKey> = fc.oneof(
    key.map((each) => ({ kind: 'known', key: each }) as const),
    fc.constant({ kind: 'unknown' } as const),
  );
  const workers = fc.dictionary(worker, state).map((each) => new Map(Object.entries(each)));

  const share = { account: 'lavashare' };
  const none: KeyFiles = new Map();

  test('are the same when they are made again, whatever stood there', () => {
    fc.assert(
      fc.property(workers, workers, (before, now) => {
        const files = acceptedKeys(share, acceptedKeys(share, none, before), now);
        expect(acceptedKeys(share, files, now)).toEqual(files);
      }),
    );
  });

  test('name known workers with their present keys, unknown ones with their last, and nobody else', () => {
    fc.assert(
      fc.property(workers, workers, (before, now) => {
        const files = acceptedKeys(share, acceptedKeys(share, none, before), now);
        const expected = [...now].flatMap(([name, each]) => {
          const last = each.kind === 'known' ? each : before.get(name);
          const line =
            last?.kind === 'known' && `restrict,command="internal-sftp" ${last.key} ${name}\n`;
          return line ? [[workerAccount('lavashare', name), line]] : [];
        });
        expect([...files]).toEqual(expected);
      }),
    );
  });
});
