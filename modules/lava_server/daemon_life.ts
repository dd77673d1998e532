import { type Finding, type HealthQuery, sh, unitProperty } from '../../engine/sdk.ts';
import { DAEMONS } from '../../lab/master/daemons.ts';

/** Seconds; the scheduler begins a round every 20 s or less, and says so in its log (lava-scheduler.py, scheduler.py, 2023.01). */
const ROUND_IS_LATE = 120;

/** Seconds in which a daemon that was just started has loaded all its programs and written its first line. */
const BEGINNING = 60;

/** A daemon stamps its start by whole seconds. */
const SAME_MOMENT = 2;

/** All times are seconds ago. */
interface Lives {
  readonly started: ReadonlyMap<string, number>;
  readonly settings: readonly { readonly path: string; readonly written: number }[];
  readonly log: { readonly path: string; readonly written: number } | undefined;
}

/** Whether the daemons of lava-server know their present settings, and the scheduler makes its rounds; `needs` is the way to the database. */
export function daemonLife(needs: Pick<Finding, 'towards'>): readonly HealthQuery[] {
  return [
    {
      id: 'lava_server.old-settings',
      probe,
      judge(output) {
        const { started, settings } = parse(output);
        const [newest] = settings.toSorted((a, b) => a.written - b.written);
        if (!newest) return [];
        const older = [...started].filter(([, age]) => age > newest.written + SAME_MOMENT);
        if (older.length === 0) return [];
        const names = older.map(([name]) => name).join(', ');
        return [
          {
            severity: 'warning',
            what: 'lava-server still uses older settings than those in its files',
            evidence: `${newest.path} was written ${newest.written} s ago, after the start of ${names}`,
            fix: `systemctl restart ${DAEMONS.join(' ')}`,
            subject: 'settings of LAVA',
            towards: { kind: 'drift', host: '127.0.0.1' },
          },
        ];
      },
    },
    {
      id: 'lava_server.scheduler',
      probe,
      judge(output) {
        const { started, log } = parse(output);
        const age = started.get('lava-scheduler');
        if (!log || age === undefined || age < BEGINNING || log.written < ROUND_IS_LATE) return [];
        return [
          {
            severity: 'problem',
            what: 'the scheduler is running but hangs: no job starts, and lost workers go unnoticed',
            evidence: `${log.path}: nothing for ${log.written} s`,
            fix: 'systemctl restart lava-scheduler; to see first where it hangs: ps -o stat,wchan:20,args -C lava-server',
            subject: 'unit lava-scheduler.service',
            ...needs,
          },
        ];
      },
    },
  ];
}

/**
 * The daemons that run, the settings they read at their start, and the scheduler's log if rounds are written there.
 *
 * Processes of gunicorn read the settings themselves, so the oldest of them counts.
 */
const probe = `now=$(date +%s)
for unit in ${DAEMONS.join(' ')}; do
  pid=$(${unitProperty('MainPID', '"$unit.service"')} 2>/dev/null) || continue
  [ "\${pid:-0}" -gt 0 ] || continue
  age=$(ps -o etimes= --ppid "$pid" 2>/dev/null | sort -n | tail -n 1)
  [ -n "$age" ] || age=$(ps -o etimes= -p "$pid" 2>/dev/null) || continue
  echo "started $((age)) $unit"
  [ "$unit" = lava-scheduler ] || continue
  log=$(tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^LOGFILE=//p')
  tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qxE 'LOGLEVEL=(DEBUG|INFO)' || continue
  [ -f "$log" ] && echo "log $((now - $(stat -L -c %Y "$log"))) $log"
done
${sh`for path in ${['instance.conf', 'settings.conf', 'settings.yaml'].map((name) => `/etc/lava-server/${name}`)} /etc/lava-server/settings.d/*.yaml; do`}
  if [ -f "$path" ]; then echo "settings $((now - $(stat -L -c %Y "$path"))) $path"; fi
done`;

function parse(output: string): Lives {
  const lines = output.split('\n').flatMap((line) => {
    const [, kind = '', age = '', name = ''] = /^(\w+) (-?\d+) (.+)$/.exec(line) ?? [];
    return kind === '' ? [] : [{ kind, age: Number(age), name }];
  });
  const of = (wanted: string) => lines.filter(({ kind }) => kind === wanted);
  const [log] = of('log');
  return {
    started: new Map(of('started').map(({ name, age }) => [name, age])),
    settings: of('settings').map(({ name, age }) => ({ path: name, written: age })),
    log: log && { path: log.name, written: log.age },
  };
}
