import type { Duplex } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import type { Client, ClientChannel } from 'ssh2';
import type { Connection } from '../contract/transport.ts';
import type { Link } from './machine.ts';
import { within } from './patience.ts';
import { endOf, type ShellProcess } from './shell_process.ts';
import { channelFailure, forwardFailure } from './ssh_failure.ts';

/** What carries an SSH connection: a socket, or a channel through the jump host. */
export interface Wire {
  readonly stream: Duplex;
  release(): Promise<void>;
}

/** The parts of an SSH connection, logged in or about to be. */
export interface LinkParts {
  readonly connection: Connection;
  readonly ssh: NodeSSH;
  readonly client: Client;
  readonly wire: Wire;
}

const patienceOnClose = 1_000;

/** Makes shells and TCP connections out of an SSH connection, and remembers why it broke. */
export function linkOver({ connection, ssh, client, wire }: LinkParts): Link {
  let lossReason: string | undefined;
  client.on('error', (error) => {
    if (error.level !== 'agent') lossReason ??= error.message;
  });
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));

  /** A host may keep the connection alive and still never answer the request for a channel. */
  async function start(command: string): Promise<ShellProcess> {
    const { connectTimeout } = connection;
    const opening = new Promise<ShellProcess>((resolve, reject) => {
      client.exec(command, (error, channel) => {
        if (error) reject(error);
        else resolve(shellOver(channel));
      });
    });
    const isOpen = await within(connectTimeout * 1000, opening).catch((error: Error) => {
      throw channelFailure(connection, lossReason ?? error.message);
    });
    if (isOpen) return await opening;
    opening.then((late) => late.destroy()).catch(ignore);
    throw channelFailure(connection, `the host gave none within ${connectTimeout} s`);
  }

  /** At once, as a shell may end in the same breath in which it is opened. */
  function shellOver(channel: ClientChannel): ShellProcess {
    return {
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      ended: endOf(channel, () => lossReason ?? 'the host closed it'),
      destroy: () => channel.close(),
    };
  }

  async function openTcp(host: string, port: number): Promise<Duplex> {
    try {
      return await ssh.forwardOut('127.0.0.1', 0, host, port);
    } catch (error) {
      throw forwardFailure(connection, `${host} port ${port}`, error);
    }
  }

  async function close(): Promise<void> {
    client.end();
    if (!(await within(patienceOnClose, closed))) wire.stream.destroy();
    await wire.release();
  }

  return { start, openTcp, close, closed };
}

function ignore(): void {}
