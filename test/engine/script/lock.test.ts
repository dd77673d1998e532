import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  applyScript,
  type ScriptEvent,
  type StepItem,
} from '../../../engine/script/apply_script.ts';
import { ledgerProbe, parseLedger } from '../../../engine/script/ledger.ts';
import type { Locked } from '../../../engine/script/lock.ts';
import { places } from '../../../engine/script/snippets.ts';
import { frameScript } from '../../../engine/transport/framed_output.ts';
import { eventually } from '../../support/eventually.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';
import { debianShells } from '../../support/run_resource.ts';

const text = 'admin@laptop since 2026-01-31T10:00:00.000Z';
const DEAD = `999999999:5:${Buffer.from('eve since yesterday').toString('base64')}`;

function item(script: string): StepItem {
  return { kind: 'step', snippet: { script }, notifies: [], settles: [], causes: [] };
}

let runs = 0;

/** The script of a run of its own, and how it is read. */
function runOf(root: PrivateRoot, ...steps: readonly string[]) {
  runs += 1;
  const holder = { text, run: `run${runs}`, inUse: 'wait' } as const;
  const { script, read } = applyScript(steps.map(item), holder);
  return { script: root.move(script), read };
}

function apply(root: PrivateRoot, ...steps: readonly string[]): readonly ScriptEvent[] {
  const { script, read } = runOf(root, ...steps);
  return read(root.run(script));
}

interface Started {
  readonly shell: ChildProcess;
  readonly ended: Promise<readonly ScriptEvent[]>;
}

/** Starts a script in a shell whose standard input is a channel that stays open. */
function start(script: string, read: (chunk: string) => readonly ScriptEvent[]): Started {
  const shell = spawn('sh', ['-s'], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void shell.kill('SIGKILL'));
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  shell.stdin.on('error', () => {});
  shell.stdin.write(`set -u\n${frameScript(script, 'mark', 'listens')}`);
  return { shell, ended: once(shell, 'close').then(() => read(output)) };
}

/** A run that is within a step, until the file `release` is there. */
async function held(root: PrivateRoot, ...later: readonly string[]) {
  const at = (name: string): string => join(root.folder, name);
  const wait = `echo $$ >'${at('reached')}'; while [ ! -e '${at('release')}' ]; do sleep 0.02; done`;
  const { script, read } = runOf(root, wait, ...later);
  const started = start(script, read);
  await eventually(() => expect(readFileSync(at('reached'), 'utf8')).toMatch(/\n/));
  return { ...started, release: () => writeFileSync(at('release'), '') };
}

function lockOf(root: PrivateRoot): string {
  return join(root.folder, 'run/lava-play.lock');
}

function locked(events: readonly ScriptEvent[]): Locked {
  const [event] = events;
  if (event?.type !== 'locked') throw new Error(`not locked: ${JSON.stringify(events)}`);
  return event;
}

/** A process as the lock of an earlier release names it. */
function identity(pid: number): string {
  const start = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')[19];
  return `${pid}:${start}:ZXZl`;
}

test('is refused with holder, process and age while a living process holds the lock', async () => {
  const root = privateRoot();
  const { shell, ended, release } = await held(root);
  expect(parseLedger(root.run(`${places}${ledgerProbe}`)).lockedBy).toBe(text);
  const { seconds, ...who } = locked(apply(root, 'echo never'));
  expect(who).toEqual({ type: 'locked', holder: text, pid: shell.pid, state: 'running' });
  expect(seconds).toBeGreaterThanOrEqual(0);
  release();
  await eventually(() => expect(readdirSync(join(root.folder, 'run'))).toEqual([]));
  shell.stdin?.end();
  expect(await ended).toHaveLength(2);
  expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  expect(apply(root, 'true')).toHaveLength(2);
});

test('respects the lock of an earlier release, and takes it over once its process has died', async () => {
  const root = privateRoot();
  const other = spawn('sleep', ['1000']);
  onTestFinished(() => void other.kill());
  symlinkSync(identity(other.pid ?? 0), lockOf(root));
  expect(locked(apply(root, 'true'))).toMatchObject({ holder: 'eve', pid: other.pid });
  mkdirSync(`${lockOf(root)}.takeover`);
  other.kill();
  await once(other, 'close');
  expect(apply(root, 'true')).toHaveLength(2);
  expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
});

test('takes over the lock of a process that died and that nobody has reaped', async () => {
  const root = privateRoot();
  const untilParentIsDeaf = '(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done) & echo $!';
  const parent = spawn('sh', ['-c', `${untilParentIsDeaf}; exec sleep 100`]);
  onTestFinished(() => void parent.kill());
  const [chunk] = await once(parent.stdout, 'data');
  const zombie = Number(String(chunk));
  await eventually(() => expect(readFileSync(`/proc/${zombie}/stat`, 'utf8')).toContain(') Z '));
  symlinkSync(identity(zombie), lockOf(root));
  expect(apply(root, 'true')).toHaveLength(2);
});

