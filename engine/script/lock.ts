import { quote } from './shell.ts';
import { newMark, places } from './snippets.ts';

/** Who runs the apply and when, for the lock that others meet. */
export interface Holder {
  /** `admin@laptop since 2026-01-31T10:00:00Z (lava-play apply lab.yaml)`. */
  readonly text: string;
  /** Unique name of the run, safe as a file name; also part of the name of its backup folder. */
  readonly run: string;
  /** Whether handlers may cut somebody off. */
  readonly inUse: 'wait' | 'kick';
}

/** Who holds the lock of a host, as a run that found it taken says. */
export interface Locked {
  /** The `text` of the holder. */
  readonly holder: string;
  /** The process on the host: the run's shell, or the step that it left behind. */
  readonly pid: number;
  /** For how long, by the host's clock. */
  readonly seconds: number;
  /**
   * `running`: its shell runs steps. `left`: its shell is gone, and a step of it still runs. `alone`: its shell runs
   * a step, and the lava-play that sent it is gone.
   */
  readonly state: 'running' | 'alone' | 'left';
}

/**
 * Shell functions that take and free the lock of a host.
 *
 * The lock is a symbolic link that names process, start time and holder: made atomically with its content, and stale
 * once that process and the step that it noted are gone, which no later process can undo. A stale link is never
 * removed by whoever wants the lock: its successor is a link of the name `.after-PROCESS-TIME`, which only one can make, and
 * which goes stale the same way. So the last link of that chain is the lock, whoever was killed where. Having made
 * a link, one looks whether the chain still leads to it, as the holder before may have freed the lock meanwhile.
 *
 * What a holder lets run, also the removal of links, notes itself first and then looks whether the holder still lives: whatever a
 * killed holder leaves running keeps its lock. See docs/decisions/0003-lock-and-owed-on-the-host.md.
 */
export const lockFunctions = `lp_start_time() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  lp_stat=0; { read -r lp_stat < "/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${lp_stat##*) }
  [ $# -ge 20 ] && [ "$1" != Z ] && [ "$1" != X ] && lp_start=\${20}
}
lp_lives() {
  lp_pid=\${1%%:*} lp_state=running lp_rest=\${1#*:}
  set -- "$lp_pid" "\${lp_rest%%:*}"
  if lp_start_time "$1" && [ "$lp_start" = "$2" ]; then return; fi
  lp_note=; { read -r lp_note < "$lava_play_lock.step-$1"; } 2>/dev/null || return 1
  set -- "$1:$2" $lp_note
  if [ $# != 4 ] || [ "$1" != "$2" ]; then return 1; fi
  lp_pid=$3 lp_state=left
  lp_start_time "$3" && [ "$lp_start" = "$4" ]
}
lp_note() {
  read -r lp_stat < /proc/self/stat && lp_own=\${lp_stat%% *} && lp_start_time "$lp_own" || exit 1
  echo "$lp_id $lp_own $lp_start" > "$lava_play_lock.step-$$" || exit 1
  lp_start_time $$ && [ "$$:$lp_start" = "$lp_id" ] || exit 1
}
lp_next() { lp_rest=\${1#*:} lp_at=$lava_play_lock.after-\${1%%:*}-\${lp_rest%%:*}; }
lp_leads_here() {
  lp_at=$lava_play_lock
  while lp_found=$(readlink "$lp_at"); do
    if [ "$lp_found" = "$lp_self" ]; then return; fi
    lp_next "$lp_found"
  done
  false
}
lp_take() {
  lp_start_time $$ || lp_start=0
  lp_id=$$:$lp_start lp_self=$$:$lp_start:$lp_holder lp_tries=0 lp_stale=
  while [ $lp_tries -lt 100 ]; do
    lp_tries=$((lp_tries + 1)) lp_at=$lava_play_lock
    while [ -d "$lp_at" ] || ! ln -s "$lp_self" "$lp_at" 2>/dev/null; do
      if [ -e "$lp_at" ]; then lp_say "blocked $lp_at"; return 1; fi
      lp_found=$(readlink "$lp_at") || continue 2
      if lp_lives "$lp_found"; then
        lp_since=$(stat -c %Y "$lp_at") || continue 2
        for lp_any in "$lava_play_lock".stop-*; do
          if [ $lp_state = running ] && [ -s "$lp_any" ]; then lp_state=alone; fi
        done
        lp_say "locked $lp_pid $(($(date +%s) - lp_since)) $lp_state \${lp_found#*:*:}"; return 1
      fi
      lp_stale="$lp_pid $(($(date +%s) - $(stat -c %Y "$lp_at" 2>/dev/null || date +%s))) \${lp_found#*:*:}"
      lp_next "$lp_found"
    done
    if [ "$lp_at" = "$lava_play_lock" ]; then lp_tidy; return; fi
    lp_link=$lp_at
    if lp_leads_here; then
      (lp_note; ln -sf "$lp_self" "$lava_play_lock.new" && exec mv -f "$lava_play_lock.new" "$lava_play_lock") && lp_tidy && return
      break
    fi
    rm -f "$lp_link"
  done
  lp_say "untaken $lava_play_lock"; return 1
}
lp_tidy() {
  set --
  for lp_any in "$lava_play_lock".after-* "$lava_play_lock".stop-* "$lava_play_lock".step-* "$lava_play_lock.takeover"; do
    if [ -e "$lp_any" ] || [ -L "$lp_any" ]; then set -- "$@" "$lp_any"; fi
  done
  [ $# = 0 ] || (lp_note; rm -rf "$@")
}
lp_free() {
  if [ "$(readlink "$lava_play_lock")" = "$lp_self" ]; then
    (lp_note; exec rm -f "$lava_play_lock" "$lp_stop" "$lava_play_lock.step-$$")
  fi
}
`;
/** What a script says of the lock that it did not get. */
export type LockEvent =
  | ({ readonly type: 'locked' } & Locked)
  /** Something that is no lock stands in the place of it. */
  | { readonly type: 'blocked'; readonly path: string }
  /** It could neither be made nor taken over. */
  | { readonly type: 'untaken'; readonly path: string }
  /** The folder in which backups and pending handlers are kept cannot be written to. */
  | { readonly type: 'unwritable'; readonly path: string }
  /** The same, because the file system that is mounted there is full. */
  | { readonly type: 'full'; readonly path: string };

