import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection, Session } from '../../../engine/contract/transport.ts';
import { connectLocal } from '../../../engine/transport/local.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort, listen } from '../../support/free_port.ts';
import { localConnection } from '../../support/private_session.ts';
import { testFolder } from '../../support/temp_folder.ts';

const open: Session[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function session(settings: Partial<Connection> = {}): Promise<Session> {
  const opened = await connectLocal({ ...localConnection('here'), ...settings });
  open.push(opened);
  return opened;
}

/** The session of a process, to whose terminal a Ctrl-C goes. */
function terminalSession(pid: string): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')[3];
}

test.skipIf(process.getuid?.() !== 0)('who is root already asks no sudo', async () => {
  const folder = testFolder();
  writeFileSync(join(folder, 'sudo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { run } = await session({ become: 'sudo', becomePassword: 'not needed' });
  expect(await run('id -u')).toBe('0\n');
});

test('a Ctrl-C on the terminal does not reach the shell', async () => {
  const { run } = await session();
  const pid = (await run('echo $$')).trim();
  expect(terminalSession(pid)).not.toBe(terminalSession('self'));
});

test('a closed session leaves no shell behind', async () => {
  const { run, close } = await session();
  const pid = Number(await run('echo $$'));
  await close();
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
});

test('a TCP connection is made by this machine', async () => {
  const server = createServer((socket) => socket.end('hello'));
  const port = await listen(server);
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  const { openTcp } = await session();
  let text = '';
  for await (const chunk of await openTcp('127.0.0.1', port)) text += chunk;
  expect(text).toBe('hello');
});

test('a TCP connection that cannot be made names both ends', async () => {
  const { openTcp } = await session();
  const port = await freePort();
  const { kind, code, context, message } = await hostErrorOf(openTcp('127.0.0.1', port));
  expect([kind, code, context.host]).toEqual(['failed', 'tcp-failed', 'here']);
  expect(message).toMatch(`here: cannot connect to 127.0.0.1 port ${port}: `);
});
