import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { HostError } from '../contract/errors.ts';
import type { RunOptions, SessionCost } from '../contract/transport.ts';
import { type FrameReader, frameReader, frameScript } from './framed_output.ts';
import { within } from './patience.ts';
import type { ShellEnd, ShellProcess } from './shell_process.ts';

/** One open shell that runs script after script. */
export interface Shell {
  run(script: string, options?: RunOptions): Promise<string>;
  readonly cost: SessionCost;
  close(): Promise<void>;
}

/** What an open shell must be told about its host. */
export interface ShellOptions {
  /** The host's name, for messages. */
  readonly host: string;
  /** Seconds without output after which a script counts as hung. */
  readonly timeout: number;
  /** Explains the end of a shell that never began to run scripts, when it was refused. */
  readonly refusal: (end: ShellEnd, errorOutput: string) => HostError | undefined;
  /** Shell that ends the shell with this process id and all its descendants, but for the one that runs it. */
  readonly endTreeScript: (pid: number) => string;
  /** Runs that beside the shell, on a channel of its own. */
  readonly runBeside: (script: string) => Promise<unknown>;
}

interface Job {
  readonly reader: FrameReader;
  readonly output: string[];
  readonly timer: NodeJS.Timeout;
  readonly onOutput: ((chunk: string) => void) | undefined;
  readonly stop: AbortSignal | undefined;
  readonly resolve: (output: string) => void;
  readonly reject: (error: Error) => void;
}

type Breakage = (output: string) => HostError;

