import type { Handler } from '../contract/resource.ts';
import { sha256 } from './digest.ts';

/**
 * The form of what is kept on hosts below `/var/lib/lava-play`, in its file `format`; 0.2 wrote none.
 *
 * It grows when an older lava-play would misread a host: that one then refuses it.
 */
export const FORMAT = 1;

/** What earlier runs left on a host. */
export interface Ledger {
  readonly pendingHandlers: readonly PendingHandler[];
  readonly unreadable: readonly UnreadableEntry[];
  /** The holder of the lock, dead or alive, as it wrote itself down. */
  readonly lockedBy?: string | undefined;
  /** See `FORMAT`; 0 where no run has written one, NaN where it cannot be read. */
  readonly format: number;
}

/** A handler that an earlier run wrote down and did not get to. */
export interface PendingHandler extends Handler {
  /** The run that caused it, and since when. */
  readonly since: string;
  /** The name of its file. */
  readonly entry: string;
}

/** A file among the pending handlers that says nothing: somebody has to look what it was. */
export interface UnreadableEntry {
  readonly file: string;
  readonly reason: string;
}

/** Above these an entry was not written by a run, and the rest is read once these have run. */
const MOST = { bytes: 262_144, entries: 200 };

/** Snippet that prints what is pending and who holds the lock; for every plan. */
export const ledgerProbe = `if [ -L "$lava_play_lock" ]; then printf "lock %s\\n" "$(readlink "$lava_play_lock")"; fi
if [ -s "$lava_play_state/format" ]; then printf 'format %s\\n' "$(head -c 9 "$lava_play_state/format" | tr -c 'A-Za-z0-9.' ' ')"; fi
lp_left=${MOST.entries}
for lp_file in "$lava_play_state"/owed/*; do
  if [ ! -f "$lp_file" ] || [ $lp_left -eq 0 ]; then continue; fi
  lp_left=$((lp_left - 1))
  printf 'owed %s %s %s\\n' "$(printf %s "\${lp_file##*/}" | tr -c 'A-Za-z0-9_.=-' '?')" \\
    "$(head -c ${MOST.bytes} "$lp_file" | tr -dc 'A-Za-z0-9+/=')" "\${lp_file%/*}"
done
`;

/** Reads what `ledgerProbe` printed; an entry that cannot be read harms no other. */
export function parseLedger(output: string): Ledger {
  const pendingHandlers: PendingHandler[] = [];
  const unreadable: UnreadableEntry[] = [];
  let lockedBy: string | undefined;
  let format = 0;
  for (const line of output.split('\n')) {
    const [word, first = '', text = '', ...folder] = line.split(' ');
    if (word === 'lock') lockedBy = Buffer.from(first.split(':')[2] ?? '', 'base64').toString();
    if (word === 'format') format = first === '' ? Number.NaN : Number(first);
    if (word !== 'owed') continue;
    const read = readEntry(first, Buffer.from(text, 'base64').toString());
    if (typeof read !== 'string') pendingHandlers.push(read);
    else unreadable.push({ file: `${folder.join(' ')}/${first}`, reason: read });
  }
  return { pendingHandlers, unreadable, lockedBy, format };
}

/** The file name under which a handler is pending: ids may be longer than a file name. */
export function entryOf(id: string): string {
  return sha256(id);
}

/** What is written into the entry of a handler. */
export function entryText(handler: Handler, since: string): string {
  return Buffer.from(JSON.stringify({ ...handler, since })).toString('base64');
}

/** A handler, or why there is none to be read. */
function readEntry(entry: string, text: string): PendingHandler | string {
  if (entry.includes('?')) return 'unexpected file name';
  if (text === '') return 'it is empty';
  const value = parsed(text);
  const { id, script, since, covers, first, left } = value ?? {};
  if (typeof id !== 'string' || typeof script !== 'string') return 'it does not name a handler';
  const covered = Array.isArray(covers) ? covers.filter((each) => typeof each === 'string') : [];
  return {
    ...{ id, script, entry, since: typeof since === 'string' ? since : 'somebody' },
    ...(covered.length > 0 && { covers: covered }),
    ...(first === true && { first }),
    ...(left === true && { left }),
  };
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
