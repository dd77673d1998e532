import { type LabView, sh } from '../../engine/sdk.ts';

/** A row of `lava_scheduler_app_worker` (`lava_scheduler_app/models.py`, 2014.06), with ages in seconds. */
export interface WorkerRow {
  readonly hostname: string;
  readonly is_master: boolean;
  readonly rpc2_url: string | null;
  readonly display?: boolean;
  readonly heartbeat_age: number | null;
  readonly tick_age: number | null;
}

/** A row of `lava_scheduler_app_device`; the worker is one of those that heartbeats made (2014.02 and later). */
export interface DeviceRow {
  readonly hostname: string;
  readonly status: number;
  readonly health_status: number;
  readonly worker_host_id: string | null;
}

/** Both tables; devices where there is such a table. */
export interface Tables {
  readonly workers: readonly WorkerRow[];
  readonly devices: readonly DeviceRow[] | undefined;
}

/** The scheduler writes its tick every 20 s or less, and looks at heartbeats as often (2014.06). */
export const TICK_SECONDS = 40;

/** The largest HEARTBEAT_TIMEOUT that LAVA takes. */
const LONGEST_TIMEOUT = 300;

/** Of a database that answers, and in which no lava-server has made its tables. */
const NO_TABLES = 'no tables';

/**
 * Shell that prints the rows of workers as JSON, and in the next line those of devices, or that there are no such
 * tables; nothing where there is no such server or database, which others tell.
 */
export function tablesProbe({
  database,
  port,
}: {
  readonly database: string;
  readonly port?: number;
}): string {
  const workers = `SELECT coalesce(jsonb_agg(to_jsonb(w) - 'hardware_info' - 'software_info' - 'description' || jsonb_build_object(
  'heartbeat_age', extract(epoch FROM now() - (to_jsonb(w)->>'last_heartbeat')::timestamptz)::int,
  'tick_age', extract(epoch FROM now() - (to_jsonb(w)->>'last_master_scheduler_tick')::timestamptz)::int)), '[]')
FROM lava_scheduler_app_worker w WHERE to_jsonb(w) ? 'rpc2_url'`;
  const devices =
    'SELECT coalesce(jsonb_agg(row_to_json(d)), $$[]$$) FROM (SELECT hostname, status, health_status, worker_host_id FROM lava_scheduler_app_device) d';
  const missing = `SELECT '${NO_TABLES}' WHERE to_regclass('lava_scheduler_app_worker') IS NULL`;
  const chosen = port === undefined ? '' : `[ "$port" = ${port} ] || continue\n`;
  return `command -v pg_lsclusters >/dev/null || exit 0
pg_lsclusters --no-header | while read -r version name port status owner rest; do
${chosen}case $status in online*) ;; *) continue ;; esac
PGCONNECT_TIMEOUT=5 PGOPTIONS="-c statement_timeout=5000" runuser -u "$owner" -- ${sh`psql -XAtqw -p "$port" -d ${database} -c ${workers} -c ${devices}`} 2>/dev/null ||
  PGCONNECT_TIMEOUT=5 runuser -u "$owner" -- ${sh`psql -XAtqw -p "$port" -d ${database} -c ${missing}`} 2>/dev/null || :
done`;
}

/** Whether the database answers and holds nothing of LAVA. */
export function hasNoTables(output: string): boolean {
  return readTables(output) === undefined && output.split('\n').includes(NO_TABLES);
}

/** Reads what `tablesProbe` printed. */
export function readTables(output: string): Tables | undefined {
  const [workers, devices] = output.split('\n').filter((each) => each.startsWith('['));
  if (workers === undefined) return undefined;
  return {
    workers: JSON.parse(workers),
    devices: devices === undefined ? undefined : JSON.parse(devices),
  };
}

/** The row of a worker of the inventory. */
export function rowOf(name: string, rows: readonly WorkerRow[]): WorkerRow | undefined {
  return rows.find(({ hostname }) => isNamed(name, hostname));
}

/** Hosts report under their full names, as `hostname -f` says. */
export function isNamed(name: string, hostname: string): boolean {
  return hostname === name || hostname.startsWith(`${name}.`);
}

/** Whether the master counts a worker as up. */
export function isHeard(
  name: string,
  { heartbeat_age: age }: WorkerRow,
  { hosts }: LabView,
): boolean {
  const timeout = timeoutIn(hosts[name]?.vars.lava);
  return age !== null && age <= timeout + TICK_SECONDS;
}

function timeoutIn(lava: unknown): number {
  const { heartbeat } = lava as { readonly heartbeat?: { readonly timeout?: unknown } };
  return typeof heartbeat?.timeout === 'number' ? heartbeat.timeout : LONGEST_TIMEOUT;
}
