import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { installPackage } from './debian_package.ts';
import { freePort } from './free_port.ts';

/** A real OpenSSH server on loopback, in the foreground, with keys and configuration of its own. */
export interface Sshd {
  readonly port: number;
  readonly pid: number;
  /** Private key that may log in as root. */
  readonly identityFile: string;
  /** The server's public keys by type, as in its `.pub` files: `ssh-ed25519 AAAA…`. */
  readonly hostKeys: Readonly<Record<HostKeyType, string>>;
  readonly knownHostsFile: string;
  stop(): Promise<void>;
}

type HostKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** How a test's sshd differs from the usual one. */
export interface SshdOptions {
  /** Empty folder of the test. */
  readonly folder: string;
  /** More lines for sshd_config. */
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly HostKeyType[];
}

const program = '/usr/sbin/sshd';
const keyProgram = '/usr/bin/ssh-keygen';

/**
 * Why this machine cannot run an sshd for tests; nothing when it can.
 *
 * CI installs it. A person's machine is asked first: Debian's package also opens port 22.
 */
export function sshdMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'a test sshd needs root';
  if (existsSync(program)) return undefined;
  return process.env.CI ? installPackage('openssh-server') : 'install openssh-server to run these';
}

/** Starts an sshd and waits until it listens. */
export async function startSshd({
  folder,
  config = [],
  hostKeyTypes = ['ed25519', 'ecdsa', 'rsa'],
}: SshdOptions): Promise<Sshd> {
  await mkdir('/run/sshd', { recursive: true });
  const identityFile = join(folder, 'login');
  makeKey(identityFile);
  const hostKeys: Record<HostKeyType, string> = { ed25519: '', ecdsa: '', rsa: '' };
  for (const type of hostKeyTypes) {
    const file = join(folder, `host_${type}`);
    makeKey(file, ['-t', type]);
    hostKeys[type] = await publicKey(file);
  }
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${identityFile}.pub`));
  const port = await freePort();
  const configFile = join(folder, 'sshd_config');
  await writeFile(
    configFile,
    [
      ...config,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyTypes.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      `PidFile ${join(folder, 'sshd.pid')}`,
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'StrictModes no',
      'UsePAM no',
      'MaxStartups 100',
      '',
    ].join('\n'),
  );
  const knownHostsFile = join(folder, 'known_hosts');
  await writeFile(
    knownHostsFile,
    hostKeyTypes.map((type) => `[127.0.0.1]:${port} ${hostKeys[type]}\n`).join(''),
  );
  const server = spawn(program, ['-D', '-e', '-f', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(server);
  return {
    port,
    pid: server.pid ?? 0,
    identityFile,
    hostKeys,
    knownHostsFile,
    stop: () => stopped(server),
  };
}

/** Makes a key pair; an ed25519 one without passphrase unless set otherwise. */
export function makeKey(file: string, options: readonly string[] = ['-t', 'ed25519']): void {
  const passphrase = options.includes('-N') ? [] : ['-N', ''];
  execFileSync(keyProgram, ['-q', '-f', file, '-C', 'test', ...passphrase, ...options]);
}

/** Hashes the names in a known_hosts file, as `HashKnownHosts yes` does. */
export function hashKnownHosts(file: string): void {
  execFileSync(keyProgram, ['-H', '-f', file], { stdio: 'ignore' });
}

/** Type and key of a `.pub` file, without the comment. */
export async function publicKey(privateFile: string): Promise<string> {
  return (await readFile(`${privateFile}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
}

function listening(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`sshd ended at once: ${said.join('\n')}`)));
    if (!server.stderr) throw new Error('sshd has no error output');
    createInterface(server.stderr).on('line', (line) => {
      said.push(line);
      if (line.includes('Server listening')) resolve();
    });
  });
}

function stopped(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) resolve();
    server.once('exit', () => resolve());
    server.kill('SIGTERM');
  });
}
