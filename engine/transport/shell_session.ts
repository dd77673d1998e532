import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { asHostError, HostError } from '../contract/errors.ts';
import type { RunOptions } from '../contract/transport.ts';
import { type FrameReader, frameReader, frameScript } from './framed_output.ts';
import { within } from './patience.ts';
import { type Breach, type ScriptWatch, watchScript } from './script_watch.ts';
import type { Shell, ShellOptions } from './shell_options.ts';
import type { ShellEnd, ShellProcess } from './shell_process.ts';

interface Job {
  readonly reader: FrameReader;
  readonly output: string[];
  /** What came before the end is of use where answers were asked for. */
  readonly isQuery: boolean;
  readonly watch: ScriptWatch;
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
const patienceOnEnd = 15_000;

/** How many times as long as one answer a script of questions may take. */
const answersPerScript = 5;

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
  let firstOutput = '';
  let errorOutput = '';

  process.stdin.on('error', ignore);
  process.stdout.on('error', ignore).on('data', onStdout);
  process.stderr.on('error', ignore).on('data', onStderr);
  const isOver = process.ended.then((end) => breakOff((output) => endError(end, output)));

  function run(script: string, runOptions: RunOptions = {}): Promise<string> {
    const result = queue.then(() => start(script, runOptions));
    queue = result.catch(ignore);
    return result;
  }

  function start(
    script: string,
    { onOutput, timeout, deadline, answerEnd, stop }: RunOptions,
  ): Promise<string> {
    if (broken) return Promise.reject(broken(''));
    const { probeTimeout, scriptTimeout } = options;
    const isQuery = answerEnd !== undefined;
    const limits = {
      silence: timeout ?? options.timeout,
      whole: deadline ?? (isQuery ? probeTimeout * answersPerScript : scriptTimeout),
      answers: isQuery ? { end: answerEnd, seconds: probeTimeout } : undefined,
    };
    cost.scripts += 1;
    const scriptMark = `${mark}-${cost.scripts}`;
    return new Promise((resolve, reject) => {
      job = {
        reader: frameReader(scriptMark),
        output: [],
        isQuery,
        watch: watchScript(limits, (breach) => void endScript(breach)),
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
      process.stdin.write(bytes.subarray(start, start + pieceLength), () => job?.watch.sent());
  }

  /** Not before the script has begun: the shell would take it for a part of what it reads. */
  function askToStop(): void {
    if (!job?.stop?.aborted || job.reader.pid() === undefined || asked === job) return;
    asked = job;
    process.stdin.write('\n');
  }

  function onStdout(chunk: Buffer): void {
    cost.bytesReceived += chunk.length;
    job?.watch.received(chunk.length);
    const text = decoder.write(chunk);
    if (!begun) firstOutput = (firstOutput + text).slice(-keptErrorOutput);
    if (!job) return;
    try {
      read(text, job);
    } catch (error) {
      breakOff(() => asHostError(error, options.host));
      process.destroy();
    }
  }

  function read(text: string, { reader, output, watch, onOutput }: Job): void {
    const frame = reader.read(text);
    if (reader.pid() !== undefined) begun = true;
    askToStop();
    if (frame.text !== '') {
      output.push(frame.text);
      watch.printed(frame.text);
      onOutput?.(frame.text);
    }
    if (frame.done) takeJob()?.resolve(output.join(''));
  }

  function onStderr(chunk: Buffer): void {
    cost.bytesReceived += chunk.length;
    job?.watch.received(chunk.length);
    errorOutput = (errorOutput + chunk.toString()).slice(-keptErrorOutput);
  }

  function takeJob(): Job | undefined {
    const taken = job;
    job = undefined;
    taken?.watch.stop();
    taken?.stop?.removeEventListener('abort', askToStop);
    return taken;
  }

  function breakOff(breakage: Breakage): void {
    broken ??= breakage;
    const unfinished = takeJob();
    unfinished?.reject(broken(unfinished.output.join('')));
  }

  async function endScript(breach: Breach): Promise<void> {
    const ended = takeJob();
    if (!ended) return;
    const words = lastWords();
    const floods = 'bytes' in breach;
    let left = '';
    const untold = begun || floods ? undefined : options.silence(breach.seconds, firstOutput);
    broken = (output) =>
      untold ??
      breachError(breach, { host: options.host, begun, words: `${left}${words}`, output });
    const output = floods && !ended.isQuery ? '' : ended.output.join('');
    const pid = ended.reader.pid();
    if (pid !== undefined && !(await endTree(pid, ended, breach)))
      left = `; process ${pid} of it could not be ended and may still run there`;
    if (floods) await options.hangUp().catch(ignore);
    else process.destroy();
    ended.reject(broken(output));
  }

  /** Through the script's own channel where it listens, as a host may allow no second one. */
  async function endTree(pid: number, { stop }: Job, breach: Breach): Promise<boolean> {
    const script = options.endTreeScript(pid);
    if (stop) {
      process.stdin.write(`end\n${script}exit\n`);
      if (await within(patienceWithTree, isOver)) return true;
    }
    if ('bytes' in breach) process.destroy();
    const ending = options.runBeside(script).then(
      () => true,
      () => false,
    );
    return (await within(patienceOnEnd, ending)) && ending;
  }

  function endError(end: ShellEnd, output: string): HostError {
    const words = { output: firstOutput, errorOutput };
    const refused = begun ? undefined : options.refusal(end, words);
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
          hint: 'run the same command again: completed changes are not repeated',
        },
      );
    const how =
      end.signal !== undefined ? `was killed by ${end.signal}` : `ended with status ${end.status}`;
    return new HostError(
      'failed',
      'shell-ended',
      `${host}: the shell ${how} before the script ended${lastWords()}`,
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
    if (!busy) await within(patienceOnClose, isOver);
    process.destroy();
  }

  return { run, cost, close };
}

interface Circumstances {
  readonly host: string;
  readonly begun: boolean;
  readonly words: string;
  readonly output: string;
}

function breachError(breach: Breach, { host, begun, words, output }: Circumstances): HostError {
  if ('bytes' in breach) {
    const [what, hint] =
      breach.limit === 'output'
        ? ['a script', 'find out on the host what prints so much']
        : ['an answer', 'the file or the program behind it is too large for lava-play'];
    const message = `${host}: ${what} printed more than ${breach.bytes / 1024 / 1024} MiB and was stopped`;
    return new HostError('failed', 'too-much-output', message, { host, output, hint });
  }
  const { limit, seconds } = breach;
  const happened = begun
    ? {
        silence: `a script printed nothing for ${seconds} s and was stopped`,
        answer: `an answer was not complete after ${seconds} s, and its script was stopped`,
        whole: `a script did not finish within ${seconds} s and was stopped`,
      }[limit]
    : `the shell did not answer for ${seconds} s`;
  const hint = {
    silence: 'if a step may be silent for longer, raise command_timeout for this host',
    answer: 'if the host may take longer to answer, raise probe_timeout for it',
    whole:
      'if it may take longer, raise script_timeout for this host, or probe_timeout for its answers',
  }[limit];
  return new HostError('failed', 'timeout', `${host}: ${happened}${words}`, { host, output, hint });
}

function closedError(host: string, output: string): HostError {
  return new HostError('failed', 'session-closed', `${host}: the session was closed`, {
    host,
    output,
  });
}

function ignore(): void {}