test('takes over the lock of a dead process whose number another process has now', () => {
  const root = privateRoot();
  symlinkSync(`${process.pid}:1:ZXZl`, lockOf(root));
  expect(apply(root, 'true')).toHaveLength(2);
});

test('leaves alone what is no lock', () => {
  const root = privateRoot();
  writeFileSync(lockOf(root), '');
  expect(apply(root, 'true')).toEqual([{ type: 'blocked', path: lockOf(root) }]);
  const other = privateRoot();
  mkdirSync(lockOf(other));
  expect(apply(other, 'true')).toEqual([{ type: 'blocked', path: lockOf(other) }]);
  expect(readdirSync(lockOf(other))).toEqual([]);
});

test('a step that a killed shell left behind keeps the lock, and is named', async () => {
  const root = privateRoot();
  const { shell, release } = await held(root);
  shell.kill('SIGKILL');
  await once(shell, 'exit');
  const { pid, state } = locked(apply(root, 'true'));
  expect(state).toBe('left');
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('sh');
  release();
  await eventually(() => expect(apply(root, 'true')).toHaveLength(2));
  expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
});

test('a run whose controller is gone says so, begins no other step and frees the lock', async () => {
  const root = privateRoot();
  const { shell, ended, release } = await held(root, `: >'${root.folder}/second'`);
  shell.stdin?.end();
  await eventually(() => expect(locked(apply(root, 'true')).state).toBe('alone'));
  release();
  await ended;
  expect(existsSync(join(root.folder, 'second'))).toBe(false);
  expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
});

test('an empty line on its channel is a wish to stop', async () => {
  const root = privateRoot();
  const { shell, ended, release } = await held(root, `: >'${root.folder}/second'`);
  shell.stdin?.write('\n');
  await eventually(() => expect(readdirSync(join(root.folder, 'run')).join()).toContain('.stop-'));
  release();
  await eventually(() => expect(readdirSync(join(root.folder, 'run'))).toEqual([]));
  shell.stdin?.end('echo next >&2\n');
  expect((await ended).map(({ type }) => type)).toEqual(['started', 'finished', 'stopped']);
  expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
});

describe('of a run that is killed within the takeover', () => {
  test.each([
    ['when it has made its link', 'if lp_leads_here; then', 'if kill -9 $$; then'],
    ['before it moves its link in place', '&& exec mv', '&& kill -9 $$; exec mv'],
    ['when that is in place', ') && lp_tidy', ') && kill -9 $$'],
  ])('%s, the next takes over', async (_, at, killed) => {
    const root = privateRoot();
    symlinkSync(DEAD, lockOf(root));
    for (let i = 0; i < 3; i += 1) {
      const { script, read } = runOf(root, 'echo never');
      expect(script).toContain(at);
      await start(
        script.replace(at, () => killed),
        read,
      ).ended;
    }
    expect(apply(root, 'true')).toHaveLength(2);
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });
});

/** How many rounds to try; `bench/` of a long run sets more. */
const ROUNDS = Number(process.env.LAVA_PLAY_LOCK_ROUNDS ?? 4);

/** Lets three shells want a stale lock at once; gives what each did, and whether two were in at a time. */
async function contend(command: readonly string[], root: PrivateRoot, kill: 'some' | 'none') {
  const file = (name: string): string => join(root.folder, name);
  const step = `mkdir '${file('in')}' || echo two >>'${file('overlaps')}'; sleep 0.03; rmdir '${file('in')}'`;
  const all = [0, 1, 2].map(async () => {
    const { script, read } = runOf(root, step);
    const [shell = 'sh', ...args] = command;
    const child = spawn(shell, [...args, '-s'], { stdio: ['pipe', 'pipe', 'ignore'] });
    child.stdin.on('error', () => {});
    child.stdin.end(script);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
    const timer = kill === 'some' ? setTimeout(() => child.kill('SIGKILL'), Math.random() * 60) : 0;
    await once(child, 'close');
    clearTimeout(timer);
    return read(output);
  });
  const events = await Promise.all(all);
  return { events, overlaps: existsSync(file('overlaps')) };
}

describe.each(debianShells)('of three that want a stale lock at once, in %s', (...command) => {
  test('one at a time gets it', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const root = privateRoot();
      symlinkSync(DEAD, lockOf(root));
      const { events, overlaps } = await contend(command, root, 'none');
      expect(overlaps, `round ${round}`).toBe(false);
      const done = events.filter((each) => each.some(({ type }) => type === 'finished'));
      expect(done.length, JSON.stringify(events)).toBeGreaterThanOrEqual(1);
      expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
    }
  });

  test('one at a time gets it although some are killed on the way, and it is free in the end', async () => {
    const root = privateRoot();
    symlinkSync(DEAD, lockOf(root));
    for (let round = 0; round < ROUNDS; round += 1) {
      const { overlaps } = await contend(command, root, 'some');
      expect(overlaps, `round ${round}`).toBe(false);
    }
    await eventually(() => expect(apply(root, 'true')).toHaveLength(2));
    expect(readdirSync(join(root.folder, 'run'))).toEqual([]);
  });
});
