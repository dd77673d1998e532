import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, onTestFinished, TestRunner } from 'vitest';
import type { Event } from '../../engine/events/event.ts';
import { patience } from './patience.ts';

/** The program as it is in a clone. */
export const program = join(import.meta.dirname, '../../bin/lava-play.js');

/**
 * How long a run may say nothing, on an idle machine. It ends scripts on hosts that fall silent by itself, so there is
 * no limit for the whole of a run that goes on.
 */
const SILENCE_MS = 1_200_000;

/** Ends runs that hooks have begun and left, as they hold the locks of hosts. */
const left = new Set<() => Promise<unknown>>();
afterAll(async () => {
  await Promise.all([...left].map((end) => end()));
});

/** What a run of the real program said and how it ended. */
export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the program that need not be over yet. */
export interface StartedProgram {
  readonly ended: Promise<ProgramResult>;
  signal(name: NodeJS.Signals): void;
  /** Stops reading its standard output, as `head` does when it has enough. */
  hangUp(): void;
  /** What it has reported so far, with `--json`. */
  events(): readonly Event[];
  /** Resolves when it has reported such an event. */
  event(matches: (event: Event) => boolean): Promise<void>;
}

interface ProgramOptions {
  /** Another copy of the program, such as one that npm has installed; the clone's unless set. */
  readonly command?: string;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Files that take the place of its two outputs. */
  readonly stdoutTo?: string;
  readonly stderrTo?: string;
}

/** Runs `lava-play` as a user would, off a terminal. */
export function lavaPlay(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return startLavaPlay(args, options).ended;
}

/** Starts `lava-play` as a user would, off a terminal. */
export function startLavaPlay(
  args: readonly string[],
  { command, cwd, env, stdoutTo, stderrTo }: ProgramOptions = {},
): StartedProgram {
  const [file, ...before] = command ? [command] : [process.execPath, program];
  const opened = [stdoutTo, stderrTo].map((path) => path && openSync(path, 'w'));
  const [stdoutFile, stderrFile] = opened.map((each) => each || ('pipe' as const));
  const child = spawn(file, [...before, ...args], {
    stdio: ['ignore', stdoutFile, stderrFile],
    cwd,
    env: { ...process.env, ...env },
  });
  for (const file of opened) if (file) closeSync(Number(file));
  let stdout = '';
  let stderr = '';
  let silence = patience(SILENCE_MS);
  let givenUp: string | undefined;
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    silence = patience(SILENCE_MS);
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const watch = setInterval(() => {
    if (!silence.isOver()) return;
    givenUp ??= `lava-play ${args.join(' ')} said nothing for ${SILENCE_MS / 60_000} min; before: ${stdout.slice(-1000)}`;
    child.kill('SIGTERM');
  }, 1000);
  const ended = once(child, 'close').then(() => {
    clearInterval(watch);
    left.delete(end);
    if (givenUp !== undefined) throw new Error(givenUp);
    return { code: child.exitCode, stdout, stderr };
  });
  async function end(): Promise<void> {
    const again = setInterval(() => child.kill('SIGTERM'), 20_000);
    child.kill('SIGTERM');
    await ended.catch(() => undefined);
    clearInterval(again);
  }
  left.add(end);
  if (TestRunner.getCurrentTest())
    onTestFinished(() => (child.exitCode === null ? end() : undefined));
  const events = (): readonly Event[] => eventsOf(stdout.slice(0, stdout.lastIndexOf('\n') + 1));
  return {
    ended,
    events,
    signal: (name) => void child.kill(name),
    hangUp: () => void child.stdout?.destroy(),
    async event(matches) {
      while (!events().some(matches)) {
        if (child.exitCode !== null) throw new Error(`the run ended too early: ${stdout}`);
        await Promise.race([child.stdout && once(child.stdout, 'data'), ended]);
      }
    },
  };
}

/** The events of a run with `--json`. */
export function eventsOf(stdout: string): readonly Event[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The events of one type. */
export function ofType<T extends Event['type']>(
  events: readonly Event[],
  type: T,
): readonly Extract<Event, { type: T }>[] {
  return events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
}
