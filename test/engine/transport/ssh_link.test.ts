import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { NodeSSH } from 'node-ssh';
import { afterEach, expect, test } from 'vitest';
import type { Link } from '../../../engine/transport/machine.ts';
import { linkOver } from '../../../engine/transport/ssh_link.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { type SshServerOptions, startSshServer } from '../../support/ssh_server.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A link to a server of its own, and what happens to the socket below it. */
async function linked(options: SshServerOptions = {}) {
  const serverSockets: Socket[] = [];
  const server = await startSshServer({
    password: 'secret',
    onSocket: (socket) => void serverSockets.push(socket),
    ...options,
  });
  cleanups.push(server.stop);
  const stream = connectTcp({ host: '127.0.0.1', port: server.port });
  const ssh = new NodeSSH();
  const connecting = ssh.connect({ sock: stream, username: 'root', password: 'secret' });
  const client = ssh.connection;
  if (!client) throw new Error('node-ssh made no connection');
  let released = 0;
  const release = async (): Promise<void> => {
    released += 1;
  };
  const connection = sshConnection(server.port);
  const link: Link = linkOver({ connection, ssh, client, wire: { stream, release } });
  cleanups.push(link.close);
  await connecting;
  return { link, client, stream, serverSockets, released: () => released };
}

test('a shell has its input, its output and its error output apart, and ends with its status', async () => {
  const { link } = await linked();
  const shell = await link.start('cat; echo trouble >&2; exit 5');
  let [output, errors] = ['', ''];
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  shell.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  shell.stdin.end('hello\n');
  expect(await shell.ended).toMatchObject({ status: 5 });
  expect([output, errors]).toEqual(['hello\n', 'trouble\n']);
});

test('a host that refuses commands is explained', async () => {
  const { link } = await linked({ commands: 'refused' });
  const error = await hostErrorOf(link.start('sh'));
  expect(error).toMatchObject({ kind: 'unreachable', code: 'no-shell' });
});

test('a TCP connection is made by the host', async () => {
  const target = createServer((socket) => socket.end('from the far side'));
  const port = await listen(target);
  cleanups.push(async () => {
    target.close();
    await once(target, 'close');
  });
  const { link } = await linked();
  let text = '';
  for await (const chunk of await link.openTcp('127.0.0.1', port)) text += chunk;
  expect(text).toBe('from the far side');
});

test('a TCP connection that the host cannot make is explained', async () => {
  const { link } = await linked();
  const error = await hostErrorOf(link.openTcp('127.0.0.1', await freePort()));
  expect(error).toMatchObject({ kind: 'failed', code: 'forward-failed' });
});

test('a link that breaks says why, to the shell on it and to whoever wants another', async () => {
  const { link, stream } = await linked();
  const { ended, stdout, stderr } = await link.start('cat');
  stdout.resume();
  stderr.resume();
  stream.destroy(new Error('the cable is out'));
  expect(await ended).toEqual({ lost: 'the cable is out' });
  await link.closed;
  expect((await hostErrorOf(link.start('sh'))).message).toContain('the cable is out');
});

test('a dead agent is no reason for a loss', async () => {
  const { link, client, serverSockets } = await linked();
  const { ended, stdout, stderr } = await link.start('cat');
  stdout.resume();
  stderr.resume();
  client.emit('error', Object.assign(new Error('no agent'), { level: 'agent' as const }));
  for (const socket of serverSockets) socket.end();
  expect(await ended).toEqual({ lost: 'the host closed it' });
});

test('closing lets go of the wire, also where the host does not answer any more', async () => {
  const polite = await linked();
  await polite.link.close();
  expect(polite.released()).toBe(1);
  const mute = await linked();
  for (const socket of mute.serverSockets) {
    socket.removeAllListeners('data').pause();
    cleanups.push(async () => socket.destroy());
  }
  await mute.link.close();
  expect([mute.stream.destroyed, mute.released()]).toEqual([true, 1]);
});
