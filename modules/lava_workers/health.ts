import type { Finding, HealthQuestion } from '../../engine/module.ts';
import { databaseProbe, parseDatabase } from '../lava_server/database_probe.ts';
import { WORKER_HEALTH, workerQueries, workerRecords } from './worker_records.ts';

/** State 0 is Online (class Worker of `lava_scheduler_app/models.py`, 2023.01). */
const signs = `SELECT hostname, state = 0 AS online, extract(epoch FROM now() - last_ping)::int AS silent
FROM lava_scheduler_app_worker ORDER BY hostname`;

/** The scheduler calls a worker Offline after 60 s and looks every 20 s; without a scheduler it stays Online. */
const SILENT_SECONDS = 80;

interface Sign {
  readonly hostname: string;
  readonly online: boolean;
  /** Seconds since its last ping; nothing when there never was one. */
  readonly silent: number | null;
}

/** Whether the master hears its workers and gives them jobs, from its own database. */
export function workersHealth(names: readonly string[]): readonly HealthQuestion[] {
  return [
    {
      id: 'lava_workers.service',
      probe: databaseProbe({ ...workerQueries, signs }),
      judge: (output) => judgeWorkers(output, names),
    },
  ];
}

function judgeWorkers(output: string, names: readonly string[]): readonly Finding[] {
  const state = parseDatabase(output);
  if (state.kind !== 'answered') return [];
  const known = workerRecords(state.rows);
  const heard = (state.rows.signs ?? []) as unknown as readonly Sign[];
  return names.flatMap((name): readonly Finding[] => {
    const record = known.get(name);
    const sign = heard.find(({ hostname }) => hostname === name);
    const subject = `worker ${name}`;
    if (!record || !sign) {
      return [
        {
          ...{ severity: 'problem', subject },
          what: `the master does not know the worker ${name}`,
          evidence: `no ${name} in lava_scheduler_app_worker`,
          fix: 'lava-play apply registers it',
        },
      ];
    }
    const { health, lastWord, mark } = record;
    if (health !== WORKER_HEALTH[0]) {
      const why = [mark, lastWord].filter((words) => words !== '').join('; ');
      return [
        {
          ...{ severity: 'warning', subject },
          what: `the worker ${name} gets no jobs: it is set to ${health}`,
          evidence: why || "LAVA's log does not say by whom",
          fix: 'mend the reason, then set it to Active on its page of the web interface',
        },
      ];
    }
    if (sign.online && sign.silent !== null && sign.silent <= SILENT_SECONDS) return [];
    return [
      {
        ...{ severity: 'problem', subject },
        what: `the master does not hear the worker ${name}, and gives it no jobs`,
        evidence: `${name}: ${sign.online ? 'Online' : 'Offline'}, last ping ${sign.silent === null ? 'never' : `${sign.silent} s ago`}`,
        fix: `on ${name}: systemctl status lava-worker, and /var/log/lava-dispatcher/lava-worker.log`,
      },
    ];
  });
}
