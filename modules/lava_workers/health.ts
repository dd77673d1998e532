import type { Finding, HealthQuery, LabView } from '../../engine/sdk.ts';
import { databaseProbe, parseDatabase } from '../../lab/master/database_probe.ts';
import { lastEntries, lastEntriesQuery, quoted } from '../../lab/master/log_entries.ts';
import {
  isByHeartbeat,
  WORKER_HEALTH,
  type WorkerRecord,
  workerQueries,
  workerRecords,
} from '../../lab/master/worker_records.ts';
import { masterSeenBy } from '../../lab/network/host_at.ts';
import type { Thing } from '../../lab/status/kinds.ts';

/** State 0 is Online (class Worker of `lava_scheduler_app/models.py`, 2023.01). */
const signs = {
  reads: { lava_scheduler_app_worker: 'hostname state last_ping version' },
  sql: `SELECT hostname, state = 0 AS online, extract(epoch FROM now() - last_ping)::int AS silent, version
FROM lava_scheduler_app_worker ORDER BY hostname`,
} as const;

/** The scheduler calls a worker Offline after 60 s and looks every 20 s; without a scheduler it stays Online. */
const SILENT_SECONDS = 80;

/** The worker that lava-server's first migrations make up. */
const EXAMPLE = 'example.com';

interface Sign {
  readonly hostname: string;
  readonly online: boolean;
  /** Seconds since its last ping; nothing when there never was one. */
  readonly silent: number | null;
  readonly version: string | null;
}

/** What the master has of one worker. */
interface Known extends WorkerRecord {
  readonly sign: Sign;
  /** The last change of its health in LAVA's log, quoted. */
  readonly entry: string;
  /** Of the master's own LAVA, where the worker's is another; then all its pings are turned away (views.py, 2023.01). */
  readonly masterVersion?: string;
}

/** Whether the master hears its workers and gives them jobs, from its own database. */
export function workersHealth(
  { hosts, groups: { workers: names = [], retired = [] } }: LabView,
  master: string,
): readonly HealthQuery[] {
  const probe = databaseProbe({ ...workerQueries, signs, entries: lastEntriesQuery('worker') });
  return [
    {
      id: 'lava_workers.service',
      probe,
      judge: (output) => {
        const known = read(output);
        if (!known) return [];
        return names.flatMap((name) =>
          judgeWorker(name, known.get(name), masterSeenBy(hosts[name], master)),
        );
      },
      things: (output) => {
        const known = read(output);
        return known ? names.map((name) => thing(name, known.get(name))) : [];
      },
    },
    {
      id: 'lava_workers.strangers',
      probe,
      judge: (output) =>
        [...(read(output)?.values() ?? [])]
          .filter(({ hostname, health }) => health === 'Active' && !names.includes(hostname))
          .map((known) =>
            retired.includes(known.hostname) ? judgeRetired(known) : judgeUnlisted(known),
          ),
    },
  ];
}

function read(output: string): ReadonlyMap<string, Known> | undefined {
  const state = parseDatabase(output);
  if (state.kind !== 'answered') return undefined;
  const { version: own } = state;
  const entries = lastEntries(state.rows);
  const heard = (state.rows.signs ?? []) as unknown as readonly Sign[];
  return new Map(
    [...workerRecords(state.rows)].flatMap(([name, record]) => {
      const sign = heard.find(({ hostname }) => hostname === name);
      if (!sign) return [];
      const isOther = own !== undefined && sign.version !== null && sign.version !== own;
      return [
        [
          name,
          {
            ...record,
            sign,
            entry: quoted(entries.get(name), record.health),
            ...(isOther && { masterVersion: own }),
          },
        ] as const,
      ];
    }),
  );
}

