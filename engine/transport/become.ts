import { randomUUID } from 'node:crypto';
import type { HostCode } from '../contract/codes.ts';
import { HostError } from '../contract/errors.ts';
import type { Connection } from '../contract/transport.ts';
import { loginShellTrouble, toldBy } from './login_shell.ts';
import type { Machine } from './machine.ts';
import type { FirstWords } from './shell_options.ts';
import type { ShellEnd, ShellProcess } from './shell_process.ts';

/** Characters of what sudo says that are kept. */
const longestTalk = 64 * 1024;

/** Starts the shell that runs the scripts: as root when the connection says so. */
export async function startRootShell(
  connection: Connection,
  machine: Machine,
): Promise<ShellProcess> {
  if (connection.become === 'no') return machine.start(toldBy('sh'));
  if (connection.becomePassword === undefined)
    return machine.start(toldBy('env LC_ALL=C sudo -n -H -- sh'));
  const prompt = `lava-play-${randomUUID()}`;
  const ready = `lava-play-${randomUUID()}`;
  const process = await machine.start(
    toldBy(`env LC_ALL=C sudo -S -H -p ${prompt} -- sh -c 'echo ${ready}; exec sh'`),
  );
  await answerSudo(process, { connection, prompt, ready, password: connection.becomePassword });
  return process;
}

interface Query {
  readonly connection: Connection;
  readonly prompt: string;
  readonly ready: string;
  readonly password: string;
}

/**
 * Gives sudo the password when it asks, and only then.
 *
 * Where sudo asks nothing (NOPASSWD, or an answer it remembers) a password written ahead would reach
 * the root shell as a command.
 */
function answerSudo(process: ShellProcess, question: Query): Promise<void> {
  const { connection, prompt, ready, password } = question;
  return new Promise((resolve, reject) => {
    let output = '';
    let errorOutput = '';
    let asked = 0;
    let over = false;

    const timer = setTimeout(() => {
      const { connectTimeout } = connection;
      const silent = sudoError(
        connection,
        'sudo-silent',
        `sudo neither started a shell nor asked for the password within ${connectTimeout} s`,
        errorOutput,
        'its PAM set-up may ask for something else; log in by hand and run: sudo -S true',
      );
      const waited = `waited for ${connectTimeout} s`;
      refuse(loginShellTrouble(connection, output, waited) ?? silent);
    }, connection.connectTimeout * 1000);
    process.stdin.on('error', ignore);
    process.stdout.on('data', onOutput);
    process.stderr.on('data', onErrorOutput);
    void process.ended.then((end) => refuse(explain(connection, end, { output, errorOutput })));

    function onOutput(chunk: Buffer): void {
      output = (output + chunk.toString('latin1')).slice(-longestTalk);
      if (!output.includes(`${ready}\n`)) return;
      settle();
      resolve();
    }

    function onErrorOutput(chunk: Buffer): void {
      errorOutput = (errorOutput + chunk.toString()).slice(-longestTalk);
      const prompts = errorOutput.split(prompt).length - 1;
      if (prompts === asked) return;
      asked = prompts;
      if (asked === 1) process.stdin.write(`${password}\n`);
      else refuse(wrongPassword(connection, errorOutput));
    }

    function refuse(error: HostError): void {
      if (over) return;
      settle();
      process.destroy();
      reject(error);
    }

    function settle(): void {
      over = true;
      clearTimeout(timer);
      process.stdout.off('data', onOutput);
      process.stderr.off('data', onErrorOutput);
    }
  });
}

/** Explains why a shell never began to run scripts, when the login shell or sudo was the reason. */
export function refusedShell(
  connection: Connection,
  end: ShellEnd,
  words: FirstWords,
): HostError | undefined {
  if (end.lost !== undefined) return undefined;
  if (connection.become === 'no') return ofLoginShell(connection, end, words);
  return explain(connection, end, words);
}

function ofLoginShell(
  connection: Connection,
  end: ShellEnd,
  { output, errorOutput }: FirstWords,
): HostError | undefined {
  return loginShellTrouble(connection, `${output}${errorOutput}`, `ended with ${howIt(end)}`);
}

function howIt({ signal, status }: ShellEnd): string {
  return signal ?? `status ${status}`;
}

function explain(connection: Connection, end: ShellEnd, words: FirstWords): HostError {
  const { user } = connection;
  const { errorOutput } = words;
  if (end.lost !== undefined)
    return new HostError(
      'unreachable',
      'connection-lost',
      `${connection.name}: the connection was lost while sudo started: ${end.lost}`,
      { host: connection.name, output: errorOutput },
    );
  const untold = ofLoginShell(connection, end, words);
  if (untold) return untold;
  if (/incorrect password attempt|Sorry, try again|Authentication failure/.test(errorOutput))
    return wrongPassword(connection, errorOutput);
  if (/password is required|terminal is required|no tty present|askpass/.test(errorOutput))
    return sudoError(
      connection,
      'sudo-password-needed',
      `sudo asks ${user} for a password, but none is set`,
      errorOutput,
      `set become_password for this host, or allow ${user} to use sudo without one (NOPASSWD)`,
    );
  if (/not in the sudoers|may not run sudo|is not allowed to/.test(errorOutput))
    return sudoError(
      connection,
      'sudo-not-allowed',
      `${user} may not become root with sudo`,
      errorOutput,
      `add ${user} to the group sudo on the host, or log in as another user`,
    );
  if (/must have a tty/.test(errorOutput))
    return sudoError(
      connection,
      'sudo-needs-terminal',
      'sudo on the host requires a terminal',
      errorOutput,
      `remove the requiretty option from /etc/sudoers for ${user}`,
    );
  if (end.status === 127 || /sudo\W.*(not found|No such file)/.test(errorOutput))
    return sudoError(
      connection,
      'sudo-missing',
      'sudo is not installed on the host',
      errorOutput,
      'install sudo there, or log in as root and set become: false',
    );
  const reason = errorOutput.trim().split('\n').at(-1) ?? '';
  return sudoError(
    connection,
    'sudo-failed',
    `sudo ended with ${howIt(end)}${reason === '' ? '' : `: ${reason}`}`,
    errorOutput,
  );
}

function wrongPassword(connection: Connection, errorOutput: string): HostError {
  return sudoError(
    connection,
    'sudo-password-wrong',
    `sudo refused the password of ${connection.user}`,
    errorOutput.replaceAll(/lava-play-[0-9a-f-]{36}/g, ''),
    'correct become_password for this host',
  );
}

function sudoError(
  connection: Connection,
  code: HostCode,
  message: string,
  output: string,
  hint?: string,
): HostError {
  const { name: host } = connection;
  return new HostError('unreachable', code, `${host}: ${message}`, { host, output, hint });
}

function ignore(): void {}
