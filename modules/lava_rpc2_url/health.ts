import {
  type Finding,
  type HealthQuestion,
  type LabView,
  sh,
  type Thing,
} from '../../engine/module.ts';

/** What is asked of the table of workers, and with what it is compared. */
interface WantedTable {
  readonly database: string;
  /** Where the workers should report to. */
  readonly url: string;
  readonly port?: number;
  /** The master's name in the table, where the task says it. */
  readonly hostname?: string;
}

/** A row of `lava_scheduler_app_worker` (`lava_scheduler_app/models.py`, 2014.06), with ages in seconds. */
interface Row {
  readonly hostname: string;
  readonly is_master: boolean;
  readonly rpc2_url: string | null;
  readonly display?: boolean;
  readonly heartbeat_age: number | null;
  readonly tick_age: number | null;
}

/** The scheduler writes its tick every 20 s or less, and looks at heartbeats as often (2014.06). */
const TICK_SECONDS = 40;

/** The largest HEARTBEAT_TIMEOUT that LAVA takes. */
const LONGEST_TIMEOUT = 300;

/** Whether classic LAVA has one master that ticks, sends its workers to the right place, and hears them. */
export function tableHealth(wanted: WantedTable, lab: LabView): readonly HealthQuestion[] {
  const probe = rowsProbe(wanted);
  const about =
    (judge: (rows: readonly Row[]) => readonly Finding[]) =>
    (output: string): readonly Finding[] => {
      const rows = read(output);
      return rows ? judge(rows) : [];
    };
  return [
    { id: 'lava_rpc2_url.master', probe, judge: about((rows) => judgeMaster(rows, wanted, lab)) },
    {
      id: 'lava_rpc2_url.workers',
      probe,
      judge: about((rows) =>
        mastersOf(rows).length === 0
          ? []
          : workersOf(lab).flatMap((name) => judgeWorker(name, rows, lab)),
      ),
      things: (output) => {
        const rows = read(output);
        return rows ? workersOf(lab).map((name) => thing(name, rowOf(name, rows), lab)) : [];
      },
    },
  ];
}

/** Shell that prints the rows as JSON; nothing where there is no such server, database or table, which others tell. */
function rowsProbe({ database, port }: WantedTable): string {
  const query = `SELECT coalesce(jsonb_agg(to_jsonb(w) - 'hardware_info' - 'software_info' - 'description' || jsonb_build_object(
  'heartbeat_age', extract(epoch FROM now() - (to_jsonb(w)->>'last_heartbeat')::timestamptz)::int,
  'tick_age', extract(epoch FROM now() - (to_jsonb(w)->>'last_master_scheduler_tick')::timestamptz)::int)), '[]')
FROM lava_scheduler_app_worker w WHERE to_jsonb(w) ? 'rpc2_url'`;
  const chosen = port === undefined ? '' : `[ "$port" = ${port} ] || continue\n`;
  return `command -v pg_lsclusters >/dev/null || exit 0
pg_lsclusters --no-header | while read -r version name port status owner rest; do
${chosen}case $status in online*) ;; *) continue ;; esac
PGCONNECT_TIMEOUT=5 PGOPTIONS="-c statement_timeout=5000" runuser -u "$owner" -- ${sh`psql -XAtqw -p "$port" -d ${database} -c ${query}`} 2>/dev/null || :
done`;
}

function read(output: string): readonly Row[] | undefined {
  const line = output.split('\n').find((each) => each.startsWith('['));
  return line === undefined ? undefined : JSON.parse(line);
}

