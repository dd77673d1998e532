import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { quote } from '../../engine/script/shell.ts';

/**
 * Starts a program on a terminal of its own, with script(1) of util-linux: what is written to `stdin` is typed there.
 *
 * The shell that script starts is replaced by the program: one that stays would die of a typed Ctrl-C
 * too, and its end, 130, would hide the program's.
 */
export function startAtTerminal(command: readonly string[]): ChildProcessWithoutNullStreams {
  const line = `exec ${command.map(quote).join(' ')}`;
  return spawn('script', ['-qec', line, '/dev/null'], {
    env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm' },
  });
}
