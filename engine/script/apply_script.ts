import type { Snippet } from '../contract/query.ts';
import { type Handler, NOT_NOW } from '../contract/resource.ts';
import { entryOf, entryText, FORMAT, type PendingHandler } from './ledger.ts';
import { type Holder, type LockEvent, lockEvent, lockFunctions } from './lock.ts';
import { quote } from './shell.ts';
import { newMark, ownFunctions, places, subshell } from './snippets.ts';
import { makesScratch, SWEEP } from './sweep.ts';

/** An item of an apply, in the order in which they run: steps, and handlers before and after them. */
export type ScriptItem = StepItem | HandlerItem;

/** Runs unless a step before it failed. */
export interface StepItem {
  readonly kind: 'step';
  readonly snippet: Snippet;
  /** Handlers to write down as pending before it runs. */
  readonly notifies: readonly Handler[];
  /** Ids of handlers that it makes superfluous when it succeeds. */
  readonly settles: readonly string[];
  /** Ids of handlers that are due once it has succeeded. */
  readonly causes: readonly string[];
  /** Lines for the manifest of the run, written down before it runs. */
  readonly records?: readonly string[];
}

/**
 * Runs where it is due, whatever became of the items before it.
 *
 * It may say "not now"; then, and when it fails, it stays pending and the script goes on.
 */
export interface HandlerItem {
  readonly kind: 'handler';
  readonly id: string;
  readonly snippet: Snippet;
  /** Ids of pending handlers to strike off when it has succeeded: its own, and those that it covers. */
  readonly settles: readonly string[];
  /** Ids of greater handlers: while one of them is due, this one is left to it. */
  readonly coveredBy: readonly string[];
}