function judgeMaster(
  rows: readonly Row[],
  { url, hostname: given }: WantedTable,
  { groups }: LabView,
): readonly Finding[] {
  const masters = mastersOf(rows);
  const common = { subject: 'row of the master', severity: 'problem' } as const;
  const [master] = masters;
  if (!master || masters.length > 1) {
    return [
      {
        ...common,
        what: master
          ? 'several rows of the table of workers claim to be the master, and no worker can start'
          : 'no row of the table of workers is the master, and no worker can start',
        evidence: master
          ? masters.map(({ hostname }) => hostname).join(', ')
          : `lava_scheduler_app_worker: ${rows.map(({ hostname }) => hostname).join(', ') || 'empty'}`,
        fix: master
          ? "UPDATE lava_scheduler_app_worker SET is_master = false WHERE hostname = '…' for all but the real one"
          : 'start lava-server on the master once, then: lava-play apply',
      },
    ];
  }
  const { hostname, rpc2_url: told, tick_age: tick } = master;
  const elsewhere: Finding = {
    ...common,
    what: 'the workers are told to report to another place than the inventory says',
    evidence: `${hostname}: rpc2_url = ${told ?? 'NULL'}; the inventory says ${url}`,
    fix: 'lava-play apply',
  };
  const [own = ''] = groups.master ?? [];
  const name = given ?? own;
  const stuck: Finding = {
    ...common,
    what: 'the scheduler of the master does not tick: no job starts',
    evidence: `${hostname}: last_master_scheduler_tick ${tick} s ago`,
    fix: 'on the master: restart the scheduler, and read lava-scheduler.log',
  };
  const lost: Finding = {
    ...stuck,
    what: 'the row of the master bears another name than the master, whose scheduler does not find it',
    evidence: `${stuck.evidence}; the inventory's master is ${name}`,
    fix: `if ${hostname} is what ${name} was called before: UPDATE lava_scheduler_app_worker SET hostname = '…' to what hostname -f says there`,
  };
  const isLate = tick !== null && tick > TICK_SECONDS;
  return [
    ...(told === url ? [] : [elsewhere]),
    ...(isLate ? [name === '' || isNamed(name, master) ? stuck : lost] : []),
  ];
}

function judgeWorker(name: string, rows: readonly Row[], lab: LabView): readonly Finding[] {
  const row = rowOf(name, rows);
  if (row && isHeard(name, row, lab)) return [];
  const age = row?.heartbeat_age ?? null;
  return [
    {
      severity: 'problem',
      host: name,
      what: `the master does not hear the worker ${name}`,
      evidence: row
        ? `${row.hostname}: last_heartbeat ${age === null ? 'never' : `${age} s ago`}`
        : `no row for ${name} in lava_scheduler_app_worker`,
      fix: `on ${name}: systemctl status lava-heartbeat`,
      subject: `worker ${name}`,
      towards: { kind: 'lava_worker', host: lab.groups.master?.[0] ?? '' },
    },
  ];
}

function thing(name: string, row: Row | undefined, lab: LabView): Thing {
  const common = { kind: 'worker', name, host: name } as const;
  if (!row) return { ...common, state: 'not registered', tone: 'bad' };
  const heard = isHeard(name, row, lab);
  return {
    ...{ ...common, state: heard ? 'Online' : 'Offline', tone: heard ? 'good' : 'bad' },
    ...(row.heartbeat_age !== null && { details: { 'last ping': row.heartbeat_age } }),
  };
}

function isHeard(name: string, { heartbeat_age: age }: Row, { hosts }: LabView): boolean {
  const timeout = timeoutIn(hosts[name]?.vars.lava);
  return age !== null && age <= timeout + TICK_SECONDS;
}

function timeoutIn(lava: unknown): number {
  const { heartbeat } = lava as { readonly heartbeat?: { readonly timeout?: unknown } };
  return typeof heartbeat?.timeout === 'number' ? heartbeat.timeout : LONGEST_TIMEOUT;
}

function mastersOf(rows: readonly Row[]): readonly Row[] {
  return rows.filter(({ is_master: isMaster }) => isMaster);
}

function rowOf(name: string, rows: readonly Row[]): Row | undefined {
  return rows.find((row) => isNamed(name, row));
}

/** Hosts report under their full names, as `hostname -f` says. */
function isNamed(name: string, { hostname }: Row): boolean {
  return hostname === name || hostname.startsWith(`${name}.`);
}

function workersOf({ groups }: LabView): readonly string[] {
  return groups.workers ?? [];
}
