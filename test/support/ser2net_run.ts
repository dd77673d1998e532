import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseSockets, socketsProbe } from '../../engine/resources/sockets.ts';
import { installPackage } from './debian_package.ts';

const program = '/usr/sbin/ser2net';

/** Why consoles cannot be tried on this machine; nothing when they can. Installs what is missing when it may. */
export function whyNoSer2net(): string | undefined {
  const needed = { [program]: 'ser2net', '/usr/bin/socat': 'socat' };
  for (const [path, name] of Object.entries(needed)) {
    const reason = existsSync(path) ? undefined : installPackage(name);
    if (reason) return reason;
  }
  const inside = spawnSync('/usr/bin/unshare', ['-Urn', 'true']);
  return inside.status === 0 ? undefined : 'this machine gives no user namespaces';
}

/**
 * The TCP ports on which ser2net listens with a configuration, after it has come up in a network of its own.
 *
 * Without an address beside loopback every accepter fails (ser2net 4.3.11). The marker port, served by a
 * connection that comes last in the same file, shows that the file has been read to its end.
 */
export function portsServed(folder: string, configuration: string): readonly number[] {
  const path = join(folder, 'ser2net.yaml');
  const marker = 64999;
  const last = `connection: &marker\n  accepter: tcp,${marker}\n  connector: serialdev,/dev/null,9600n81,local\n`;
  writeFileSync(path, `${configuration}${last}`);
  const { stdout, stderr, status } = spawnSync(
    '/usr/bin/unshare',
    [
      ...['-Urn', 'sh', '-c'],
      [
        'ip link set lo up && ip addr add 192.0.2.1/32 dev lo || exit 1',
        `${program} -n -d -u -c "$1" & pid=$!`,
        'left=60',
        `until [ -n "$(${socketsProbe({ port: marker, state: 'listening' })})" ]; do`,
        '  left=$((left - 1)); [ "$left" -gt 0 ] && kill -0 "$pid" || break',
        '  sleep 0.05',
        'done',
        socketsProbe({ state: 'listening' }),
        'kill -KILL "$pid"',
      ].join('\n'),
      'sh',
      path,
    ],
    { encoding: 'utf8' },
  );
  if (status !== 0 && stdout === '') throw new Error(stderr);
  const ports = parseSockets(stdout).map(({ port }) => port);
  return [...new Set(ports)].filter((port) => port !== marker).sort((a, b) => a - b);
}

/** A board that answers on a serial line, which is a pseudo-terminal here. */
export interface FakeBoard {
  readonly device: string;
  say(bytes: Uint8Array | string): void;
  /** Waits until the board has heard a text. */
  heard(wanted: string): Promise<void>;
  unplug(): Promise<void>;
}

/** Makes a board whose line is found at a path. */
export async function fakeBoard(device: string): Promise<FakeBoard> {
  const child = spawn('/usr/bin/socat', [`pty,raw,echo=0,link=${device}`, 'stdio'], {
    stdio: 'pipe',
  });
  const ears = listener(child.stdout);
  await until(() => existsSync(device));
  return {
    device,
    say: (bytes) => child.stdin.write(bytes),
    heard: ears.heard,
    unplug: () => stop(child),
  };
}

/** Starts ser2net with a configuration and waits until a port of loopback answers; its end is the test's business. */
export async function startSer2net(
  path: string,
  port: number,
): Promise<{ readonly pid: number; stop(): Promise<void> }> {
  const child = spawn(program, ['-n', '-d', '-u', '-c', path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  await until(async () => {
    if (child.exitCode !== null) throw new Error(await said);
    return answers(port);
  });
  return { pid: child.pid ?? 0, stop: () => stop(child) };
}

/** Somebody who is connected to a console. */
export interface Client {
  send(bytes: Uint8Array | string): void;
  heard(wanted: string): Promise<void>;
  /** All that was heard until the other side closed. */
  closed(): Promise<string>;
  leave(): void;
}

/** Connects to a console on loopback. */
export async function client(port: number): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const ears = listener(socket);
  const end = once(socket, 'close');
  socket.on('error', () => {});
  return {
    send: (bytes) => socket.write(bytes),
    heard: ears.heard,
    closed: async () => {
      await end;
      return ears.all();
    },
    leave: () => socket.destroy(),
  };
}

/** Waits for a condition. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function answers(port: number): Promise<boolean> {
  const probe = socketsProbe({ port, state: 'listening' });
  return parseSockets(spawnSync('sh', ['-c', probe], { encoding: 'utf8' }).stdout).length > 0;
}

/** Collects what a stream says, for those who wait for a part of it. */
export function listener(stream: Socket | ChildProcess['stdout']): {
  heard(wanted: string): Promise<void>;
  all(): string;
} {
  let heard = '';
  const deferred: (() => void)[] = [];
  stream?.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    for (const wake of deferred.splice(0)) wake();
  });
  return {
    all: () => heard,
    async heard(wanted) {
      while (!heard.includes(wanted)) await new Promise<void>((wake) => deferred.push(wake));
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill('SIGKILL');
  await end;
}
