import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { Connection, Session } from '../../../engine/contract/transport.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { countRoundTrips } from '../../support/round_trip_counter.ts';
import { type SshServer, type SshServerOptions, startSshServer } from '../../support/ssh_server.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const cleanups: (() => Promise<unknown> | undefined)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function server(options: SshServerOptions = {}): Promise<SshServer> {
  const started = await startSshServer({ password: 'secret', ...options });
  cleanups.push(started.stop);
  return started;
}

function connectionTo(
  { port, hostKey }: SshServer,
  settings: Partial<Connection> = {},
): Connection {
  return sshConnection(port, { password: 'secret', hostKey, ...settings });
}

async function session(connection: Connection): Promise<Session> {
  const opened = await connect(connection);
  cleanups.push(opened.close);
  return opened;
}

/** A TCP server that treats its callers in some way that is not SSH. */
async function tcpServer(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const tcp: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    greet(socket);
  });
  const port = await listen(tcp);
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    tcp.close();
    await once(tcp, 'close');
  });
  return port;
}

test('a closed session leaves no socket and no process that keeps Node alive', async () => {
  const target = await server();
  const { run, close } = await connect(connectionTo(target));
  await run('true');
  await close();
  await close();
  while (socketsAndProcesses().length > 0) await nextTurn();
});

/** What keeps this Node process alive, without the test runner's own pipes and timers. */
function socketsAndProcesses(): readonly string[] {
  return process.getActiveResourcesInfo().filter((name) => /^(TCPSocket|Process)Wrap$/.test(name));
}

test.each(['password', 'keyboard-interactive'] as const)('logs in by %s', async (passwordBy) => {
  const { run } = await session(connectionTo(await server({ passwordBy })));
  expect(await run('echo hello')).toBe('hello\n');
});

test('what a start file of the login shell prints does not get into the output', async () => {
  const { run } = await session(connectionTo(await server({ greeting: 'Welcome!\n\u0007' })));
  expect(await run('echo hello')).toBe('hello\n');
});

test('large output and large scripts pass', async () => {
  const { run } = await session(connectionTo(await server()));
  const zeros = await run('head -c 5000000 /dev/zero | tr "\\0" x');
  expect(zeros).toHaveLength(5_000_000);
  expect(await run(`${`: ${'long '.repeat(20)}\n`.repeat(10_000)}echo done`)).toBe('done\n');
});

test('twenty hosts at once', async () => {
  const target = await server();
  const sessions = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      session(connectionTo(target, { name: `worker${i}` })).then((opened) =>
        opened.run(`echo ${i}`),
      ),
    ),
  );
  expect(sessions).toEqual(Array.from({ length: 20 }, (_, i) => `${i}\n`));
});

test('a hung script is ended, and the session with it', async () => {
  const { run } = await session(connectionTo(await server()));
  const error = await hostErrorOf(run('echo $$; exec sleep 1000', { timeout: 5 }));
  expect(error.code).toBe('timeout');
  const pid = Number(error.context.output);
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});

test('a connection lost in the middle of a script keeps the output so far', async () => {
  const target = await server();
  const line = await countRoundTrips(target.port);
  cleanups.push(line.stop);
  const { run } = await session({ ...connectionTo(target), port: line.port });
  const error = await hostErrorOf(
    run('echo begun $$; exec sleep 1000', { onOutput: () => line.cut() }),
  );
  expect(error).toMatchObject({ kind: 'unreachable', code: 'connection-lost' });
  expect(error.context.output).toMatch(/^begun \d+\n$/);
  expect((await hostErrorOf(run('echo'))).code).toBe('connection-lost');
  process.kill(Number(error.context.output?.split(' ')[1]));
});

test('a script cut off while it is being sent does not run', async () => {
  const folder = await tempFolder();
  cleanups.push(folder.remove);
  const target = await server();
  const line = await countRoundTrips(target.port);
  cleanups.push(line.stop);
  const { run } = await session({ ...connectionTo(target), port: line.port });
  await run('true');
  const trace = join(folder.path, 'trace');
  const sent = line.roundTrips();
  const error = hostErrorOf(run(`echo ran > ${trace}\n${': line\n'.repeat(1_500_000)}`));
  await eventually(() => expect(line.roundTrips()).toBeGreaterThan(sent));
  line.cut();
  expect((await error).code).toBe('connection-lost');
  await eventually(() => expect(target.counts.open).toBe(0));
  await expect(writeFile(trace, '', { flag: 'wx' })).resolves.toBeUndefined();
});

test('closing in the middle of a script closes the connection', async () => {
  const target = await server();
  const { run, close } = await connect(connectionTo(target));
  const error = hostErrorOf(run('echo $$; exec sleep 1000', { onOutput: () => void close() }));
  const { code, context } = await error;
  expect(code).toBe('session-closed');
  process.kill(Number(context.output));
  await eventually(() => expect(target.counts.open).toBe(0));
});