function judgeWorker(
  name: string,
  known: Known | undefined,
  master: ReturnType<typeof masterSeenBy>,
): readonly Finding[] {
  const common = { subject: `worker ${name}`, host: name };
  if (!known) {
    return [
      {
        ...{ severity: 'problem', ...common },
        what: `the master does not know the worker ${name}`,
        evidence: `no ${name} in lava_scheduler_app_worker`,
        fix: 'lava-play apply registers it',
      },
    ];
  }
  const { health, lastWord, mark, sign, masterVersion, entry } = known;
  if (health !== WORKER_HEALTH[0]) {
    const why = [mark, entry].filter((words) => words !== '').join('; ');
    const isMendedByItself = mark !== '' || isByHeartbeat(health, lastWord);
    return [
      {
        ...{ severity: 'warning', ...common },
        what: `the worker ${name} gets no jobs: it is set to ${health}`,
        evidence: why || "LAVA's log does not say by whom",
        fix: isMendedByItself
          ? 'fix the cause; the heartbeat notices that. If the heartbeat is off, set the worker to Active on its page of the web interface'
          : 'fix the cause, then set it to Active on its page of the web interface',
        ...(isMendedByItself && { towards: { kind: 'jobs', host: name } }),
      },
    ];
  }
  if (isHeard(sign)) return [];
  const ping = `${name}: ${sign.online ? 'Online' : 'Offline'}, last ping ${sign.silent === null ? 'never' : `${sign.silent} s ago`}`;
  if (masterVersion !== undefined) {
    return [
      {
        ...{ severity: 'problem', ...common },
        what: `the master rejects the worker ${name}: its LAVA version differs from the master's`,
        evidence: `${ping}, version ${sign.version}; the master's is ${masterVersion}`,
        fix: `lava-play apply --limit ${name} installs the master's version, where apt offers it`,
        towards: { kind: 'lava_worker', ...master },
      },
    ];
  }
  return [
    {
      ...{ severity: 'problem', ...common },
      what: `the master receives no pings from the worker ${name}, and gives it no jobs`,
      evidence: ping,
      fix: `on ${name}: systemctl status lava-worker, and /var/log/lava-dispatcher/lava-worker.log`,
      until: 'lava_worker',
      towards: { kind: 'lava_worker', ...master },
    },
  ];
}

function judgeRetired({ hostname, sign }: Known): Finding {
  return {
    severity: 'problem',
    what: `the worker ${hostname} is retired in the inventory, but the master still gives it jobs`,
    evidence: `${hostname}: Active, ${sign.online ? 'Online' : 'Offline'}`,
    fix: 'lava-play apply retires it',
    subject: `worker ${hostname}`,
  };
}

function judgeUnlisted({ hostname, sign }: Known): Finding {
  const isMadeUp = hostname === EXAMPLE;
  return {
    severity: isMadeUp ? 'warning' : 'note',
    what: isMadeUp
      ? 'the example worker of LAVA is not retired, and its devices get jobs that never start'
      : `the master has a worker ${hostname} that is not in the inventory`,
    evidence: `${hostname}: Active, ${sign.online ? 'Online' : 'Offline'}`,
    fix: isMadeUp
      ? 'lava-play apply retires it'
      : 'add it to the inventory, or retire it on its page of the web interface',
    subject: `worker ${hostname}`,
  };
}

function isHeard({ online, silent }: Sign): boolean {
  return online && silent !== null && silent <= SILENT_SECONDS;
}

function thing(name: string, known: Known | undefined): Thing {
  const common = { kind: 'worker', name, host: name } as const;
  if (!known) return { ...common, state: 'not registered', status: 'bad' };
  const { health, jobs, sign } = known;
  const status = health === 'Active' ? (isHeard(sign) ? 'good' : 'bad') : 'off';
  return {
    ...{ ...common, state: isHeard(sign) ? 'Online' : 'Offline', status },
    details: {
      health,
      ...(sign.version && { version: sign.version }),
      ...(sign.silent !== null && { 'last ping': sign.silent }),
      'running jobs': jobs.length,
    },
  };
}
