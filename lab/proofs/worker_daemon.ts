import { propertyIn, showUnits } from '../../engine/sdk.ts';

/**
 * Asks a host about its lava-worker: the state of the unit, since when it runs, its clock,
 * the end of its log; for `parseDaemon`.
 */
export const askDaemon = `${showUnits(['ActiveState', 'ActiveEnterTimestampMonotonic'], 'lava-worker.service')} 2>/dev/null
sed 's/^/uptime=/;s/ .*//' /proc/uptime
date '+clock=%F %T'
echo
tail -n 60 /var/log/lava-dispatcher/lava-worker.log 2>/dev/null || :`;

/**
 * Shell that pings the master once as lava-worker does, and says what came of it; for `parsePing`.
 *
 * LAVA itself judges name, token and version then, in either release, also where it shows its pages to nobody without
 * a login (internal_v1_workers of lava_scheduler_app/views.py). The token stays on the host.
 */
export const pingOnce = `/usr/bin/python3 -I - <<'LAVA_PLAY_PING' || :
import json, re, shlex, urllib.error, urllib.parse, urllib.request
settings = {}
with open("/etc/lava-dispatcher/lava-worker") as lines:
    for line in lines:
        match = re.match(r"\\s*(\\w+)\\s*=(.*)", line)
        if match:
            settings[match[1]] = " ".join(shlex.split(match[2], comments=True))
with open("/var/lib/lava/dispatcher/worker/token") as file:
    token = file.read().rstrip("\\n")
with open("/usr/lib/python3/dist-packages/lava_common/VERSION") as file:
    version = file.read().strip()
name = settings.get("WORKER_NAME", "").split(" ")[-1]
url = "%sscheduler/internal/v1/workers/%s/?version=%s" % (
    settings["URL"].split(" ")[-1].rstrip("/") + "/", urllib.parse.quote(name), urllib.parse.quote(version))
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
try:
    with opener.open(urllib.request.Request(url, headers={"LAVA-Token": token}), timeout=40) as answer:
        said = json.loads(answer.read(1000000))
        print(answer.status if isinstance(said, dict) and "start" in said else 0)
except urllib.error.HTTPError as error:
    print(error.code)
except Exception as error:
    print(0)
LAVA_PLAY_PING`;

/** The daemon that pings the master. */
export interface Daemon {
  /** In the words of systemd. */
  readonly active: string;
  /** Seconds since it was started. */
  readonly age: number;
  /** What the master answered to its last ping, when it was no 200: the status of HTTP, 503 also for no answer. */
  readonly refusal: number | undefined;
  /** Seconds since it was turned away; undefined where its log does not say when. */
  readonly refused: number | undefined;
  /** Whether its log has a ping that the master took; LAVA 2026.10 says so at the level DEBUG only. */
  readonly isHeard: boolean;
}

/** Reads what `askDaemon` printed; what was logged before the daemon's last start does not count. */
export function parseDaemon(output: string): Daemon {
  const [head = '', ...log] = output.split('\n\n');
  const since = Number(propertyIn(head, 'ActiveEnterTimestampMonotonic')) / 1e6;
  const ownLog = log.join('\n\n').split('[INIT] LAVA worker has started').at(-1) ?? '';
  const parts = ownLog.split('PING => server');
  const answered = parts.slice(1).filter((rest) => rest.trim() !== '');
  const last = answered.at(-1) ?? (parts.length === 1 ? ownLog : '');
  const [line = '', code] = /^.*server error: code (\d+)$/m.exec(lastRefusalIn(last)) ?? [];
  return {
    active: propertyIn(head, 'ActiveState'),
    age: Math.max(0, Number(propertyIn(head, 'uptime')) - since),
    refusal: code === undefined ? undefined : Number(code),
    refused: between(line, propertyIn(head, 'clock')),
    isHeard: answered.length > 0 && !/ ERROR /.test(last),
  };
}

/** Whether the master took the ping of `pingOnce`, or by which status of HTTP it did not; 0 is no answer of LAVA. */
export function parsePing(output: string): number {
  return Number(output.trim() || 0);
}

function lastRefusalIn(log: string): string {
  return log.split('\n').findLast((line) => line.includes('server error: code')) ?? '';
}

/** Both are the host's own local time. */
function between(line: string, clock: string): number | undefined {
  const [stamp = ''] = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.exec(line) ?? [];
  const seconds = (Date.parse(`${clock}Z`) - Date.parse(`${stamp}Z`)) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
