import { type ChildProcess, spawn } from 'node:child_process';
import { patience } from '../support/patience.ts';
import { LabError } from './errors.ts';

/** How a finished command ended and what it printed. */
export interface CommandResult {
  /** The exit status; 128 + N when signal N ended it, as shells count. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command may be given besides its arguments. */
export interface CommandOptions {
  readonly stdin?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** After this the command and all it started in its process group are killed, on a busy machine later; default 60 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** The exit status a shell would report for an ended child. */
export function exitStatus(code: number | null, signal: string | null): number {
  return code ?? 128 + (signalNumbers[signal ?? ''] ?? 0);
}

/** Runs a command to its end; rejects only when it cannot start, takes too long or is aborted. */
export function run(
  argv: readonly string[],
  { stdin, env, timeoutMs = 60_000, signal }: CommandOptions = {},
): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { detached: true, env: env ?? process.env });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let failure: LabError | undefined;
    const giveUp = (reason: string): void => {
      failure = new LabError(`${argv.join(' ')}: ${reason}`);
      killGroup(child);
    };
    const limit = patience(timeoutMs);
    const watch = (): void => {
      if (limit.isOver()) giveUp(`no end after ${timeoutMs / 1000} s`);
    };
    const timer = setInterval(watch, Math.min(timeoutMs, 1000));
    const onAbort = (): void => giveUp('interrupted');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearInterval(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin ?? '');
    child.on('error', (error) => {
      settle();
      reject(new LabError(`cannot run ${program}: ${error.message}`));
    });
    child.on('close', (code, endedBy) => {
      settle();
      if (failure) {
        reject(failure);
        return;
      }
      resolve({
        code: exitStatus(code, endedBy),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}

/** Runs a command that has to succeed and gives its standard output. */
export async function runOk(argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-15).join('\n');
  throw new LabError(`${argv.join(' ')} failed with status ${code}${said ? `:\n${said}` : ''}`);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    return;
  }
}
