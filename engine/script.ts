import { randomUUID } from 'node:crypto';
import { functionsFor } from './host_functions.ts';
import { NOT_NOW, type Reaction } from './resource.ts';
import { quote } from './shell.ts';

/** Shell snippets packed into one script, and the way to take their answers apart again. */
export interface Batch {
  readonly script: string;
  split(output: string): readonly Answer[];
}

/** What one snippet printed, and its exit status. */
export interface Answer {
  readonly output: string;
  readonly status: number;
}

/** A snippet, and the user it runs as when that is not root. */
export interface Snippet {
  readonly script: string;
  readonly user?: string | undefined;
}

/**
 * Packs snippets so that a host answers all of them in one round trip.
 *
 * Each runs in its own subshell with no standard input, because the script itself arrives there.
 */
export function batch(snippets: readonly Snippet[], mark = newMark()): Batch {
  const frames = snippets.map(
    (snippet) => `${subshell(snippet, '2>/dev/null')}\nprintf '\\n%s %d\\n' "$lp_mark" $?`,
  );
  const end = new RegExp(`\\n${mark} (\\d+)\\n`, 'g');
  return {
    script: `lp_mark=${mark}\n${places}${ownFunctions(snippets)}${frames.join('\n')}\n`,
    split(output) {
      const answers: Answer[] = [];
      let start = 0;
      for (const match of output.matchAll(end)) {
        answers.push({ output: output.slice(start, match.index), status: Number(match[1]) });
        start = match.index + match[0].length;
      }
      return answers;
    },
  };
}

/** One snippet with its error output kept: how a failed question is asked again for the host's own words. */
export function withErrors(snippet: Snippet): string {
  return `${places}${ownFunctions([snippet])}${subshell(snippet, '2>&1')}\n`;
}

/** A step or a reaction of an apply, in the order in which it runs. */
export interface ScriptItem {
  readonly snippet: Snippet;
  /** A reaction may say "not now": the script goes on, and what it would settle stays owed. */
  readonly kind: 'step' | 'reaction';
  /** Reactions to write down as owed before the item runs. */
  readonly owes: readonly Reaction[];
  /** Ids of owed reactions to strike off when the item has succeeded. */
  readonly settles: readonly string[];
}

/** Who runs the apply and when, for the lock that others meet. */
export interface Holder {
  /** `admin@laptop since 2026-01-31T10:00:00Z`. */
  readonly text: string;
  /** Unique name of the run, safe as a file name; also the name of its backup folder. */
  readonly run: string;
  /** Whether reactions may cut somebody off. */
  readonly inUse: 'wait' | 'kick';
}

/** What an apply script says while it runs. */
export type ScriptEvent =
  | { readonly type: 'started'; readonly item: number }
  | {
      readonly type: 'finished';
      readonly item: number;
      readonly status: number;
      readonly output: string;
    }
  | { readonly type: 'locked'; readonly holder: string }
  | { readonly type: 'stopped' };

/** An apply as one script, and the reader of what it prints. */
export interface ApplyScript {
  readonly script: string;
  /** Takes output as it arrives; returns what it says that is new. */
  read(chunk: string): readonly ScriptEvent[];
}

/**
 * Packs steps and reactions into one script that locks the host, runs them in order, stops at the
 * first that fails, and unlocks.
 *
 * The whole body is one shell function: a connection lost while it is being sent runs nothing.
 * Owed reactions lie in `/var/lib/lava-play/owed`, one file each, and are synced to disk before the
 * item that causes them, so that no crash can lose a restart.
 */
export function applyScript(
  items: readonly ScriptItem[],
  holder: Holder,
  mark = newMark(),
): ApplyScript {
  const body = items.map(({ snippet, kind, owes, settles }, i) =>
    [
      `lp_begin ${i} || return 0`,
      ...owes.map(
        (reaction) =>
          `lp_owe ${owedName(reaction.id)} ${owedText(reaction, holder)} 2>&1 || { lp_end ${i} 1; return 0; }`,
      ),
      subshell(snippet, '2>&1'),
      `lp_end ${i} $?`,
      'lp_status=$?',
      kind === 'reaction'
        ? `if [ $lp_status -ne 0 ] && [ $lp_status -ne ${NOT_NOW} ]; then return 0; fi`
        : 'if [ $lp_status -ne 0 ]; then return 0; fi',
      ...settles.map(
        (id) => `[ $lp_status -ne 0 ] || rm -f "$lava_play_state/owed/${owedName(id)}"`,
      ),
    ].join('\n'),
  );
  const script = [
    `lp_mark=${mark}`,
    `lava_play_run=${quote(holder.run)}`,
    `lp_holder=${Buffer.from(holder.text).toString('base64')}`,
    places,
    `lava_play_kick=${holder.inUse === 'kick' ? 'yes' : 'no'}`,
    'export lava_play_run lava_play_state lava_play_kick',
    machinery,
    ownFunctions(items.map(({ snippet }) => snippet)),
    'lp_main() {',
    'lp_lock || return 0',
    ...body,
    '}',
    'lp_main',
    'lp_unlock',
    '',
  ].join('\n');
  return { script, read: reader(mark) };
}

/** The command that asks a running apply of this run to stop before its next item. */
export function stopCommand(run: string): string {
  return `${places}: > "$lava_play_lock.stop-"${quote(run)}`;
}

/** Snippet that prints what is owed and who holds the lock; for every plan. */
export const ledgerProbe = `${'if [ -L "$lava_play_lock" ]; then printf "lock %s\\n" "$(readlink "$lava_play_lock")"; fi'}
for lp_file in "$lava_play_state"/owed/*; do if [ -f "$lp_file" ]; then printf 'owed '; cat "$lp_file"; fi; done
`;

