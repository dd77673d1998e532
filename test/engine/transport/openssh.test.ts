import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Connection, Session } from '../../../engine/contract/transport.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { fingerprint } from '../../../engine/transport/host_key.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { startAgent } from '../../support/ssh_agent.ts';
import {
  hashKnownHosts,
  makeKey,
  publicKey,
  type Sshd,
  sshdMissing,
  startSshd,
} from '../../support/sshd.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

const missing = sshdMissing();

describe.skipIf(missing)(`against a real sshd${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let folder: TempFolder;
  let sshd: Sshd;
  const opened: Session[] = [];

  beforeAll(async () => {
    folder = await tempFolder();
    sshd = await startSshd({ folder: folder.path, config: ['MaxAuthTries 3'] });
  });

  afterEach(async () => {
    for (const session of opened.splice(0)) await session.close();
  });

  afterAll(async () => {
    await sshd?.stop();
  });

  function toSshd(
    settings: Partial<Connection> = {},
    { port, identityFile, knownHostsFile } = sshd,
  ) {
    return sshConnection(port, {
      identityFiles: [identityFile],
      knownHostsFiles: [knownHostsFile],
      ...settings,
    });
  }

  async function session(connection: Connection): Promise<Session> {
    const one = await connect(connection);
    opened.push(one);
    return one;
  }

  async function newKey(name: string, options?: readonly string[]): Promise<string> {
    const file = join(folder.path, name);
    makeKey(file, options);
    return file;
  }

  async function authorize(file: string): Promise<void> {
    await appendFile(join(folder.path, 'authorized_keys'), `${await publicKey(file)}\n`);
  }

  async function knownHosts(name: string, text: string): Promise<string> {
    const file = join(folder.path, name);
    await writeFile(file, text);
    return file;
  }

  test('a key file logs in', async () => {
    const { run } = await session(toSshd());
    expect(await run('id -u')).toBe('0\n');
  });

  test('key files are offered in order until one is accepted', async () => {
    const foreign = await newKey('stranger');
    const { run } = await session(toSshd({ identityFiles: [foreign, sshd.identityFile] }));
    expect(await run('echo in')).toBe('in\n');
  });

  test.each([
    ['rsa', ['-t', 'rsa', '-b', '2048']],
    ['ecdsa', ['-t', 'ecdsa']],
    ['rsa_pem', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ])('a key of type %s logs in', async (name, options) => {
    const file = await newKey(`type_${name}`, options);
    await authorize(file);
    const { run } = await session(toSshd({ identityFiles: [file] }));
    expect(await run('echo in')).toBe('in\n');
  });

  test('a key with a passphrase logs in', async () => {
    const file = await newKey('locked', ['-t', 'ed25519', '-N', 'open sesame', '-a', '4']);
    await authorize(file);
    const { run } = await session(toSshd({ identityFiles: [file], passphrase: 'open sesame' }));
    expect(await run('echo in')).toBe('in\n');
  });

  test('a key that cannot be used is the reason, where there is no other way in', async () => {
    const file = await newKey('shut', ['-t', 'ed25519', '-N', 'open sesame', '-a', '4']);
    const identity = { identityFiles: [file], passphrase: 'open barley' };
    const error = await hostErrorOf(connect(toSshd(identity)));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'identity-wrong-passphrase' });
    expect(error.message + JSON.stringify(error)).not.toContain('barley');
  });

  test('a refused login names the user, each key, and what the host accepts', async () => {
    const foreign = await newKey('refused');
    const error = await hostErrorOf(connect(toSshd({ identityFiles: [foreign], password: 'x' })));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'login-refused' });
    const print = fingerprint(keyOf(await publicKey(foreign)));
    expect(error.message).toContain('login as root was refused');
    expect(error.message).toContain(`offered: key ssh-ed25519 ${print} from ${foreign}`);
    expect(error.message).toContain('the host accepts: publickey');
    expect(error.message).not.toContain('password');
  });

  test('too many refused keys are explained', async () => {
    const unlisted = await Promise.all([1, 2, 3, 4].map((i) => newKey(`many_${i}`)));
    const error = await hostErrorOf(connect(toSshd({ identityFiles: unlisted })));
    expect(error.code).toBe('too-many-authentication-failures');
  });

  test('the keys of an agent are offered before the key files', async () => {
    const agent = await startAgent(join(folder.path, 'agent'));
    try {
      const file = await newKey('in_agent');
      await authorize(file);
      agent.add(file);
      const { run } = await session(toSshd({ identityFiles: [], agent: agent.socket }));
      expect(await run('echo in')).toBe('in\n');
      agent.forget();
      const empty = await session(toSshd({ agent: agent.socket }));
      expect(await empty.run('echo in')).toBe('in\n');
    } finally {
      await agent.stop();
    }
  });

  test('a dead agent is not a hindrance, and is named when the key files are refused', async () => {
    const agent = join(folder.path, 'no_agent');
    const { run } = await session(toSshd({ agent }));
    expect(await run('echo in')).toBe('in\n');
    const foreign = await newKey('agentless');
    const error = await hostErrorOf(connect(toSshd({ agent, identityFiles: [foreign] })));
    expect(error.code).toBe('login-refused');
    expect(error.message).toContain('the agent cannot be used: Failed to connect to agent');
  });

  test('an unknown host key is refused with its fingerprint and two ways out', async () => {
    const error = await hostErrorOf(connect(toSshd({ knownHostsFiles: [] })));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'host-key-unknown' });
    const print = fingerprint(keyOf(sshd.hostKeys.ed25519));
    expect(error.message).toContain(`ssh-ed25519 ${print}`);
    expect(error.context.hint).toContain(`ssh -p ${sshd.port} root@127.0.0.1`);
    expect(error.context.hint).toContain(`host_key: '${print}'`);
  });

  test('a changed host key is refused, naming where the old one is stored', async () => {
    const other = await publicKey(await newKey('other_host'));
    const file = await knownHosts('changed', `# first line\n[127.0.0.1]:${sshd.port} ${other}\n`);
    const error = await hostErrorOf(connect(toSshd({ knownHostsFiles: [file] })));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'host-key-changed' });
    expect(error.message).toContain(`${file}:2`);
    expect(error.message).toContain(fingerprint(keyOf(sshd.hostKeys.ed25519)));
    expect(error.context.hint).toContain(`ssh-keygen -R '[127.0.0.1]:${sshd.port}'`);
  });

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'a host that is known only by its %s key is asked for that one',
    async (type) => {
      const line = `[127.0.0.1]:${sshd.port} ${sshd.hostKeys[type]}\n`;
      const file = await knownHosts(`only_${type}`, line);
      const { run } = await session(toSshd({ knownHostsFiles: [file] }));
      expect(await run('echo in')).toBe('in\n');
      const pinned = await session(toSshd({ knownHostsFiles: [], hostKey: sshd.hostKeys[type] }));
      expect(await pinned.run('echo in')).toBe('in\n');
    },
  );

  test('hashed lines are understood', async () => {
    const file = await knownHosts('hashed', await readFile(sshd.knownHostsFile, 'utf8'));
    hashKnownHosts(file);
    const { run } = await session(toSshd({ knownHostsFiles: [file] }));
    expect(await run('echo in')).toBe('in\n');
  });

  test('a key stored without the port counts, as it does for OpenSSH', async () => {
    const file = await knownHosts('plain', `127.0.0.1 ${sshd.hostKeys.ed25519}\n`);
    const { run } = await session(toSshd({ knownHostsFiles: [file] }));
    expect(await run('echo in')).toBe('in\n');
    const other = await publicKey(await newKey('plain_other'));
    const wrong = await knownHosts('plain_wrong', `127.0.0.1 ${other}\n`);
    const error = await hostErrorOf(connect(toSshd({ knownHostsFiles: [wrong] })));
    expect(error.code).toBe('host-key-unknown');
  });

  test('a revoked key is refused even where it is stored as good', async () => {
    const good = await readFile(sshd.knownHostsFile, 'utf8');
    const file = await knownHosts('revoked', `${good}@revoked * ${sshd.hostKeys.ed25519}\n`);
    const error = await hostErrorOf(connect(toSshd({ knownHostsFiles: [file] })));
    expect(error.code).toBe('host-key-revoked');
    expect(error.message).toContain(`${file}:4`);
  });

  test('a host that only a certificate authority vouches for is refused, with the reason', async () => {
    const file = await knownHosts('authority', `@cert-authority * ${sshd.hostKeys.ed25519}\n`);
    const error = await hostErrorOf(connect(toSshd({ knownHostsFiles: [file] })));
    expect(error.code).toBe('host-key-unknown');
    expect(error.message).toContain('host certificates are not supported');
    expect(error.context.hint).toContain('host_key:');
  });

  test('a pin is asked alone: known_hosts can neither help nor hinder', async () => {
    const print = fingerprint(keyOf(sshd.hostKeys.ed25519));
    const { run } = await session(toSshd({ knownHostsFiles: [], hostKey: print }));
    expect(await run('echo in')).toBe('in\n');
    const other = await publicKey(await newKey('other_pin'));
    for (const hostKey of [other, fingerprint(keyOf(other))]) {
      const error = await hostErrorOf(connect(toSshd({ hostKey })));
      expect(error.code).toBe('host-key-changed');
      expect(error.message).toContain(`host_key pins`);
    }
  });

  test('a chain of two jump hosts leads to the third', async () => {
    const first = toSshd({ name: 'gateway' });
    const second = toSshd({ name: 'inner gateway', jump: first });
    const { run } = await session(toSshd({ jump: second }));
    expect(await run('echo "$SSH_CONNECTION" | cut -d" " -f3-')).toBe(`127.0.0.1 ${sshd.port}\n`);
  });

  test('more hosts than sshd allows sessions go through one jump host', async () => {
    const jump = toSshd({ name: 'gateway' });
    const sessions = await Promise.all(
      Array.from({ length: 12 }, (_, i) => session(toSshd({ name: `worker${i}`, jump }))),
    );
    expect(await Promise.all(sessions.map(({ run }) => run('echo in')))).toEqual(
      Array(12).fill('in\n'),
    );
  });

  test('an sshd that forbids forwarding is told apart', async () => {
    const own = await tempFolder();
    const strict = await startSshd({ folder: own.path, config: ['AllowTcpForwarding no'] });
    const { openTcp } = await session(toSshd({}, strict));
    const error = await hostErrorOf(openTcp('127.0.0.1', sshd.port));
    expect(error).toMatchObject({ kind: 'failed', code: 'forward-refused' });
    expect(error.context.hint).toContain('AllowTcpForwarding');
    await strict.stop();
    await own.remove();
  });

  test('an sshd process that dies in the middle of a script ends the session', async () => {
    const { run } = await session(toSshd());
    const killServer = (words: string) => void process.kill(Number(words.split(' ')[0]), 'SIGKILL');
    const script = 'echo "$PPID $$"; exec sleep 1000';
    const error = await hostErrorOf(run(script, { onOutput: killServer }));
    expect(error).toMatchObject({ kind: 'unreachable', code: 'connection-lost' });
    expect(error.context.output).toMatch(/^\d+ \d+\n$/);
    process.kill(Number(error.context.output?.split(' ')[1]));
  });

  test('a hung script is ended with its children', async () => {
    const { run } = await session(toSshd());
    const error = await hostErrorOf(run('sleep 1000 & echo $!; wait', { timeout: 5 }));
    expect(error.code).toBe('timeout');
    const pid = Number(error.context.output);
    await eventually(async () => {
      const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone');
      expect(status).toMatch(/gone|\) Z /);
    });
  });

  test('twenty sessions at once', async () => {
    const all = Array.from({ length: 20 }, async (_, i) => {
      const { run } = await session(toSshd({ name: `worker${i}` }));
      return run(`echo ${i}`);
    });
    expect(await Promise.all(all)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
  });

  test('a server that has only SHA-1 to protect messages with is refused', async () => {
    const weak = await startSshd({
      folder: (await tempFolder()).path,
      config: ['Ciphers aes256-ctr', 'MACs hmac-sha1,hmac-sha1-etm@openssh.com'],
    });
    try {
      expect((await hostErrorOf(connect(toSshd({}, weak)))).kind).toBe('unreachable');
    } finally {
      await weak.stop();
    }
  });
});

function keyOf(line: string): Buffer {
  return Buffer.from(line.split(' ')[1] ?? '', 'base64');
}
