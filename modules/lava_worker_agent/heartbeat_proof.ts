import { type Proof, Refused } from '../../engine/sdk.ts';
import { HEARTBEAT } from './heartbeat/places.ts';

/** Seconds for the look after one that was not sure: the heartbeat makes it after 20 (beating.py), and it may take some. */
const PATIENCE = 75;

/** Seconds until a look that settles nothing is made again, where the period is longer (`RETRY_SECONDS` of beating.py). */
const SOON = 20;

/** The parts of status.json that say how a look came out. */
interface Look {
  readonly last_report: string | null;
  readonly failures_in_a_row: number;
  readonly last_error: { readonly message: string } | null;
  readonly looked_at: readonly {
    readonly kind: string;
    readonly what: string;
    readonly problem: string | null;
    readonly device?: string | null;
  }[];
}

/**
 * What the heartbeat of a current worker has made of it, once it has looked since its start and is sure.
 *
 * A worker is Online with its first ping, and in Maintenance half a minute later when something is not as it should
 * be: only the second is what a run leaves behind.
 */
export function heartbeatProof(worker: string): Proof {
  return {
    subject: `the heartbeat of ${worker}`,
    probe: PROBE,
    judge(output) {
      const [, age = '', text = ''] = /^(\d*)\n([\s\S]*)$/.exec(output) ?? [];
      const look = readLook(text);
      if (!look) {
        throw new Refused(
          `the heartbeat of ${worker} has not checked it since its start`,
          `journalctl -u ${HEARTBEAT.unit} shows why`,
        );
      }
      if (look.failures_in_a_row > 0) {
        throw new Refused(
          `the master does not accept the heartbeat of ${worker}: ${look.last_error?.message ?? 'no reason'}`,
          'docs/heartbeat.md says what each error means',
        );
      }
      const problems = look.looked_at.flatMap(({ kind, what, problem, device = null }) =>
        problem === null ? [] : [{ words: `${kind} ${what} ${problem}`, device }],
      );
      const own = problems.filter(({ device }) => device === null).map(({ words }) => words);
      if (own.length === 0) return { state: 'proved', words: inWords(worker, look, problems) };
      if (Number(age) > PATIENCE) {
        return {
          state: 'not yet',
          words: `${worker} is in service again once its heartbeat no longer finds the problems of ${age} s ago: ${own.join('; ')}`,
        };
      }
      throw new Refused(
        `${worker} gets no jobs, because of what its heartbeat found: ${own.join('; ')}`,
        'fix it; the heartbeat notices that',
      );
    },
  };
}

function inWords(
  worker: string,
  { last_report: health }: Look,
  problems: readonly { readonly device: string | null }[],
): string {
  const boards = [...new Set(problems.map(({ device }) => device))].join(' and ');
  const out = boards === '' ? '' : `, ${boards} out of service`;
  return `${worker} is ${health} on the master after a check by its heartbeat${out}`;
}

function readLook(text: string): Look | undefined {
  try {
    return JSON.parse(text) as Look;
  } catch {
    return undefined;
  }
}

/** Waits until a look has come that needs no second one; prints its age and all that is said of it. */
const PROBE = `/usr/bin/python3 -I - <<'LAVA_PLAY_LOOK' || :
import calendar, json, subprocess, time
def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) if text else None
looks = set()
def is_sure(status):
    tried, following = seconds(status["last_try"]), seconds(status["next_try"])
    if tried is None or status["failures_in_a_row"] > 0:
        return False
    if all(each["problem"] is None or each.get("device") is not None for each in status["looked_at"]):
        return True
    looks.add(tried)
    return len(looks) > 1 or following - tried > ${SOON} + 1
end = time.monotonic() + ${PATIENCE}
while True:
    status = None
    try:
        with open("${HEARTBEAT.status}") as file:
            status = json.load(file)
    except (OSError, ValueError):
        pass
    if (status and is_sure(status)) or time.monotonic() > end:
        break
    if subprocess.run(["systemctl", "is-active", "--quiet", "${HEARTBEAT.unit}"]).returncode != 0 and time.monotonic() > end - 60:
        break
    time.sleep(1)
if status and status["last_try"]:
    print(max(0, int(time.time()) - seconds(status["last_try"])))
    print(json.dumps(status))
LAVA_PLAY_LOOK`;