/** Whether an event of a script is one of these. */
export function isLockEvent(event: { readonly type: string }): event is LockEvent {
  return ['locked', 'blocked', 'untaken', 'unwritable', 'full'].includes(event.type);
}

/** Reads one of the lines that the lock functions print. */
export function lockEvent(word: string, about: string): LockEvent | undefined {
  if (word === 'blocked' || word === 'untaken' || word === 'unwritable' || word === 'full')
    return { type: word, path: about };
  if (word !== 'locked') return undefined;
  const [pid, seconds, state, holder] = about.split(' ');
  return {
    type: 'locked',
    ...lockOf(pid, seconds, holder),
    state: state === 'left' || state === 'alone' ? state : 'running',
  };
}

function lockOf(pid = '', seconds = '', holder = ''): Omit<Locked, 'state'> {
  const name = Buffer.from(holder, 'base64').toString() || 'somebody';
  return { holder: name, pid: Number(pid), seconds: Number(seconds) };
}

/** What came of taking away the lock of a host; `freed` names the holder that is gone. */
export type UnlockEvent =
  | LockEvent
  | ({ readonly type: 'freed' } & Omit<Locked, 'state'>)
  | { readonly type: 'free' };

/** A script that frees a host whose lock is stale, and the reader of what it prints. */
export interface UnlockScript {
  readonly script: string;
  read(output: string): UnlockEvent | undefined;
}

/** Takes a stale lock over as any run does, and gives it back. */
export function unlockScript({ text, run }: Holder, mark = newMark()): UnlockScript {
  const script = `lp_holder=${Buffer.from(text).toString('base64')}
${places}${lockFunctions}lp_stop=$lava_play_lock.stop-${quote(run)}
lp_say() { printf '%s %s\\n' ${mark} "$1"; }
if [ ! -e "$lava_play_lock" ] && [ ! -L "$lava_play_lock" ]; then lp_say free
elif lp_take; then lp_free; lp_say "\${lp_stale:+freed }\${lp_stale:-free}"; fi
`;
  return {
    script,
    read(output) {
      const line = output.split('\n').findLast((each) => each.startsWith(`${mark} `));
      const [word = '', ...rest] = (line ?? '').slice(mark.length + 1).split(' ');
      if (word === 'free') return { type: 'free' };
      if (word === 'freed') return { type: 'freed', ...lockOf(...rest) };
      return lockEvent(word, rest.join(' '));
    },
  };
}
