import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { lavaPlay } from '../support/program.ts';
import { type RawSftp, rawSftp } from '../support/raw_sftp.ts';
import { describeOnLab } from './describe_on_lab.ts';
import { type LabHost, labAccess, labExec, labHosts, resetHost } from './lab.ts';
import { waitFor } from './wait.ts';

const share = '/srv/lava-share';
const where = '/mnt/lava-share';
const KEY = '/etc/lava-play/ssh/id_ed25519';

const playbook = `- { name: keys, hosts: workers, tasks: [{ ssh_key: {} }] }
- { name: share, hosts: master, tasks: [{ sshfs_share: { folder: ${share} } }] }
- { name: mounts, hosts: workers, tasks: [{ sshfs_mount: { folder: ${share}, where: ${where} } }] }
`;

describeOnLab('what one worker can do to the others through the share', () => {
  let folder: string;
  let master: LabHost;
  /** All that is on this one is the attacker's. */
  let stolen: LabHost;
  let other: LabHost;
  let sftp: RawSftp;
  let program: Buffer;
  let privateKey: string;

  beforeAll(async () => {
    const hosts = labHosts();
    const [one, two] = hosts.filter(({ role }) => role === 'worker');
    const first = hosts.find(({ role }) => role === 'master');
    if (!one || !two || !first) throw new Error('this test needs a master and two workers');
    [master, stolen, other] = [first, one, two];
    for (const { name } of [master, stolen, other]) await resetHost(name);
    folder = mkdtempSync(join(tmpdir(), 'lava-play-share-'));
    writeFileSync(join(folder, 'play.yaml'), playbook);
    const { code, stdout, stderr } = await apply();
    expect(code, stdout + stderr).toBe(0);
    privateKey = await out(stolen, `cat ${KEY}`);
    sftp = await login(stolen.name);
    program = Buffer.from(await out(stolen, 'base64 /usr/bin/id'), 'base64');
    await out(other, `mkdir ${where}/theirs && echo image > ${where}/theirs/image`);
    await out(other, `echo log > ${where}/log `);
  });

  afterAll(() => {
    sftp?.end();
    rmSync(folder, { recursive: true, force: true });
  });

  function apply() {
    const { inventoryFile } = labAccess();
    return lavaPlay(['apply', inventoryFile, '--playbook', join(folder, 'play.yaml'), '--json']);
  }

  function login(worker: string): Promise<RawSftp> {
    const username = workerAccount('lavashare', worker);
    return rawSftp({ host: master.address, username, privateKey });
  }

  async function out(host: LabHost, command: string): Promise<string> {
    const { code, stdout, stderr } = await labExec(host.name, command);
    expect(code, `${command}: ${stderr}`).toBe(0);
    return stdout;
  }

  /** Runs a program as somebody without rights, and gives back as whom it thinks that it runs. */
  async function runAsNobody(host: LabHost, path: string): Promise<string> {
    const { stdout, stderr } = await labExec(host.name, `cd / && runuser -u nobody -- ${path}`);
    return stdout + stderr;
  }

  function asksOf(path: string): readonly (readonly [string, Promise<string>])[] {
    return [
      ['remove', sftp.ask((raw, done) => raw.unlink(path, done))],
      ['rename', sftp.ask((raw, done) => raw.rename(path, `${share}/stolen`, done))],
      ['overwrite', sftp.ask((raw, done) => raw.open(path, 'r+', done))],
      ['empty', sftp.ask((raw, done) => raw.open(path, 'w', done))],
      ['chmod', sftp.ask((raw, done) => raw.chmod(path, 0o777, done))],
      ['chown', sftp.ask((raw, done) => raw.chown(path, 0, 0, done))],
      ['touch', sftp.ask((raw, done) => raw.utimes(path, 1, 1, done))],
      ['link', sftp.ask((raw, done) => raw.ext_openssh_hardlink(path, `${share}/own`, done))],
    ];
  }

  test('each logs in to an account of its own, by its own key and by no other', async () => {
    await expect(login(other.name)).rejects.toThrow('authentication');
    await expect(
      rawSftp({ host: master.address, username: 'lavashare', privateKey }),
    ).rejects.toThrow('authentication');
    const [mine, theirs] = [stolen, other].map(({ name }) => workerAccount('lavashare', name));
    expect(await out(master, `stat -c '%U %G %a' ${share} ${share}/theirs ${share}/log`)).toBe(
      `root lavashare 3775\n${theirs} lavashare 2755\n${theirs} lavashare 644\n`,
    );
    expect(await out(master, `id -nG ${mine}`)).toBe('lavashare\n');
  });

  test("nothing of another's can be removed, renamed, overwritten or changed, by whatever request", async () => {
    const files = `cd ${share}; find . -mindepth 1 -printf '%p %M %u %T@ %n\\n' | sort; cat theirs/image log`;
    const before = await out(master, files);
    for (const path of [`${share}/log`, `${share}/theirs/image`, `${share}/theirs`]) {
      for (const [what, asked] of asksOf(path)) {
        expect([path, what, await asked]).not.toEqual([path, what, 'ok']);
      }
    }
    const over = sftp.make(`${share}/trap`, 0o644, Buffer.from('trap'));
    expect(await over).toBe('ok');
    expect(
      await sftp.ask((raw, done) => raw.ext_openssh_rename(`${share}/trap`, `${share}/log`, done)),
    ).toBe('Permission denied');
    expect(await sftp.ask((raw, done) => raw.unlink(`${share}/trap`, done))).toBe('ok');
    expect(await sftp.make(`${share}/theirs/mine`, 0o644, Buffer.from('x'))).not.toBe('ok');
    expect(await sftp.ask((raw, done) => raw.rmdir(share, done))).not.toBe('ok');
    expect(await sftp.ask((raw, done) => raw.chmod(share, 0o777, done))).not.toBe('ok');
    expect(await out(master, files)).toBe(before);
  });

  test('root of the stolen worker cannot do it through the mount either', async () => {
    const before = await out(master, `cd ${share}; ls -lR; cat log theirs/image`);
    for (const command of [
      ...['rm -f log', 'mv log gone', 'echo x > log', 'echo x >> log', 'chmod 777 log'],
      ...['rm -rf theirs', 'mv theirs gone', 'chmod 777 theirs', 'touch theirs/new'],
      ...['chown root log', 'ln log own', 'ln -s /etc/passwd out'],
    ]) {
      const { code } = await labExec(stolen.name, `cd ${where} && ${command}`);
      expect([command, code]).not.toEqual([command, 0]);
    }
    expect(await out(master, `cd ${share}; ls -lR; cat log theirs/image`)).toBe(before);
    expect(await out(stolen, `cat ${where}/log ${where}/theirs/image`)).toBe('log\nimage\n');
  });

  test('it stays in the cage', async () => {
    for (const path of ['/etc/passwd', `${share}/../../etc/passwd`, '/run', '/proc/self/root']) {
      expect(await sftp.ask((raw, done) => raw.stat(path, done))).toBe('No such file');
    }
    expect(await sftp.ask((raw, done) => raw.symlink('/etc/passwd', `${share}/out`, done))).toBe(
      'Permission denied',
    );
    expect(await sftp.make('/srv/outside', 0o644, Buffer.from('x'))).toBe('Permission denied');
  });

  test('a setuid or setgid bit that is set by SFTP is worth nothing, on the master and on workers', async () => {
    const made = [
      await sftp.make(`${share}/opened`, 0o6755, program),
      await sftp.make(`${share}/empty`, 0o6755, Buffer.alloc(0)),
      await sftp.make(`${share}/set`, 0o755, program),
      await sftp.ask((raw, done) => raw.chmod(`${share}/set`, 0o6755, done)),
      await sftp.make(`${share}/fset`, 0o755, program),
      await sftp.ask((raw, done) =>
        raw.open(`${share}/fset`, 'r+', (error, handle) =>
          error
            ? done(error)
            : raw.fchmod(handle, 0o6755, (failure) =>
                failure ? done(failure) : raw.close(handle, done),
              ),
        ),
      ),
      await sftp.ask((raw, done) => raw.mkdir(`${share}/folder`, { mode: 0o6777 }, done)),
    ];
    expect(made).toEqual(made.map(() => 'ok'));
    const plain = await runAsNobody(master, '/usr/bin/id');
    expect(plain).toMatch(/^uid=65534\(nobody\) gid=65534\(nogroup\) groups=[^e]*\n$/);
    expect(await out(master, `stat -c '%a' ${share}/set ${share}/fset`)).toBe('6755\n6755\n');
    expect(await out(master, `stat -c '%a' ${share}/opened ${share}/folder`)).toBe('755\n2755\n');
    for (const name of ['opened', 'set', 'fset']) {
      expect([name, await runAsNobody(master, `${share}/${name}`)]).toEqual([name, plain]);
      for (const worker of [stolen, other]) {
        expect(await runAsNobody(worker, `${where}/${name}`)).toMatch(/Permission denied/);
      }
    }
    await out(other, `mount -o remount,bind,exec,nosuid,nodev ${where}`);
    for (const name of ['opened', 'set', 'fset']) {
      expect([name, await runAsNobody(other, `${where}/${name}`)]).toEqual([name, plain]);
    }
  });

  test('nor is a setuid file or a device that root of the master puts there honoured on a worker', async () => {
    await out(
      master,
      `cp /usr/bin/id ${share}/roots && chmod 6755 ${share}/roots && mknod -m 666 ${share}/disk c 1 3`,
    );
    expect(await runAsNobody(other, `${where}/roots`)).toBe(
      await runAsNobody(other, '/usr/bin/id'),
    );
    expect(await runAsNobody(master, `${share}/roots`)).not.toContain('euid');
    const read = await labExec(other.name, `head -c 1 ${where}/disk`);
    expect(read.code).not.toBe(0);
  });

  test('on the master bits stay without power after a start of the host', async () => {
    const { stdout } = await labExec(
      master.name,
      `umount -l ${share} && systemctl stop lava-share-lavashare.service && cd / && runuser -u nobody -- ${share}/set`,
    );
    expect(stdout).toContain('euid=');
    await out(master, 'systemctl start lava-share-lavashare.service');
    expect(await runAsNobody(master, `${share}/set`)).not.toContain('euid');
    await out(master, `umount -l ${share}`);
    const { code, stdout: said } = await apply();
    expect(code, said).toBe(0);
    expect(await runAsNobody(master, `${share}/set`)).not.toContain('euid');
    expect(await out(master, 'systemctl is-enabled lava-share-lavashare.service')).toBe(
      'enabled\n',
    );
  });

  test('programs on a worker do what they always do with what is their own', async () => {
    await out(
      stolen,
      `cd ${where} && mkdir own && cd own && cp -p /usr/bin/id . && chmod +x id && truncate -s 10 id &&
       touch -d 2001-02-03 id && cp -a id copy && tar c id copy | tar x -C . && mkdir -m 700 deep &&
       install -o root -g root -m 640 /dev/null deep/file && mv deep/file deep/moved && ln id hard && rm -r deep &&
       echo more >> id && > id`,
    );
    expect(await out(stolen, `stat -c '%a %u %g %y' ${where}/own/copy`)).toMatch(
      /^755 0 0 2001-02-03 /,
    );
    expect(await out(other, `ls ${where}/own`)).toBe('copy\nhard\nid\n');
  });

  test('who leaves the inventory is put out at once, and keeps what it wrote from all others', async () => {
    const { inventoryFile } = labAccess();
    const account = workerAccount('lavashare', stolen.name);
    expect(await sftp.ask((raw, done) => raw.stat(share, done))).toBe('ok');
    const args = ['--playbook', join(folder, 'play.yaml'), '--limit', master.name];
    const without = join(folder, 'without.yaml');
    const keys = inventoryFile.replace(/[^/]*$/, '');
    writeFileSync(
      without,
      readFileSync(inventoryFile, 'utf8')
        .replace(new RegExp(`^ {4}${stolen.name}: .*\\n`, 'm'), '')
        .replace(/(identity_file|known_hosts_file): (.*)/g, `$1: ${keys}$2`)
        .replaceAll('file: secrets/', `file: ${keys}secrets/`),
    );
    const { code, stdout } = await lavaPlay(['apply', without, ...args]);
    expect(code, stdout).toBe(0);
    await waitFor(
      'end of the session',
      async () =>
        (await sftp.ask((raw, done) => {
          const late = setTimeout(() => done(new Error('no answer')), 2000);
          raw.stat(share, (error) => {
            clearTimeout(late);
            done(error);
          });
        })) === 'ok'
          ? undefined
          : true,
      { deadlineMs: 20_000 },
    );
    await expect(login(stolen.name)).rejects.toThrow('authentication');
    expect(await out(master, `getent shadow ${account} | cut -d: -f8`)).toBe('1\n');
    expect(await out(master, `ls /etc/lava-play/authorized_keys/lavashare.d`)).not.toContain(
      account,
    );
    expect(await out(master, 'cat /etc/ssh/sshd_config.d/lava-play-lavashare.conf')).not.toContain(
      account,
    );
    expect(await out(master, `stat -c %U ${share}/own`)).toBe(`${account}\n`);
    expect((await labExec(other.name, `rm -rf ${where}/own`)).code).not.toBe(0);
    expect(await out(other, `cat ${where}/own/hard | wc -c`)).toBe('0\n');
    const again = await lavaPlay(['plan', without, ...args, '--detailed-exitcode']);
    expect(again.code, again.stdout).toBe(0);
  });
});
