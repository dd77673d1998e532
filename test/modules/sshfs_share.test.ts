import { spawnSync } from 'node:child_process';
import {
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedKeys, type WorkerKey } from '../../modules/sshfs_share/accepted_keys.ts';
import { cageOf, KEYS_FOLDER } from '../../modules/sshfs_share/share.ts';
import { SSHD_CHECK, sshdText } from '../../modules/sshfs_share/share_text.ts';
import { folderInCage, sharedFolder } from '../../modules/sshfs_share/shared_folder.ts';
import { sshdReadsFolder } from '../../modules/sshfs_share/sshd_state.ts';
import { debianShells, isRoot, me, testHost } from '../support/run_resource.ts';
import { makeKey, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

const missing = sshdMissing();

describe.skipIf(missing)(`with a real sshd${missing ? ` (${missing})` : ''}`, () => {
  const share = { folder: '/srv/share', account: 'nobody', owner: undefined };
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
    const keys: [string, WorkerKey][] = [
      ['worker01', { kind: 'known', key: readFileSync(`${worker}.pub`, 'utf8').trim() }],
    ];
    const keysFolder = `${cage}.keys`;
    mkdirSync(keysFolder);
    writeFileSync(join(keysFolder, share.account), acceptedKeys('', new Map(keys)));
    const config = join(folder.path, 'share.conf');
    const text = sshdText(share);
    expect(text).toContain(`${KEYS_FOLDER}/`);
    expect(text).toContain(` ${cageOf(share)}\n`);
    writeFileSync(
      config,
      text.replace(KEYS_FOLDER, keysFolder).replace(` ${cageOf(share)}\n`, ` ${cage}\n`),
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
    expect(check(sshdText(share))).toEqual({ status: 0, output: '' });
    const wrong = check(sshdText(share).replace('PermitTTY no', 'PermitTeletype no'));
    expect(wrong.status).not.toBe(0);
    expect(wrong.output).toContain('Bad configuration option: PermitTeletype');
  });
});

describe.each(debianShells)('in %s', (...shell) => {
  test.each([
    ['Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n', true],
    ['UsePAM yes\ninclude sshd_config.d/*.conf', true],
    ['#Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n', false],
    ['Include /etc/ssh/other.d/*.conf\n', false],
    [undefined, undefined],
  ])('an sshd_config %j is read as such', (text, expected) => {
    const host = testHost(shell);
    const path = join(host.folder, 'sshd_config');
    if (text !== undefined) writeFileSync(path, text);
    const { output } = host.run(sshdReadsFolder.probe.replace('/etc/ssh/sshd_config', path));
    expect(sshdReadsFolder.parse(output)).toBe(expected);
  });

  test('a folder is made for its owner; one that is there keeps its mode', () => {
    const host = testHost(shell);
    const share = { folder: join(host.folder, 'share'), account: me.owner, owner: undefined };
    expect(host.converge(sharedFolder(share))?.labels).toEqual(['missing', `0755 ${me.owner}:`]);
    spawnSync('chmod', ['2775', share.folder]);
    expect(host.converge(sharedFolder(share))).toBeUndefined();
    expect(statSync(share.folder).mode & 0o7777).toBe(0o2775);
  });

  test('a folder that came between the plan and the step is looked at again', () => {
    const host = testHost(shell);
    const share = { folder: join(host.folder, 'share'), account: me.owner, owner: undefined };
    const step = host.plan(sharedFolder(share))?.steps[0]?.script ?? '';
    mkdirSync(share.folder);
    expect(host.run(step).status).toBe(75);
  });

  test.skipIf(!isRoot)('a folder in which the account cannot write is refused (needs root)', () => {
    const host = testHost(shell);
    const share = { folder: join(host.folder, 'share'), account: 'nobody', owner: undefined };
    mkdirSync(share.folder);
    expect(() => host.plan(sharedFolder(share))).toThrow(/nobody cannot write in .*0755 root:root/);
    chownSync(share.folder, 65534, 0);
    expect(host.plan(sharedFolder(share))).toBeUndefined();
  });

  test('what workers see is compared with the folder itself', () => {
    const host = testHost(shell);
    const share = { folder: join(host.folder, 'share'), account: 'a', owner: undefined };
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

  test('are the same when they are made again, whatever stood there', () => {
    fc.assert(
      fc.property(workers, workers, (before, now) => {
        const text = acceptedKeys(acceptedKeys('', before), now);
        expect(acceptedKeys(text, now)).toBe(text);
      }),
    );
  });

  test('name known workers with their present keys, unknown ones with their last, and nobody else', () => {
    fc.assert(
      fc.property(workers, workers, (before, now) => {
        const lines = acceptedKeys(acceptedKeys('', before), now)
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('#'));
        const expected = [...now].flatMap(([name, each]) => {
          const last = each.kind === 'known' ? each : before.get(name);
          return last?.kind === 'known'
            ? [`restrict,command="internal-sftp" ${last.key} ${name}`]
            : [];
        });
        expect(lines).toEqual(expected);
      }),
    );
  });
});
