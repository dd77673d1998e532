import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../../engine/contract/transport.ts';
import { connect } from '../../../engine/transport/connect.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { type SshServer, startSshServer } from '../../support/ssh_server.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

/** Speaks as sudo 1.9 does on its error output; what it is asked to do it writes down. */
const standIn = `#!/bin/sh
echo "$*" >> "$TEST_FOLDER/arguments"; env > "$TEST_FOLDER/environment"
prompt= silent=
while [ $# -gt 0 ]; do
  case $1 in -n) silent=yes;; -p) prompt=$2; shift;; --) shift; break;; esac
  shift
done
case $TEST_SUDO in
  free) exec "$@";;
  denied) echo 'admin is not in the sudoers file.' >&2; exit 1;;
  broken) echo 'sudo: /usr/bin/sudo must be owned by uid 0 and have the setuid bit set' >&2; exit 1;;
  silent) read -r silence; exit 1;;
esac
if [ -n "$silent" ]; then echo 'sudo: a password is required' >&2; exit 1; fi
for try in 1 2 3; do
  printf '%s' "$prompt" >&2
  read -r answer || { echo 'sudo: no password was provided' >&2; exit 1; }
  echo "$try" >> "$TEST_FOLDER/attempts"
  if [ "$answer" = 'right horse' ]; then exec "$@"; fi
  echo 'Sorry, try again.' >&2
done
echo 'sudo: 3 incorrect password attempts' >&2; exit 1
`;

let folder: TempFolder;
const opened: Session[] = [];
const servers: SshServer[] = [];

beforeAll(async () => {
  folder = await tempFolder();
  for (const name of ['with_sudo', 'without_sudo']) {
    await mkdir(join(folder.path, name));
    for (const program of ['env', 'sh', 'cat', 'ls'])
      await symlink(`/usr/bin/${program}`, join(folder.path, name, program));
  }
  await writeFile(join(folder.path, 'with_sudo/sudo'), standIn);
  await chmod(join(folder.path, 'with_sudo/sudo'), 0o755);
});

afterEach(async () => {
  for (const session of opened.splice(0)) await session.close();
  for (const server of servers.splice(0)) await server.stop();
});

type SudoMode = 'free' | 'asking' | 'denied' | 'broken' | 'silent' | 'missing';

async function becomeRoot(mode: SudoMode, becomePassword?: string, connectTimeout = 20) {
  const server = await startSshServer({
    password: 'login',
    greeting: 'welcome\n',
    env: {
      PATH: join(folder.path, mode === 'missing' ? 'without_sudo' : 'with_sudo'),
      TEST_FOLDER: folder.path,
      TEST_SUDO: mode,
    },
  });
  servers.push(server);
  const session = await connect(
    sshConnection(server.port, {
      user: 'admin',
      password: 'login',
      hostKey: server.hostKey,
      become: 'sudo',
      becomePassword,
      connectTimeout,
    }),
  );
  opened.push(session);
  return session;
}

async function refusal(mode: SudoMode, becomePassword?: string, connectTimeout?: number) {
  return hostErrorOf(
    becomeRoot(mode, becomePassword, connectTimeout).then(({ run }) => run('echo became root')),
  );
}

test('without a password sudo is told not to ask', async () => {
  const { run, runBeside } = await becomeRoot('free');
  expect(await run('echo root')).toBe('root\n');
  expect(await runBeside('echo beside')).toBe('beside\n');
});

test('the password is given when sudo asks', async () => {
  const { run, runBeside } = await becomeRoot('asking', 'right horse');
  expect(await run('echo root')).toBe('root\n');
  expect(await runBeside('echo beside')).toBe('beside\n');
});

test('where sudo does not ask, the password reaches no shell', async () => {
  const { run } = await becomeRoot('free', 'echo surprise >&2; touch $TEST_FOLDER/surprise');
  expect(await run(`ls ${folder.path}`)).not.toContain('surprise');
});

test('the password is in no argument, environment or error', async () => {
  await becomeRoot('asking', 'right horse');
  const error = await refusal('asking', 'wrong horse');
  const { run } = await becomeRoot('free');
  const seen = await run(`cat ${folder.path}/arguments ${folder.path}/environment`);
  expect(seen).toContain('-S -H -p');
  expect(`${seen}${JSON.stringify(error)}${error.message}${error.stack}`).not.toContain('horse');
});

test.each([
  ['asking', undefined, 'sudo-password-needed', /become_password/],
  ['asking', 'wrong horse', 'sudo-password-wrong', /become_password/],
  ['denied', undefined, 'sudo-not-allowed', /group sudo/],
  ['denied', 'right horse', 'sudo-not-allowed', /group sudo/],
  ['missing', undefined, 'sudo-missing', /install sudo/],
  ['missing', 'right horse', 'sudo-missing', /install sudo/],
] as const)('sudo %s with password %s: %s', async (mode, password, code, hint) => {
  const error = await refusal(mode, password);
  expect(error).toMatchObject({ kind: 'unreachable', code, context: { host: 'worker01' } });
  expect(error.context.hint).toMatch(hint);
});

test('a wrong password is tried once, so that no account gets locked', async () => {
  await rm(join(folder.path, 'attempts'), { force: true });
  await refusal('asking', 'wrong horse');
  expect(await readFile(join(folder.path, 'attempts'), 'utf8')).toBe('1\n');
});

test('any other word of sudo is passed on', async () => {
  const error = await refusal('broken');
  expect(error.code).toBe('sudo-failed');
  expect(error.message).toContain('must be owned by uid 0');
});

test('a sudo that asks in no way we know is given up after a while', async () => {
  const error = await refusal('silent', 'right horse', 1);
  expect(error.code).toBe('sudo-silent');
});