const prelude = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
unset CDPATH ENV BASH_ENV LANGUAGE TMPDIR POSIXLY_CORRECT GREP_OPTIONS
umask 022
set -u
cd /
`;

const pieceLength = 64 * 1024;
const keptErrorOutput = 4096;
const patienceOnClose = 1_000;
const patienceWithTree = 10_000;

/**
 * Speaks with a shell that reads its commands from standard input, one round trip a script.
 *
 * A script is parsed as a whole before its first command runs, so neither a connection lost while it
 * is being sent nor a syntax error leaves half of it done. Its own standard input is empty.
 */
export function openShell(process: ShellProcess, options: ShellOptions): Shell {
  const mark = `lava-play-${randomUUID()}`;
  const decoder = new StringDecoder('utf8');
  const cost = { scripts: 0, bytesSent: 0, bytesReceived: 0 };
  let queue: Promise<unknown> = Promise.resolve();
  let job: Job | undefined;
  let asked: Job | undefined;
  let broken: Breakage | undefined;
  let begun = false;
  let errorOutput = '';

  process.stdin.on('error', ignore);
  process.stdout.on('error', ignore).on('data', onStdout);
  process.stderr.on('error', ignore).on('data', onStderr);
  const ended = process.ended.then((end) => breakOff((output) => endError(end, output)));

  function run(script: string, runOptions: RunOptions = {}): Promise<string> {
    const result = queue.then(() => start(script, runOptions));
    queue = result.catch(ignore);
    return result;
  }

  function start(script: string, { onOutput, timeout, stop }: RunOptions): Promise<string> {
    if (broken) return Promise.reject(broken(''));
    const seconds = timeout ?? options.timeout;
    cost.scripts += 1;
    const scriptMark = `${mark}-${cost.scripts}`;
    return new Promise((resolve, reject) => {
      job = {
        reader: frameReader(scriptMark),
        output: [],
        timer: setTimeout(() => void endHung(seconds), seconds * 1000),
        onOutput,
        stop,
        resolve,
        reject,
      };
      stop?.addEventListener('abort', askToStop);
      const frame = frameScript(script, scriptMark, stop ? 'listens' : 'deaf');
      send(`${cost.scripts === 1 ? prelude : ''}${frame}`);
    });
  }

  function send(text: string): void {
    const bytes = Buffer.from(text);
    cost.bytesSent += bytes.length;
    for (let start = 0; start < bytes.length; start += pieceLength)
      process.stdin.write(bytes.subarray(start, start + pieceLength), showLife);
  }

  /** Not before the script has begun: the shell would take it for a part of what it reads. */
  function askToStop(): void {
    if (!job?.stop?.aborted || job.reader.pid() === undefined || asked === job) return;
    asked = job;
    process.stdin.write('\n');
  }

  function onStdout(chunk: Buffer): void {
    cost.bytesReceived += chunk.length;
    showLife();
    const text = decoder.write(chunk);
    if (!job) return;
    const { reader, output, onOutput } = job;
    const frame = reader.read(text);
    if (reader.pid() !== undefined) begun = true;
    askToStop();
    if (frame.text !== '') {
      output.push(frame.text);
      onOutput?.(frame.text);
    }
    if (frame.done) takeJob()?.resolve(output.join(''));
  }

  function onStderr(chunk: Buffer): void {
    cost.bytesReceived += chunk.length;
    showLife();
    errorOutput = (errorOutput + chunk.toString()).slice(-keptErrorOutput);
  }

  function showLife(): void {
    job?.timer.refresh();
  }

  function takeJob(): Job | undefined {
    const taken = job;
    job = undefined;
    clearTimeout(taken?.timer);
    taken?.stop?.removeEventListener('abort', askToStop);
    return taken;
  }

  function breakOff(breakage: Breakage): void {
    broken ??= breakage;
    const unfinished = takeJob();
    unfinished?.reject(broken(unfinished.output.join('')));
  }

  async function endHung(seconds: number): Promise<void> {
    const hung = takeJob();
    if (!hung) return;
    const words = lastWords();
    let left = '';
    broken = (output) => hangError(seconds, `${left}${words}`, output);
    const pid = hung.reader.pid();
    if (pid !== undefined && !(await endTree(pid, hung)))
      left = `; process ${pid} of it could not be ended and may still run there`;
    process.destroy();
    hung.reject(broken(hung.output.join('')));
  }

  /** Through the script's own channel where it listens, as a host may allow no second one. */
  async function endTree(pid: number, { stop }: Job): Promise<boolean> {
    const script = options.endTreeScript(pid);
    if (stop) {
      process.stdin.write(`end\n${script}exit\n`);
      if (await within(patienceWithTree, ended)) return true;
    }
    return options.runBeside(script).then(
      () => true,
      () => false,
    );
  }

  function hangError(seconds: number, words: string, output: string): HostError {
    const happened = begun
      ? `a script printed nothing for ${seconds} s and was stopped`
      : `the shell did not answer for ${seconds} s`;
    return new HostError('failed', 'timeout', `${options.host}: ${happened}${words}`, {
      host: options.host,
      output,
      hint: 'when a step may be silent for longer, raise command_timeout for this host',
    });
  }

  function endError(end: ShellEnd, output: string): HostError {
    const refused = begun ? undefined : options.refusal(end, errorOutput);
    if (refused) return refused;
    const { host } = options;
    if (end.lost !== undefined)
      return new HostError(
        'unreachable',
        'connection-lost',
        `${host}: the connection was lost: ${end.lost}`,
        {
          host,
          output,
          hint: 'run the same command again: what was done already is left as it is',
        },
      );
    const how =
      end.signal !== undefined ? `was killed by ${end.signal}` : `ended with status ${end.status}`;
    return new HostError(
      'failed',
      'shell-ended',
      `${host}: the shell ${how} before the script was done${lastWords()}`,
      { host, output },
    );
  }

  function lastWords(): string {
    const line = errorOutput.trimEnd().split('\n').at(-1)?.trim();
    return line ? `: ${line}` : '';
  }

  async function close(): Promise<void> {
    const busy = job !== undefined;
    breakOff((output) => closedError(options.host, output));
    process.stdin.end();
    if (!busy) await within(patienceOnClose, ended);
    process.destroy();
  }

  return { run, cost, close };
}

function closedError(host: string, output: string): HostError {
  return new HostError('failed', 'session-closed', `${host}: the session was closed`, {
    host,
    output,
  });
}

function ignore(): void {}
