import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeGroup } from './cgroup.ts';

const enterGroupsAndBecome = `
count=$1; shift
while [ "$count" -gt 0 ]; do echo $$ >"$1" || exit 125; shift; count=$((count - 1)); done
exec "$@"`;

/**
 * Starts a process that belongs to the lab: in control groups of its own, where it is found and
 * ended even when its starter was killed; its output goes to a log.
 */
export function startMember(
  name: string,
  argv: readonly string[],
  { log, env }: { readonly log: string; readonly env?: NodeJS.ProcessEnv | undefined },
): ChildProcess {
  const groups = makeGroup(name);
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'a');
  const child = spawn(
    '/bin/sh',
    ['-c', enterGroupsAndBecome, 'sh', String(groups.length), ...groups, ...argv],
    { detached: true, stdio: ['ignore', output, output], cwd: '/', env: env ?? process.env },
  );
  closeSync(output);
  child.unref();
  return child;
}

/** The end of a log, as evidence in an error. */
export function lastLines(log: string, count = 15): string {
  try {
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-count);
    return `last lines of ${log}:\n${lines.join('\n')}`;
  } catch {
    return `${log} is empty`;
  }
}