/** The handlers that are to run, whatever the steps do. */
export interface HandlersLeft {
  /** Entries that the host was found to have. */
  readonly pendingHandlers: readonly PendingHandler[];
  /** Ids of handlers that are due before the first step. */
  readonly due: readonly string[];
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
  | LockEvent
  | { readonly type: 'stopped' };

/** An apply as one script, and the reader of what it prints. */
export interface ApplyScript {
  readonly script: string;
  /** Takes output as it arrives; returns what it says that is new. */
  read(chunk: string): readonly ScriptEvent[];
}

/**
 * Packs steps and handlers into one script that locks the host, runs them in order, and unlocks.
 *
 * The first step that fails ends the steps; handlers that are due by then run all the same. A step
 * that finds a thing no longer as planned, and a wish to stop, end everything: what is due stays pending.
 * The whole body is made of shell functions: a connection lost while it is being sent runs nothing.
 * An empty line on descriptor 9, where that is open, asks it to stop; see `Session.run`.
 * Pending handlers lie in `/var/lib/lava-play/owed`, one file each, and are synced to disk before the
 * item that causes them, so that no crash can lose a restart.
 */
export function applyScript(
  items: readonly ScriptItem[],
  holder: Holder,
  { pendingHandlers, due }: HandlersLeft = { pendingHandlers: [], due: [] },
  mark = newMark(),
): ApplyScript {
  const handlers = new Set(items.flatMap((item) => (item.kind === 'handler' ? [item.id] : [])));
  const flags = new Map([...handlers].map((id, i) => [id, `lp_due_${i}`]));
  const flagsOf = (ids: readonly string[]): readonly string[] =>
    ids.flatMap((id) => flags.get(id) ?? []);
  const set = (ids: readonly string[], to: 'yes' | ''): readonly string[] =>
    flagsOf(ids).map((flag) => `${flag}=${to}`);
  const strikeOff = (ids: readonly string[]): readonly string[] => {
    const found = pendingHandlers.filter(({ id }) => ids.includes(id)).map(({ entry }) => entry);
    const files = [...new Set([...ids.map(entryOf), ...found])];
    if (files.length === 0) return [];
    return [`rm -f ${files.map((file) => `"$lava_play_state/owed/"${quote(file)}`).join(' ')}`];
  };

  const scratching = items.findIndex(
    ({ kind, snippet }) => kind === 'step' && makesScratch(snippet.script),
  );
  const stepLines = (
    { snippet, notifies, settles, causes, records = [] }: StepItem,
    i: number,
  ): readonly string[] => [
    `lp_begin ${i} || return ${NOT_NOW}`,
    ...(i === scratching ? ['lp_scratches=yes'] : []),
    ...(i === scratching ? [SWEEP, ...notifies] : notifies).map(
      (handler) =>
        `lp_owe ${entryOf(handler.id)} ${entryText(handler, holder.text)} 2>&1 || { lp_end ${i} 1; return 1; }`,
    ),
    ...(records.length > 0
      ? [`lp_record ${quote(records.join('\n'))} 2>&1 || { lp_end ${i} 1; return 1; }`]
      : []),
    subshell(snippet, '2>&1', 'lp_note'),
    `lp_end ${i} $? || return`,
    ...strikeOff(settles),
    ...set(settles, ''),
    ...set(causes, 'yes'),
  ];
  const handlerLines = (item: HandlerItem, i: number): readonly string[] => {
    const { id, snippet, settles, coveredBy } = item;
    const greater = flagsOf(coveredBy).map((flag) => `$${flag}`);
    return [
      `if [ -n "$${flags.get(id)}" ] && [ -z "${greater.join('')}" ]; then`,
      `lp_begin ${i} || return 0`,
      subshell(snippet, '2>&1', 'lp_note'),
      `lp_end ${i} $?`,
      'case $? in',
      `0) ${[...strikeOff(settles), ...set(settles, '')].join('; ')} ;;`,
      `${NOT_NOW}) ${set([id], '').join('')} ;;`,
      'esac',
      'fi',
    ];
  };

  const body = items.map((item, i) =>
    (item.kind === 'step' ? stepLines(item, i) : handlerLines(item, i)).join('\n'),
  );
  const first = items.findIndex(({ kind }) => kind === 'step');
  const last = items.findLastIndex(({ kind }) => kind === 'step');
  const steps = first === -1 ? [] : body.slice(first, last + 1);
  const script = [
    `lp_mark=${mark}`,
    `lava_play_run=${quote(holder.run)}`,
    `lp_holder=${Buffer.from(holder.text).toString('base64')}`,
    `lp_head=${quote(manifestHead(holder))}`,
    places,
    `lava_play_kick=${holder.inUse === 'kick' ? 'yes' : 'no'}`,
    'export lava_play_run lava_play_state lava_play_kick',
    machinery,
    'lp_steps() {',
    ...(steps.length > 0 ? steps : [':']),
    '}',
    ownFunctions(items.map(({ snippet }) => snippet)),
    'lp_main() {',
    ...[...flags.values()].map((flag) => `${flag}=`),
    ...set(due, 'yes'),
    ...body.slice(0, Math.max(first, 0)),
    'lp_steps',
    `[ $? -ne ${NOT_NOW} ] || return 0`,
    ...body.slice(last + 1),
    '}',
    'lp_scratches=',
    'lp_sweep() {',
    '[ -n "$lp_scratches" ] || return 0',
    subshell(SWEEP, '>/dev/null 2>&1', 'lp_note'),
    ...strikeOff([SWEEP.id]),
    '}',
    'if lp_lock; then lp_listen; lp_main; lp_sweep; lp_unlock; fi',
    '',
  ].join('\n');
  return { script, read: reader(mark) };
}

/** The file beside the texts that a run has replaced: one JSON object a line, see docs/compatibility.md. */
const MANIFEST = 'manifest.jsonl';

function manifestHead({ run, text }: Holder): string {
  return JSON.stringify({ format: 1, run, by: text });
}

/** Of how many runs a host keeps the backups. */
const KEPT_RUNS = 30;

const machinery = `${lockFunctions}lp_lock() {
  lp_stop=$lava_play_lock.stop-$lava_play_run
  if [ ! -d "$lava_play_state/owed" ]; then
    mkdir -p -m 700 "$lava_play_state" "$lava_play_state/owed"
    lp_sync "$lava_play_state" "\${lava_play_state%/*}"
  fi 2>/dev/null
  if [ ! -w "$lava_play_state" ] || [ ! -w "$lava_play_state/owed" ]; then
    lp_at=$(lp_full)
    if [ -n "$lp_at" ]; then lp_say "full $lp_at"; else lp_say "unwritable $lava_play_state"; fi
    return 1
  fi
  lp_take || return 1
  [ -s "$lava_play_state/format" ] || echo ${FORMAT} > "$lava_play_state/format"
  lp_number
}
lp_number() {
  lp_last=r10000000
  for lp_any in "$lava_play_state"/backup/r[1-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-*; do
    case $lp_any in */r????????-"$lava_play_run") lava_play_run=\${lp_any##*/}; return ;; esac
    if [ -d "$lp_any" ]; then lp_last=\${lp_any##*/}; fi
  done
  lp_last=\${lp_last%%-*}
  lava_play_run=r$((\${lp_last#r} + 1))-$lava_play_run
}
lp_unlock() {
  set -- "$lava_play_state/backup"/*
  while [ $# -gt ${KEPT_RUNS} ]; do
    [ "\${1##*/}" = "$lava_play_run" ] || rm -rf "$1"
    shift
  done
  if [ -n "$lp_ear" ]; then kill "$lp_ear" 2>/dev/null; wait "$lp_ear"; fi
  lp_free
}
lp_listen() {
  lp_ear=
  [ -e /proc/self/fd/9 ] || return 0
  (
    while read -r lp_word <&9; do
      [ -z "$lp_word" ] || exec sh <&9
      : > "$lp_stop"
    done
    kill -0 $$ && echo gone > "$lp_stop"
  ) </dev/null >/dev/null 2>&1 &
  lp_ear=$!
  exec 9<&-
}
lp_sync() { sync "$@" 2>/dev/null || sync; }
lp_owe() {
  printf '%s\\n' "$2" > "$lava_play_state/owed/.$1" &&
  lp_sync "$lava_play_state/owed/.$1" &&
  mv -f "$lava_play_state/owed/.$1" "$lava_play_state/owed/$1" &&
  lp_sync "$lava_play_state/owed"
}
lp_record() {
  lp_manifest=$lava_play_state/backup/$lava_play_run/${MANIFEST}
  if [ ! -s "$lp_manifest" ]; then
    (umask 077; mkdir -p "\${lp_manifest%/*}" && printf '%s\\n' "$lp_head" > "$lp_manifest") || return
  fi
  printf '%s\\n' "$1" >> "$lp_manifest" && lp_sync "$lp_manifest"
}
lp_say() { [ -s "$lp_stop" ] || printf '\\n%s %s\\n' "$lp_mark" "$1"; }
lp_begin() {
  if [ -e "$lp_stop" ]; then lp_say stopped; return 1; fi
  lp_say "started $1"
}
lp_full() {
  { df -P "\${lava_play_state%/*}" /etc /tmp /run; df -Pi "\${lava_play_state%/*}" /etc /tmp /run; } 2>/dev/null |
    while read -r lp_any lp_any lp_any lp_left lp_used lp_at; do
      if [ "$lp_left $lp_used" = '0 100%' ]; then printf '%s\\n' "$lp_at"; break; fi
    done
}
lp_end() {
  if [ "$2" -ne 0 ]; then
    lp_at=$(lp_full)
    [ -z "$lp_at" ] || echo "No space left on device: the file system $lp_at is full"
  fi
  lp_say "finished $1 $2"
  return "$2"
}`;

function reader(mark: string): (chunk: string) => readonly ScriptEvent[] {
  const line = new RegExp(`\\n${mark} (\\w+) ?([^\\n]*)\\n`);
  /** Output of the running item in which no event can begin any more, so that no chunk is looked at twice. */
  let said: string[] = [];
  let rest = '';
  return (chunk) => {
    rest += chunk;
    const events: ScriptEvent[] = [];
    for (let match = line.exec(rest); match; match = line.exec(rest)) {
      const [all, word = '', about = ''] = match;
      const [first, second] = about.split(' ').map(Number);
      const lock = lockEvent(word, about);
      if (lock) events.push(lock);
      if (word === 'started') events.push({ type: 'started', item: Number(first) });
      if (word === 'stopped') events.push({ type: 'stopped' });
      if (word === 'finished')
        events.push({
          type: 'finished',
          item: Number(first),
          status: Number(second),
          output: said.join('') + rest.slice(0, match.index),
        });
      said = [];
      rest = rest.slice(match.index + all.length);
    }
    const lineBegin = `\n${mark}`;
    const last = rest.lastIndexOf('\n');
    const open = last < 0 ? '' : rest.slice(last);
    const mayBegin = open.startsWith(lineBegin) || lineBegin.startsWith(open);
    const kept = mayBegin ? open : '';
    said.push(rest.slice(0, rest.length - kept.length));
    rest = kept;
    return events;
  };
}
