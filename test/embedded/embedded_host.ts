import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import type { ServerChannel } from 'ssh2';
import { type RunningCommand, type SshServer, startSshServer } from '../support/ssh_server.ts';
import { callsOf, makeHostFolder, type Programs } from './host_folder.ts';
import { intoRoot, outputFromRoot, type PrivatePlace, scriptIntoRoot } from './private_paths.ts';

/** What clients have asked of a host since the count began. */
export interface HostCost {
  connections: number;
  commands: number;
  /**
   * How often the client spoke up after the host had spoken: round trips, and now and then one too many where
   * messages cross. Not counted is the farewell, in which both sides speak at once.
   */
  roundTrips: number;
  bytesFromClient: number;
  bytesToClient: number;
}

/** A host inside this process: a real SSH server and real shells, with a private folder for `/`. */
export interface EmbeddedHost {
  readonly name: string;
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly port: number;
  readonly hostKey: string;
  /** The address by which the hosts of the lab know it; no packet ever goes there. */
  readonly labAddress: string;
  readonly cost: HostCost;
  /** Lets a stand-in run a piece of shell before its own work; an `exit` there is its end. */
  interfere(program: string, script: string): Promise<void>;
  /** Lets a stand-in wait, when its arguments match a pattern of shell, until it is released. */
  hold(program: string, pattern: string): Promise<Hold>;
  /** Gives a file of the host another text, as somebody who is logged in there would. */
  write(path: string, text: string): Promise<void>;
  /** All calls of programs that are written down, one a line. */
  calls(): Promise<string>;
  /** Ends all shells and connections as a loss of power does; the server stays. */
  crash(): void;
  /** Breaks all connections without a word; shells that run do not notice before they print. */
  cut(): void;
  /** Breaks all connections once clients have sent so many more bytes; tells whether that was so. */
  cutAfter(bytes: number): () => boolean;
  stop(): Promise<void>;
}

/** A stand-in that waits in the middle of its work. */
export interface Hold {
  isReached(): boolean;
  /** Lets it go on, and all later calls pass. */
  release(): Promise<void>;
}

/** What a host is made from. */
export interface HostOptions {
  readonly name: string;
  readonly folder: string;
  readonly labAddress: string;
  readonly programs: Programs;
  readonly authorizedKey: string;
  /** What login shells find in their environment beside the usual. */
  readonly env: Readonly<Record<string, string>>;
  /** Who answers when this host opens a TCP connection. */
  readonly answers: (
    address: string,
    port: number,
  ) => ((channel: ServerChannel) => void) | undefined;
}

/** Makes a host's folder and starts its server. */
export async function startHost(options: HostOptions): Promise<EmbeddedHost> {
  const { name, folder, labAddress, programs, authorizedKey, answers, env } = options;
  await makeHostFolder(folder);
  const root = join(folder, 'root');
  const cost: HostCost = {
    connections: 0,
    commands: 0,
    roundTrips: 0,
    bytesFromClient: 0,
    bytesToClient: 0,
  };
  const sockets = new Set<Socket>();
  const shells = new Set<number>();
  let counter: RoundTripCounter = { stop: () => {} };
  let cutAt = Number.POSITIVE_INFINITY;
  const server: SshServer = await startSshServer({
    authorizedKeys: [authorizedKey],
    answers,
    run(command) {
      cost.commands += 1;
      const running = runPrivately(command, { root, folder, programs, shells, env });
      running.stdin.once('finish', () => counter.stop());
      return running;
    },
    onSocket(socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      counter = countOn(socket, cost);
      socket.on('data', () => {
        if (cost.bytesFromClient < cutAt) return;
        cutAt = Number.POSITIVE_INFINITY;
        cut();
      });
    },
  });

  function crash(): void {
    for (const pid of shells) killGroup(pid);
    cut();
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  function interfere(program: string, script: string): Promise<void> {
    return writeFile(join(folder, 'faults', program), script);
  }

  async function hold(program: string, pattern: string): Promise<Hold> {
    const reached = join(folder, `${program}.reached`);
    const wait = `: >${reached}; while [ -e ${reached} ]; do sleep 0.05; done`;
    await interfere(program, `case "$*" in ${pattern}) ${wait} ;; esac`);
    return {
      isReached: () => existsSync(reached),
      async release() {
        await rm(join(folder, 'faults', program));
        await rm(reached);
      },
    };
  }

  return {
    name,
    root,
    port: server.port,
    hostKey: server.hostKey,
    labAddress,
    cost,
    interfere,
    hold,
    write: (path, text) => writeFile(join(root, path), text),
    calls: () => callsOf(folder),
    crash,
    cut,
    cutAfter(bytes) {
      cutAt = cost.bytesFromClient + bytes;
      return () => cutAt === Number.POSITIVE_INFINITY;
    },
    async stop() {
      const stopped = server.stop();
      crash();
      await stopped;
    },
  };
}

interface Shells {
  readonly root: string;
  readonly folder: string;
  readonly programs: Programs;
  readonly shells: Set<number>;
  readonly env: HostOptions['env'];
}

function runPrivately(
  command: string,
  { root, folder, programs, shells, env }: Shells,
): RunningCommand {
  const place: PrivatePlace = { root, path: `${join(folder, 'bin')}:${programs.folder}` };
  const child = spawn('/bin/sh', ['-c', intoRoot(command, place)], {
    cwd: root,
    env: {
      ...env,
      PATH: place.path,
      HOME: join(root, 'root'),
      STAND_IN_HOST: folder,
      STAND_IN_FOLDER: programs.standIns,
      STAND_IN_STAT: programs.stat,
    },
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) shells.add(pid);
  const ended = new Promise<Awaited<RunningCommand['ended']>>((resolve) => {
    child.once('close', (status, signal) => {
      if (pid !== undefined) shells.delete(pid);
      resolve({ status, signal });
    });
  });
  const stdin = scriptIntoRoot(place);
  stdin.pipe(child.stdin).on('error', () => {});
  return {
    stdin,
    stdout: pipeline(child.stdout, outputFromRoot(place), () => {}),
    stderr: pipeline(child.stderr, outputFromRoot(place), () => {}),
    ended,
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

interface RoundTripCounter {
  stop(): void;
}

function countOn(socket: Socket, cost: HostCost): RoundTripCounter {
  let lastSpeaker: 'client' | 'host' = 'host';
  let farewell = false;
  cost.connections += 1;
  socket.on('data', (chunk: Buffer) => {
    if (lastSpeaker === 'host' && !farewell) cost.roundTrips += 1;
    lastSpeaker = 'client';
    cost.bytesFromClient += chunk.length;
  });
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (chunk: unknown, ...rest: unknown[]) => {
    lastSpeaker = 'host';
    if (Buffer.isBuffer(chunk)) cost.bytesToClient += chunk.length;
    return write(chunk, ...rest);
  };
  return {
    stop() {
      farewell = true;
    },
  };
}