/** What an earlier run left on a host. */
export interface Ledger {
  readonly owed: readonly OwedReaction[];
  /** The holder of the lock, dead or alive, as it wrote itself down. */
  readonly lockedBy?: string | undefined;
}

/** A reaction that an earlier run wrote down and did not get to. */
export interface OwedReaction extends Reaction {
  readonly since: string;
}

/** Reads what `ledgerProbe` printed. */
export function parseLedger(output: string): Ledger {
  const owed: OwedReaction[] = [];
  let lockedBy: string | undefined;
  for (const line of output.split('\n')) {
    const [word, rest = ''] = line.split(' ');
    if (word === 'owed') owed.push(JSON.parse(Buffer.from(rest, 'base64').toString()));
    if (word === 'lock') lockedBy = Buffer.from(rest.split(':')[2] ?? '', 'base64').toString();
  }
  return { owed, lockedBy };
}

const places = `if [ -w /var/lib ] && [ -w /run ]; then lava_play_state=/var/lib/lava-play lava_play_lock=/run/lava-play.lock
else lava_play_state=\${HOME:-/tmp}/.lava-play lava_play_lock=\${HOME:-/tmp}/.lava-play/lock; fi
`;

const machinery = `lp_start_time() {
  lp_stat=0; { read -r lp_stat < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${lp_stat##*) }; [ "$1" != Z ] && printf %s "\${20}"
}
lp_lock() {
  mkdir -p -m 700 "$lava_play_state" "$lava_play_state/owed"
  lp_self="$$:$(lp_start_time $$):$lp_holder"
  if ! ln -s "$lp_self" "$lava_play_lock" 2>/dev/null; then
    lp_other=$(readlink "$lava_play_lock") || lp_other=0:0:
    lp_pid=\${lp_other%%:*}; lp_rest=\${lp_other#*:}
    if [ "$(lp_start_time "$lp_pid" || :)" = "\${lp_rest%%:*}" ] || ! mkdir "$lava_play_lock.takeover" 2>/dev/null; then
      printf '\\n%s locked %s\\n' "$lp_mark" "\${lp_rest#*:}"; return 1
    fi
    rm -f "$lava_play_lock"; ln -s "$lp_self" "$lava_play_lock"; lp_status=$?
    rmdir "$lava_play_lock.takeover"
    if [ $lp_status != 0 ]; then printf '\\n%s locked %s\\n' "$lp_mark" "\${lp_rest#*:}"; return 1; fi
  fi
  return 0
}
lp_unlock() {
  ls -1 "$lava_play_state/backup" 2>/dev/null | head -n -30 | while read -r lp_old; do rm -rf "$lava_play_state/backup/$lp_old"; done
  if [ "$(readlink "$lava_play_lock" 2>/dev/null)" = "$lp_self" ]; then rm -f "$lava_play_lock" "$lava_play_lock.stop-$lava_play_run"; fi
}
lp_owe() {
  printf '%s\\n' "$2" > "$lava_play_state/owed/.$1" &&
  { sync "$lava_play_state/owed/.$1" 2>/dev/null || sync; } &&
  mv -f "$lava_play_state/owed/.$1" "$lava_play_state/owed/$1"
}
lp_begin() {
  if [ -e "$lava_play_lock.stop-$lava_play_run" ]; then printf '\\n%s stopped\\n' "$lp_mark"; return 1; fi
  printf '\\n%s started %s\\n' "$lp_mark" "$1"
}
lp_end() { printf '\\n%s finished %s %s\\n' "$lp_mark" "$1" "$2"; return "$2"; }`;

/** The functions that snippets of the script's own shell call; those of other users bring them along. */
function ownFunctions(snippets: readonly Snippet[]): string {
  return functionsFor(
    snippets.filter(({ user }) => user === undefined).map(({ script }) => script),
  );
}

function subshell({ script, user }: Snippet, redirect: string): string {
  if (user === undefined) return `(\n${script}\n) </dev/null ${redirect}`;
  return [
    `runuser -u ${quote(user)} -- sh ${redirect} <<'LAVA_PLAY_AS_USER'`,
    `${functionsFor([script])}(\n${script}\n) </dev/null`,
    'LAVA_PLAY_AS_USER',
  ].join('\n');
}

function reader(mark: string): (chunk: string) => readonly ScriptEvent[] {
  const line = new RegExp(`\\n${mark} (\\w+) ?(\\S*) ?(\\S*)\\n`);
  let rest = '';
  return (chunk) => {
    rest += chunk;
    const events: ScriptEvent[] = [];
    for (let match = line.exec(rest); match; match = line.exec(rest)) {
      const [all, word, first = '', second = ''] = match;
      if (word === 'started') events.push({ type: 'started', item: Number(first) });
      if (word === 'stopped') events.push({ type: 'stopped' });
      if (word === 'locked')
        events.push({ type: 'locked', holder: Buffer.from(first, 'base64').toString() });
      if (word === 'finished')
        events.push({
          type: 'finished',
          item: Number(first),
          status: Number(second),
          output: rest.slice(0, match.index),
        });
      rest = rest.slice(match.index + all.length);
    }
    return events;
  };
}

function owedName(id: string): string {
  return Buffer.from(id).toString('base64url').slice(0, 200);
}

function owedText(reaction: Reaction, holder: Holder): string {
  const owed: OwedReaction = { ...reaction, since: holder.text };
  return Buffer.from(JSON.stringify(owed)).toString('base64');
}

function newMark(): string {
  return `lava-play-${randomUUID()}`;
}
