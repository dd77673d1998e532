import type { Finding, HealthQuery, LabView } from '../../engine/sdk.ts';
import { devicesAsBoards, judgeDevice } from '../../lab/board/classic_device.ts';
import { devicesOf } from '../../lab/board/device.ts';
import { HEARTBEAT_WAY } from '../../lab/heartbeat/receiver.ts';
import {
  hasNoTables,
  isHeard,
  isNamed,
  readTables,
  rowOf,
  type Tables,
  TICK_SECONDS,
  tablesProbe,
  type WorkerRow,
} from '../../lab/master/classic_tables.ts';
import { masterSeenBy } from '../../lab/network/host_at.ts';
import type { Thing } from '../../lab/status/kinds.ts';

/** What is asked of classic LAVA's tables, and with what it is compared. */
interface WantedTables {
  readonly database: string;
  /** Where the workers should report to. */
  readonly url: string;
  readonly port?: number;
  /** The master's name in the table, where the task says it. */
  readonly hostname?: string;
}

/** Whether classic LAVA has one master that ticks, sends its workers to the right place, hears them, and has their boards. */
export function tablesHealth(wanted: WantedTables, lab: LabView): readonly HealthQuery[] {
  const probe = tablesProbe(wanted);
  const devices = devicesOf(lab);
  const about =
    <T>(tell: (tables: Tables) => readonly T[]) =>
    (output: string): readonly T[] => {
      const tables = readTables(output);
      return tables ? tell(tables) : [];
    };
  return [
    { id: 'lava_rpc2_url.tables', probe, judge: (output) => judgeTables(output, wanted) },
    {
      id: 'lava_rpc2_url.master',
      probe,
      judge: about(({ workers }) => judgeMaster(workers, wanted, lab)),
    },
    {
      id: 'lava_rpc2_url.workers',
      probe,
      judge: about(({ workers }) =>
        mastersOf(workers).length === 0
          ? []
          : workersOf(lab).flatMap((name) => judgeWorker(name, workers, lab)),
      ),
      things: about(({ workers }) =>
        workersOf(lab).map((name) => thing(name, rowOf(name, workers), lab)),
      ),
    },
    {
      id: 'lava_rpc2_url.devices',
      probe,
      judge: about((tables) => devices.flatMap((device) => judgeDevice(device, tables, lab))),
      things: about((tables) => devicesAsBoards(devices, tables)),
    },
  ];
}

/** LAVA of 2014 is installed by others, and may come later. */
function judgeTables(output: string, { database }: WantedTables): readonly Finding[] {
  if (!hasNoTables(output)) return [];
  return [
    {
      severity: 'warning',
      what: `the database ${database} has no tables of LAVA: no lava-server has ever used it`,
      evidence: 'no table lava_scheduler_app_worker',
      fix: 'start lava-server on the master, which makes its tables; then: lava-play apply',
      subject: `database ${database}`,
    },
  ];
}

function judgeMaster(
  rows: readonly WorkerRow[],
  { url, hostname: given }: WantedTables,
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
    what: 'the workers are told to report to a different URL than the inventory says',
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
    what: 'the row of the master has a different name than the master, so its scheduler does not find it',
    evidence: `${stuck.evidence}; the inventory's master is ${name}`,
    fix: `if ${hostname} is what ${name} was called before: UPDATE lava_scheduler_app_worker SET hostname = '…' to what hostname -f says there`,
  };
  const isLate = tick !== null && tick > TICK_SECONDS;
  return [
    ...(told === url ? [] : [elsewhere]),
    ...(isLate ? [name === '' || isNamed(name, master.hostname) ? stuck : lost] : []),
  ];
}

function judgeWorker(name: string, rows: readonly WorkerRow[], lab: LabView): readonly Finding[] {
  const row = rowOf(name, rows);
  if (row && isHeard(name, row, lab)) return [];
  const age = row?.heartbeat_age ?? null;
  return [
    {
      severity: 'problem',
      host: name,
      what: `the master receives no heartbeat from the worker ${name}`,
      evidence: row
        ? `${row.hostname}: last_heartbeat ${age === null ? 'never' : `${age} s ago`}`
        : `no row for ${name} in lava_scheduler_app_worker`,
      fix: `on ${name}: systemctl status lava-heartbeat`,
      subject: `worker ${name}`,
      towards: {
        kind: HEARTBEAT_WAY,
        ...masterSeenBy(lab.hosts[name], lab.groups.master?.[0] ?? ''),
      },
    },
  ];
}

function thing(name: string, row: WorkerRow | undefined, lab: LabView): Thing {
  const common = { kind: 'worker', name, host: name } as const;
  if (!row) return { ...common, state: 'not registered', status: 'bad' };
  const heard = isHeard(name, row, lab);
  return {
    ...{ ...common, state: heard ? 'Online' : 'Offline', status: heard ? 'good' : 'bad' },
    ...(row.heartbeat_age !== null && { details: { 'last ping': row.heartbeat_age } }),
  };
}

function mastersOf(rows: readonly WorkerRow[]): readonly WorkerRow[] {
  return rows.filter(({ is_master: isMaster }) => isMaster);
}

function workersOf({ groups }: LabView): readonly string[] {
  return groups.workers ?? [];
}
