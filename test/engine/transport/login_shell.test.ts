import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { connect } from '../../../engine/transport/connect.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { runHere, type SshServer, startSshServer } from '../../support/ssh_server.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

let folder: TempFolder;
let server: SshServer | undefined;

beforeAll(async () => {
  folder = await tempFolder();
});
afterEach(() => server?.stop());
afterAll(() => folder?.remove());

/** Debian's bash reads `.bashrc` when it is called by sshd, and takes any socket for that. */
async function firstScript(shell: string, bashrc: string, settings: object) {
  const file = join(folder.path, '.bashrc');
  await writeFile(file, `${bashrc}\n`);
  server = await startSshServer({
    password: 'login',
    run: (command) => runHere(command, { HOME: folder.path }, shell),
  });
  const knownHostsFile = join(folder.path, 'known_hosts');
  await writeFile(knownHostsFile, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  const connection = sshConnection(server.port, {
    ...{ user: 'admin', password: 'login', knownHostsFiles: [knownHostsFile] },
    ...{ commandTimeout: 3, connectTimeout: 3, ...settings },
  });
  const session = await connect(connection);
  try {
    return await session.run('echo one');
  } finally {
    await session.close();
  }
}

const WAYS = [
  ['as root', { become: 'no' }],
  ['by sudo', { become: 'sudo' }],
  ['by sudo with a password', { become: 'sudo', becomePassword: 'secret' }],
] as const;

test.each(WAYS)('a shell that lets nobody in is told as what it is, %s', async (_, settings) => {
  const error = await hostErrorOf(firstScript('/usr/sbin/nologin', '', settings));
  expect(error).toMatchObject({ kind: 'unreachable', code: 'login-shell' });
  expect(error.message).toMatch(
    /^worker01: the login shell of admin ended with status 1 and did not run the command: .*not available/,
  );
  expect(error.context.hint).toContain('usermod --shell /bin/bash admin');
});

test.each(WAYS)('an exit in .bashrc is told as what it is, %s', async (_, settings) => {
  const error = await hostErrorOf(firstScript('/bin/bash', 'echo hello; exit', settings));
  expect(error.code).toBe('login-shell');
  expect(error.message).toContain('ended with status 0 and did not run the command: hello');
  expect(error.context.hint).toContain('.bashrc');
});

test.each(WAYS)('so is exec cat, %s', async (_, settings) => {
  const error = await hostErrorOf(firstScript('/bin/bash', 'exec cat', settings));
  expect(error.code).toBe('login-shell');
  expect(error.message).toContain('waited for 3 s and did not run the command');
});

test('what a .bashrc prints does no harm', async () => {
  expect(await firstScript('/bin/bash', 'seq 20000', { become: 'no' })).toBe('one\n');
});
