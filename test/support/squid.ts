import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { installPackage } from './debian_package.ts';
import { freePort } from './free_port.ts';

const program = '/usr/sbin/squid';

/**
 * Why this machine cannot run a squid for tests; nothing when it can.
 *
 * CI installs it. A person's machine is asked first: Debian's package also opens port 3128.
 */
export function squidMissing(): string | undefined {
  if (existsSync(program)) return undefined;
  return process.env.CI ? installPackage('squid') : 'install squid to run these';
}

/** A real squid on loopback, with a configuration and folders of its own. */
export interface Squid {
  readonly port: number;
  readonly child: ChildProcess;
  /** The page, as `client` of loopback gets it, headers and all. */
  fetch(url: string, client: string): Promise<string>;
  stop(): Promise<void>;
}

/** Debian's squid.conf (5.7), as far as it says something, with all that it writes moved into a folder. */
export function debianConf(folder: string, port: number): string {
  return `acl SSL_ports port 443
acl Safe_ports port 80
acl Safe_ports port 443
acl Safe_ports port 1025-65535
http_access deny !Safe_ports
http_access deny CONNECT !SSL_ports
http_access allow localhost manager
http_access deny manager
include ${folder}/conf.d/*.conf
http_access allow localhost
http_access deny all
http_port 127.0.0.1:${port}
pid_filename ${folder}/squid.pid
cache_log ${folder}/cache.log
access_log none
coredump_dir ${folder}
pinger_enable off
visible_hostname test
`;
}

/**
 * Starts squid with one file in its conf.d and waits until it listens; its cache folder must be below the folder.
 *
 * It runs under a name of its own, beside any other squid of the machine.
 */
export async function startSquid(folder: string, own: string): Promise<Squid> {
  const port = await freePort();
  for (const path of [folder, join(folder, 'conf.d'), join(folder, 'cache')]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
  }
  writeFileSync(join(folder, 'conf.d/lava-play.conf'), own);
  const conf = join(folder, 'squid.conf');
  writeFileSync(conf, debianConf(folder, port));
  const name = `test${process.pid}p${port}`;
  const args = ['-N', '-n', name, '-f', conf];
  const made = spawnSync(program, [...args, '-z'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(child.stderr);
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(await said);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    child,
    async fetch(url, client) {
      const socket = createConnection({ host: '127.0.0.1', port, localAddress: client });
      socket.write(`GET ${url} HTTP/1.0\r\n\r\n`);
      return text(socket);
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const end = once(child, 'exit');
      child.kill('SIGKILL');
      await end;
      forgetMemory(name);
    },
  };
}

/** What squid shares among its processes has the name of its service in it, and outlives one that is killed. */
function forgetMemory(name: string): void {
  for (const file of readdirSync('/dev/shm')) {
    if (file.startsWith(`${name}-`)) rmSync(join('/dev/shm', file), { force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
