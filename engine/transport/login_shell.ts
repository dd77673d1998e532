import { HostError } from '../contract/errors.ts';
import type { Connection } from '../contract/transport.ts';

/** What the login shell of the account prints once it runs the command that it was given. */
const RUNS = 'lava-play: the login shell runs the command';

/** A command line that tells the login shell, which may be any, from what the command does itself. */
export function toldBy(command: string): string {
  return `echo ${RUNS}; exec ${command}`;
}

/** Explains why nothing happened where the login shell never came to the command; `happened` is what it did instead. */
export function loginShellTrouble(
  { name: host, user }: Connection,
  output: string,
  happened: string,
): HostError | undefined {
  if (output.includes(RUNS)) return undefined;
  const isEcho = output.includes(`printf '%s begin`);
  const words = isEcho
    ? 'it repeats what it is sent'
    : (output.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? '');
  const message = `${host}: the login shell of ${user} ${happened} and did not run the command${words === '' ? '' : `: ${words}`}`;
  return new HostError('unreachable', 'login-shell', message, {
    ...{ host, output },
    hint: `its shell must be one that runs commands (getent passwd ${user}; usermod --shell /bin/bash ${user}), and its start files, such as .bashrc, must neither exit nor exec nor wait when it is not interactive`,
  });
}