test('a wrong password is named with all that was offered, but not told', async () => {
  const target = await server();
  const error = await hostErrorOf(connect(connectionTo(target, { password: 'not this' })));
  expect(error).toMatchObject({ kind: 'unreachable', code: 'login-refused' });
  expect(error.message).toContain('offered: the password; the host accepts: password');
  expect(JSON.stringify(error) + error.message).not.toContain('not this');
});

test('with nothing to log in with, the host is not bothered', async () => {
  const home = await tempFolder();
  const before = process.env.HOME;
  process.env.HOME = home.path;
  cleanups.push(home.remove, async () => {
    process.env.HOME = before;
  });
  const error = await hostErrorOf(connect(sshConnection(await freePort())));
  expect(error).toMatchObject({ kind: 'unreachable', code: 'no-identity' });
  expect(error.message).toContain(join(home.path, '.ssh/id_ed25519'));
});

test('a port that nobody listens on', async () => {
  const error = await hostErrorOf(
    connect(sshConnection(await freePort(), { password: 'x', hostKey: 'SHA256:x' })),
  );
  expect(error).toMatchObject({ kind: 'unreachable', code: 'connection-refused' });
  expect(error.message).toMatch(/^worker01: 127\.0\.0\.1 port \d+ refused the connection$/);
});

test('a name that does not exist', async () => {
  const address = 'worker01.invalid';
  const error = await hostErrorOf(connect(sshConnection(22, { address, password: 'x' })));
  expect(error.code).toBe('name-not-found');
});

test('a server that says nothing', async () => {
  const port = await tcpServer(() => {});
  const error = await hostErrorOf(
    connect(sshConnection(port, { password: 'x', connectTimeout: 1 })),
  );
  expect(error.code).toBe('not-ssh');
  expect(error.message).toContain('within 1 s');
});

test('a server that speaks something else', async () => {
  const port = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const error = await hostErrorOf(connect(sshConnection(port, { password: 'x' })));
  expect(error.code).toBe('not-ssh');
});

test('a server that hangs up', async () => {
  const port = await tcpServer((socket) => socket.destroy());
  const error = await hostErrorOf(connect(sshConnection(port, { password: 'x' })));
  expect(error.code).toBe('not-ssh');
});

test('one jump connection carries many hosts, and is closed with the last', async () => {
  const jumpServer = await server();
  const target = await server();
  const jump = connectionTo(jumpServer, { name: 'gateway' });
  const sessions = await Promise.all(
    Array.from({ length: 12 }, (_, i) => connect(connectionTo(target, { name: `w${i}`, jump }))),
  );
  expect(await Promise.all(sessions.map(({ run }) => run('echo via')))).toEqual(
    Array(12).fill('via\n'),
  );
  expect(jumpServer.counts).toEqual({ logins: 1, open: 1 });
  const [first, ...others] = sessions;
  await first?.close();
  expect(await others[0]?.run('echo still')).toBe('still\n');
  await Promise.all(others.map(({ close }) => close()));
  await eventually(() => expect(jumpServer.counts.open).toBe(0));
});

test('a jump host that cannot be reached is named, for every host behind it', async () => {
  const target = await server();
  const jump = sshConnection(await freePort(), { name: 'gateway', password: 'x' });
  for (const name of ['worker01', 'worker02']) {
    const error = await hostErrorOf(connect(connectionTo(target, { name, jump })));
    expect(error).toMatchObject({ code: 'jump-failed', context: { host: name } });
    expect(error.message).toMatch(/jump host gateway: .*refused the connection/);
  }
});

test('the key of a jump host is checked too', async () => {
  const jumpServer = await server();
  const target = await server();
  const jump = connectionTo(jumpServer, { name: 'gateway', hostKey: target.hostKey });
  const error = await hostErrorOf(connect(connectionTo(target, { jump })));
  expect(error.code).toBe('jump-failed');
  expect(error.message).toContain('its host key has changed');
  expect(jumpServer.counts.logins).toBe(0);
});

test('a jump host that refuses to forward is named, and let go', async () => {
  const jumpServer = await server({ forwarding: 'refused' });
  const jump = connectionTo(jumpServer, { name: 'gateway' });
  const error = await hostErrorOf(connect(connectionTo(await server(), { jump })));
  expect(error.code).toBe('jump-failed');
  expect(error.message).toContain('gateway');
  await eventually(() => expect(jumpServer.counts.open).toBe(0));
});

test('a jump host that is lost takes the hosts behind it along, and is dialled again', async () => {
  const jumpServer = await server();
  const target = await server();
  const line = await countRoundTrips(jumpServer.port);
  cleanups.push(line.stop);
  const jump = { ...connectionTo(jumpServer, { name: 'gateway' }), port: line.port };
  const first = await session(connectionTo(target, { jump }));
  const error = hostErrorOf(first.run('echo $$; exec sleep 1000', { onOutput: () => line.cut() }));
  const { code, context } = await error;
  expect(code).toBe('connection-lost');
  process.kill(Number(context.output));
  const second = await session(connectionTo(target, { jump }));
  expect(await second.run('echo again')).toBe('again\n');
});
