import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { HostError } from '../contract/errors.ts';
import type { Connection, Session } from '../contract/transport.ts';
import type { Machine } from './machine.ts';
import { openSession } from './session.ts';
import { endOf, type ShellProcess } from './shell_process.ts';

/** Opens a session on this machine. */
export function connectLocal(connection: Connection): Promise<Session> {
  const machine: Machine = { start, openTcp, close: async () => {} };
  const root = process.getuid?.() === 0;
  return openSession(root ? { ...connection, become: 'no' } : connection, machine);

  async function openTcp(host: string, port: number) {
    const socket = connectTcp({ host, port, noDelay: true });
    try {
      await once(socket, 'connect');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new HostError(
        'failed',
        'tcp-failed',
        `${connection.name}: cannot connect to ${host} port ${port}: ${reason}`,
        { host: connection.name },
      );
    }
    return socket;
  }
}

/** In a session of its own, so that a Ctrl-C on the terminal does not end it in the middle of a step. */
async function start(command: string): Promise<ShellProcess> {
  const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true });
  let failure = 'the shell could not be started';
  child.on('error', (error) => {
    failure = error.message;
  });
  const ended = endOf(child, () => failure);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    destroy() {
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
  };
}
