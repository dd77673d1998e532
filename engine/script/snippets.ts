import { randomUUID } from 'node:crypto';
import type { Snippet } from '../contract/query.ts';
import { functionsFor } from './host_functions.ts';
import { quote } from './shell.ts';

/** Shell that says where state and lock of a host lie: for root, or for an account without root in its home. */
export const places = `if [ -w /var/lib ] && [ -w /run ]; then lava_play_state=/var/lib/lava-play lava_play_lock=/run/lava-play.lock
else lava_play_state=\${HOME:-/tmp}/.lava-play lava_play_lock=\${HOME:-/tmp}/.lava-play/lock; fi
`;

/** The functions that snippets of the script's own shell call; those of other users bring them along. */
export function ownFunctions(snippets: readonly Snippet[]): string {
  return functionsFor(
    snippets
      .filter(({ user, seconds }) => user === undefined && seconds === undefined)
      .map(({ script }) => script),
  );
}

/**
 * A snippet in a shell of its own, without standard input, as its user and within its time.
 *
 * `first` is what the script's own shell does before, in the process that the snippet then has.
 */
export function subshell(
  { script, user, seconds }: Snippet,
  redirect: string,
  first?: string,
): string {
  const lead = first === undefined ? '' : `${first}\n`;
  const plain = `(\n${script}\n) </dev/null`;
  if (user === undefined && seconds === undefined)
    return `(\n${lead}${script}\n) </dev/null ${redirect}`;
  const limit = seconds === undefined ? '' : `timeout -k 10 ${seconds} `;
  const shell = user === undefined ? 'sh -u' : `runuser -u ${quote(user)} -- sh`;
  const text = `${functionsFor([script])}${plain}`;
  const end = endFor(text);
  const other = [`${limit}${shell} ${redirect} <<'${end}'`, text, end].join('\n');
  return first === undefined ? other : `(\n${lead}${other}\n)`;
}

/** A line that ends a here-document with this text, and stands nowhere in it: what follows it would run as root. */
function endFor(text: string): string {
  let end = 'LAVA_PLAY_SNIPPET';
  while (text.includes(end)) end += '_';
  return end;
}

/** What the frames of a script end with: random, so that no output passes for it. */
export function newMark(): string {
  return `lava-play-${randomUUID()}`;
}
