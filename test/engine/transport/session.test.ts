import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import type { Connection, Session } from '../../../engine/contract/transport.ts';
import { connectLocal } from '../../../engine/transport/local.ts';
import type { Machine } from '../../../engine/transport/machine.ts';
import { openSession } from '../../../engine/transport/session.ts';
import { endOf } from '../../../engine/transport/shell_process.ts';
import { hostErrorOf, sshConnection } from '../../support/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { tempFolder } from '../../support/temp_folder.ts';

const open: Session[] = [];

async function session(settings: Partial<Connection> = {}): Promise<Session> {
  const opened = await connectLocal({ ...sshConnection(0, settings), kind: 'local' });
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

test('a script that prints nothing for too long is ended with all its children', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const pids = join(folder.path, 'pids');
  const { run } = await session();
  const error = await hostErrorOf(
    run(`echo begun; (sleep 1000 & echo $! >> ${pids}; wait) & echo $! >> ${pids}; wait`, {
      timeout: 5,
    }),
  );
  expect(error).toMatchObject({ kind: 'failed', code: 'timeout', context: { output: 'begun\n' } });
  expect(error.message).toContain('printed nothing for 5 s');
  const written = (await readFile(pids, 'utf8')).trim().split('\n');
  expect(written).toHaveLength(2);
  for (const pid of written) await eventually(async () => expect(await isAlive(pid)).toBe(false));
  expect((await hostErrorOf(run('echo'))).code).toBe('timeout');
});

/** A machine that allows one shell, as sshd does with `MaxSessions 1`. */
function oneShell(): Machine {
  let shells = 0;
  return {
    async start(command) {
      shells += 1;
      if (shells > 1) throw new Error('no second channel');
      const child = spawn('/bin/sh', ['-c', command], { stdio: 'pipe', detached: true });
      const ended = endOf(child, () => 'gone');
      return { ...child, ended, destroy: () => void child.stdin.destroy() };
    },
    openTcp: () => Promise.reject(new Error('no TCP')),
    close: async () => {},
  };
}

test('where a host allows one channel, a hung script that listens is ended all the same', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const pidFile = join(folder.path, 'pid');
  const { run } = await openSession(sshConnection(0, { become: 'no' }), oneShell());
  const ear = '( while read -r word <&9; do [ -z "$word" ] || exec sh <&9; done ) >/dev/null &';
  const hang = `${ear}\nexec 9<&-\n(echo $$ >${pidFile}; exec sleep 1000)`;
  const { signal } = new AbortController();
  const error = await hostErrorOf(run(hang, { timeout: 1, stop: signal }));
  expect(error.message).toMatch(/printed nothing for 1 s and was stopped$/);
  const pid = (await readFile(pidFile, 'utf8')).trim();
  await eventually(async () => expect(await isAlive(pid)).toBe(false));
});

test('where one that does not listen cannot be ended, that is said', async () => {
  const { run } = await openSession(sshConnection(0, { become: 'no' }), oneShell());
  const error = await hostErrorOf(run('echo $$; exec sleep 1000', { timeout: 1 }));
  const pid = Number(error.context.output);
  onTestFinished(() => void process.kill(pid));
  expect(error.message).toContain(
    `process ${pid} of it could not be ended and may still run there`,
  );
});

test('a child that does not heed the request to end is killed', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const pidFile = join(folder.path, 'pid');
  const { run } = await session();
  const stubborn = `sh -c 'trap "" TERM; echo $$ > ${pidFile}; while :; do sleep 1; done' & wait`;
  expect((await hostErrorOf(run(stubborn, { timeout: 5 }))).code).toBe('timeout');
  const pid = (await readFile(pidFile, 'utf8')).trim();
  await eventually(async () => expect(await isAlive(pid)).toBe(false));
});

test('a command beside the shell runs while a script runs', async () => {
  const folder = await tempFolder();
  onTestFinished(folder.remove);
  const fifo = join(folder.path, 'go');
  const { run, runBeside } = await session();
  const script = run(`mkfifo ${fifo}; echo waiting; cat ${fifo}`);
  await eventually(async () => expect(await runBeside(`ls ${folder.path}`)).toBe('go\n'));
  expect(await runBeside(`echo freed > ${fifo}`)).toBe('');
  expect(await script).toBe('waiting\nfreed\n');
});

test('what a command beside the shell changes stays in its own shell, and goes with it', async () => {
  const { run, runBeside } = await session();
  await run('lp_test=first; cd /tmp');
  const [pid = '', ...seen] = (
    await runBeside('set +u; echo "$$ $lp_test $(pwd)"; lp_test=x')
  ).split(' ');
  expect(seen.join(' ')).toBe(' /\n');
  await eventually(async () => expect(await isAlive(pid)).toBe(false));
  expect(await run('echo "$lp_test $(pwd)"')).toBe('first /tmp\n');
});

test('a command beside the shell that fails or hangs leaves the session as it was', async () => {
  const { run, runBeside } = await session({ commandTimeout: 5 });
  expect((await hostErrorOf(runBeside('exit 4'))).message).toContain('ended with status 4');
  const hung = await hostErrorOf(runBeside('echo $$; exec sleep 1000'));
  expect(hung.code).toBe('timeout');
  process.kill(Number(hung.context.output));
  expect(await run('echo still here')).toBe('still here\n');
});

test('a script that floods is ended, on either output, and the machine is let go', async () => {
  for (const where of ['', ' >&2']) {
    const { run } = await session();
    const error = await hostErrorOf(run(`yes${where}`));
    expect(error).toMatchObject({ kind: 'failed', code: 'too-much-output' });
    expect(error.message).toContain('a script printed more than 64 MiB and was stopped');
    expect((await hostErrorOf(run('echo'))).code).toBe('too-much-output');
  }
});

test('a script that drips is ended when its time is over', async () => {
  const { run } = await session();
  const drip = 'while sleep 0.1; do echo x; done';
  const error = await hostErrorOf(run(drip, { deadline: 2 }));
  expect(error.code).toBe('timeout');
  expect(error.message).toContain('a script did not finish within 2 s and was stopped');
});

test('what fails in lava-play itself at an answer is a failure of that host', async () => {
  const { run } = await session();
  const onOutput = (): never => {
    throw new Error('cannot be understood');
  };
  expect(await hostErrorOf(run('echo', { onOutput }))).toMatchObject({
    code: 'unexpected',
    message: 'internal error: cannot be understood',
  });
});

test('a machine that starts no shell is let go', async () => {
  let closed = 0;
  const machine: Machine = {
    start: () => Promise.reject(new Error('no shell today')),
    openTcp: () => Promise.reject(new Error('no TCP either')),
    close: async () => {
      closed += 1;
    },
  };
  await expect(openSession(sshConnection(22), machine)).rejects.toThrow('no shell today');
  expect(closed).toBe(1);
});

async function isAlive(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return status !== undefined && !/\) Z /.test(status);
}
