import { type Handler, handler, printText } from '../../engine/sdk.ts';
import { databaseProgram } from './database_program.ts';

/** lava-server's daemons; all three read their settings only when they start. */
export const DAEMONS = ['lava-server-gunicorn', 'lava-publisher', 'lava-scheduler'] as const;

/**
 * Restarts the daemons, and waits until the API answers through the web server; nothing where they are not installed.
 *
 * The scheduler gives up for good when it finds no database a few times (systemd's start limit), so that is lifted.
 * While tables are missing nothing is waited for: making them restarts the daemons again.
 */
export const restartDaemons: Handler = handler(
  'restart the daemons of lava-server',
  `if [ ! -d /run/systemd/system ]; then exit 0; fi
set --
for unit in ${DAEMONS.join(' ')}; do
  if systemctl is-enabled --quiet "$unit" 2>/dev/null; then set -- "$@" "$unit"; fi
done
[ $# -gt 0 ] || exit 0
systemctl reset-failed -- "$@" 2>/dev/null
systemctl restart -- "$@" || { systemctl status --no-pager --full --lines=10 -- "$@"; exit 1; }
[ -e /etc/apache2/sites-enabled/lava-server.conf ] || exit 0
trouble=$({ ${printText(databaseProgram(waitForApi()))}} | /usr/bin/python3 -I - 2>&1) || {
  for log in django gunicorn lava-scheduler; do
    echo "/var/log/lava-server/$log.log:"
    tail -n 5 "/var/log/lava-server/$log.log" 2>/dev/null
  done
  printf '%s\n' "$trouble"
  exit 1
}
systemctl is-active --quiet -- "$@" || { systemctl status --no-pager --full --lines=10 -- "$@"; exit 1; }`,
);

/**
 * The list of workers is asked for, because the start page and the version stay green without a database.
 *
 * The first request to each gunicorn process loads Django, up to 13 s on a busy machine, and apache says 503 until
 * gunicorn listens. Where apache sends everybody to https, gunicorn itself is asked. A gunicorn that ends again and
 * again, as that of a LAVA which does not fit the host's Django, is not waited for.
 */
function waitForApi(): string {
  return `import http.client, subprocess, time
state = ask({})
if "silent" in state:
    sys.exit("the database %s does not answer: %s" % (state["server"], state["silent"]))
if "rows" not in state:
    sys.exit()
def get(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=40)
    connection.request("GET", "/api/v0.2/workers/?limit=1", headers={"Host": "localhost"})
    return connection.getresponse()
def starts():
    told = subprocess.run(["systemctl", "show", "--property=NRestarts", "--value", "lava-server-gunicorn"], stdout=subprocess.PIPE).stdout
    return int(told) if told.strip().isdigit() else 0
said, end = "nothing", time.monotonic() + 300
while time.monotonic() < end:
    try:
        answer = get(80)
        if answer.status in (301, 302, 307, 308) and answer.getheader("Location", "").startswith("https:"):
            answer = get(8000)
        if answer.status in (200, 302, 401, 403):
            sys.exit()
        said = "%d %s" % (answer.status, answer.reason)
        if answer.status in (400, 404):
            break
    except (OSError, http.client.HTTPException) as error:
        said = str(error) or type(error).__name__
    if starts() >= 3:
        sys.exit("lava-server-gunicorn ends again and again: see /var/log/lava-server/gunicorn.log")
    time.sleep(0.3)
sys.exit("LAVA's API does not answer as it should: GET http://localhost/api/v0.2/workers/ says " + said)`;
}

/** The text of `/etc/lava-server/lava-server-gunicorn` with the number of gunicorn's processes in it. */
export function withGunicornWorkers(text: string, workers: number): string {
  const line = `WORKERS=${workers}`;
  const set = /^[ \t]*WORKERS=.*$/gm;
  if (set.test(text)) return text.replace(set, line);
  if (/^# *WORKERS=.*$/m.test(text)) return text.replace(/^# *WORKERS=.*$/m, line);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`;
}
