import { type ChildProcessByStdio, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SSHD_CHECK } from '../../lab/share/share_text.ts';
import type { Forward } from '../../lab/tunnel/lab_tunnel.ts';
import { ALIAS, CONFIG, configText, KNOWN_HOSTS, unitText } from '../../lab/tunnel/ssh_config.ts';
import { editKeys, KEY_FILE } from '../../modules/tunnel_gate/authorized_keys.ts';
import { sshdText } from '../../modules/tunnel_gate/sshd_config.ts';
import { freePort, listen } from '../support/free_port.ts';
import { makeKey, publicKey, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

type Ssh = ChildProcessByStdio<null, null, Readable>;

const missing = sshdMissing();

describe.skipIf(missing)(`a tunnel by real OpenSSH${missing ? ` (${missing})` : ''}`, () => {
  let folder: TempFolder;
  let gate: Sshd;
  let server: Server;
  let target: Forward;
  const children: Ssh[] = [];

  /** The gate's configuration, for root in the place of an account that this machine does not have. */
  const onThisMachine = (config: string): string =>
    config
      .replaceAll('lava-tunnel', 'root')
      .replaceAll(KEY_FILE, join(folder.path, 'tunnel.authorized_keys'))
      .replaceAll(KNOWN_HOSTS, join(folder.path, 'known_hosts'));

  beforeAll(async () => {
    folder = await tempFolder();
    server = createServer((socket) => socket.on('error', () => {}).end('the far end'));
    target = { listen: await freePort(), host: '127.0.0.1', port: await listen(server) };
    const key = join(folder.path, 'key');
    makeKey(key);
    const clients = [{ name: 'far01', targets: [target], key: await publicKey(key) }];
    writeFileSync(join(folder.path, 'tunnel.authorized_keys'), editKeys('', clients));
    const dropIn = join(folder.path, 'lava-tunnel.conf');
    writeFileSync(dropIn, onThisMachine(sshdText([target])));
    gate = await startSshd({
      folder: folder.path,
      config: [`Include ${dropIn}`],
      hostKeyTypes: ['ed25519'],
    });
    writeFileSync(join(folder.path, 'known_hosts'), `${ALIAS} ${gate.hostKeys.ed25519}\n`);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const end = once(child, 'exit');
      child.kill('SIGKILL');
      await end;
    }
  });

  afterAll(async () => {
    await gate?.stop();
    server?.close();
  });

  test('brings a port of the far side to the loopback, also when it is used again and again', async () => {
    start([target]);
    for (let i = 0; i < 3; i += 1) expect(await heardOn(target.listen)).toBe('the far end');
  });

  test('leads nowhere but to the ports that the gate lets through', async () => {
    const other = { ...target, listen: await freePort(), host: 'localhost' };
    const child = start([target, other]);
    expect(await heardOn(target.listen)).toBe('the far end');
    expect(await heardOn(other.listen)).toBe('');
    child.kill();
    expect(await text(child.stderr)).toContain('administratively prohibited');
  });

  test.each([
    ['run a command', ['true']],
    ['get a terminal', ['-tt']],
    ['copy files', ['-s', 'sftp']],
    [
      'open a port on the side of the gate',
      ['-N', '-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22'],
    ],
  ])('does not let anybody %s', async (_, args) => {
    const config = written([]);
    const wanted =
      args[0] === '-s'
        ? ['-s', ALIAS, 'sftp']
        : args[0] === 'true'
          ? [ALIAS, 'true']
          : [...args, ALIAS];
    const { status, stdout } = spawnSync('ssh', ['-F', config, ...wanted], {
      ...{ input: '', encoding: 'utf8', env: environment(), timeout: 20_000 },
    });
    expect([status, stdout]).toEqual([255, '']);
  });

  test('ends, so that it is started again, when a port of the loopback is taken', async () => {
    const taken = createServer();
    const port = await listen(taken);
    const child = start([{ ...target, listen: port }]);
    const [code] = await once(child, 'exit');
    taken.close();
    expect(code).toBe(255);
  });

  test('trusts no gate with another host key', async () => {
    const right = readFileSync(join(folder.path, 'known_hosts'));
    const foreign = join(folder.path, 'stranger');
    makeKey(foreign);
    writeFileSync(join(folder.path, 'known_hosts'), `${ALIAS} ${await publicKey(foreign)}\n`);
    const child = start([target]);
    const said = text(child.stderr);
    const [code] = await once(child, 'exit');
    writeFileSync(join(folder.path, 'known_hosts'), right);
    expect([code, await said]).toEqual([
      255,
      expect.stringContaining('Host key verification failed'),
    ]);
  });

  test("the gate's configuration is held against sshd before it is used", async () => {
    const script = SSHD_CHECK.replaceAll('/etc/ssh/sshd_config', join(folder.path, 'sshd_config'));
    const file = join(folder.path, 'lava-tunnel.conf');
    expect(await statusOf(script, file)).toBe(0);
    const broken = join(folder.path, 'broken.conf');
    copyFileSync(file, broken);
    writeFileSync(broken, readFileSync(file, 'utf8').replace('PermitTTY no', 'PermitTTY never'));
    expect(await statusOf(script, broken)).not.toBe(0);
  });

  test('what is allowed to others on the gate stays as it was', () => {
    const config = join(folder.path, 'sshd_config');
    const whole = readFileSync(config, 'utf8');
    const without = join(folder.path, 'without');
    writeFileSync(without, whole.replace(/^Include .*\n/m, ''));
    const seen = (file: string): string =>
      spawnSync('/usr/sbin/sshd', ['-T', '-f', file, '-C', 'user=admin,host=h,addr=192.0.2.1'], {
        encoding: 'utf8',
      }).stdout;
    expect(seen(config)).toContain('allowtcpforwarding yes');
    expect(seen(config)).toBe(seen(without));
  });

  function written(forwards: readonly Forward[]): string {
    const path = join(folder.path, 'ssh_config');
    const route = { address: '127.0.0.1', port: gate.port, user: 'root', forwards };
    writeFileSync(path, onThisMachine(configText(route)));
    return path;
  }

  function environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, CREDENTIALS_DIRECTORY: folder.path };
  }

  function start(forwards: readonly Forward[]): Ssh {
    const [, command = ''] =
      /^ExecStart=(.*)$/m.exec(unitText({ gate: 'g', user: 'u', key: 'k' })) ?? [];
    const [program = '', ...args] = command.replace(CONFIG, written(forwards)).split(' ');
    const child = spawn(program, args, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    return child;
  }
});

/** What is heard on a port of the loopback, as soon as somebody listens there. */
async function heardOn(port: number): Promise<string> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const reached = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    if (reached) return text(socket);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function statusOf(script: string, file: string): Promise<number> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { env: { PATH: process.env.PATH, file } }, (error) => {
      resolve(error ? Number(error.code) : 0);
    });
  });
}
