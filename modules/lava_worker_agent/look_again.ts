import { HEARTBEAT } from './heartbeat/places.ts';

/** Begins the answer of a second look, after the status. */
const MARK = 'looked again: ';

/** What a look finds of one thing, by its kind and name. */
export interface Sight {
  readonly kind: string;
  readonly what: string;
  readonly problem: string | null;
}

/** What there is to see now of what the heartbeat has found wrong at its last look. */
export interface SecondLook {
  readonly sights: readonly Sight[];
  /** What the receiver of heartbeats answers now, by HTTP; nothing where the last heartbeat was taken. */
  readonly receiver: number | undefined;
}

/**
 * Shell that looks with the heartbeat's own eyes where its last look has found something, which may be minutes ago.
 *
 * While a look hangs in a dead mount no other is sent after it.
 */
export const LOOK_AGAIN = `mark=lava-play-second-look
if [ -e ${HEARTBEAT.status} ] && ! grep -qsz "^$mark" /proc/[0-9]*/cmdline; then
timeout 12 /usr/bin/python3 -I -B - "$mark" <<'LAVA_PLAY_LOOK' 2>/dev/null || :
import json, sys, urllib.error, urllib.request
sys.path.insert(0, "${HEARTBEAT.program}")
with open("${HEARTBEAT.status}") as file:
    status = json.load(file)
again = {"sights": [], "receiver": None}
if any(each["problem"] for each in status["looked_at"]):
    from configuration import read_configuration
    from watch import watcher
    look = watcher(read_configuration("${HEARTBEAT.configuration}"), lambda: None)
    again["sights"] = [each._asdict() for each in look()]
if status["failures_in_a_row"] and status["mode"] == "current":
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        again["receiver"] = opener.open(status["url"], timeout=3).status
    except urllib.error.HTTPError as error:
        again["receiver"] = error.code
    except Exception:
        again["receiver"] = 0
print("\\n${MARK}" + json.dumps(again), flush=True)
LAVA_PLAY_LOOK
fi`;

/** Parts the answer of the status from that of the second look. */
export function splitLook(text: string): { readonly status: string; readonly again: SecondLook } {
  const [status = '', look = '{}'] = text.split(`\n${MARK}`);
  const { sights = [], receiver = null } = parsed(look);
  return { status, again: { sights, receiver: receiver ?? undefined } };
}

function parsed(text: string): {
  readonly sights?: readonly Sight[];
  readonly receiver?: number | null;
} {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Whether a thing is right by now. */
export function isOver({ kind, what }: Sight, { sights }: SecondLook): boolean {
  return sights.some((each) => each.kind === kind && each.what === what && each.problem === null);
}
