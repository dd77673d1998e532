import { spawn } from 'node:child_process';

/** How much a program that prints something for a reader may take. */
export interface ProgramLimits {
  readonly seconds: number;
  readonly mebibytes: number;
}

/** A program to run, without a shell. */
export interface ProgramCall extends ProgramLimits {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Whether its complaints are kept, or shown to the person as they come. */
  readonly complaints: 'kept' | 'shown';
}

/** What came of a program; `failure` goes on after its name: `ended with status 3`. */
export interface ProgramEnd {
  readonly output: Buffer;
  readonly failure: string | undefined;
  /** The last lines on its standard error. */
  readonly complaints: string;
}

/** Runs a program. */
export type RunProgram = (call: ProgramCall) => Promise<ProgramEnd>;

const MEBIBYTE = 1024 * 1024;
const COMPLAINTS = 400;

/** Runs a program with the terminal as its input, within limits, and waits for its end; never rejects. */
export const runProgram: RunProgram = ({ program, args, cwd, complaints, ...limits }) =>
  new Promise((fulfil) => {
    const stderr = complaints === 'kept' ? 'pipe' : 'inherit';
    const child = spawn(program, args, { cwd, stdio: ['inherit', 'pipe', stderr] });
    const output: Buffer[] = [];
    let size = 0;
    let said = '';
    let failure: string | undefined;
    function stop(reason: string): void {
      failure ??= reason;
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    const timer = setTimeout(
      () => stop(`did not end within ${limits.seconds} s`),
      limits.seconds * 1000,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limits.mebibytes * MEBIBYTE) {
        stop(`printed more than ${limits.mebibytes} MiB`);
      } else output.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-COMPLAINTS);
    });
    child.on('error', (error) => {
      failure ??= isNotFound(error)
        ? 'cannot be run: there is no such program'
        : `cannot be run: ${error.message}`;
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (signal) failure ??= `was ended by ${signal}`;
      else if (status !== 0) failure ??= `ended with status ${status}`;
      fulfil({ output: Buffer.concat(output), failure, complaints: said.trim() });
    });
  });

/** Runs each call once, however often it is asked for: files are read twice, and what they name should not change meanwhile. */
export function runOnce(run: RunProgram = runProgram): RunProgram {
  const ends = new Map<string, Promise<ProgramEnd>>();
  return (call) => {
    const key = JSON.stringify(call);
    const known = ends.get(key) ?? run(call);
    ends.set(key, known);
    return known;
  };
}

/** EACCES is what a search ends with that met a folder of PATH closed to this user. */
function isNotFound(error: Error): boolean {
  return 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES');
}
