import { readingLog } from './log_entries.ts';
import type { Rows } from './registration.ts';
import { strangeLava } from './strange_lava.ts';

/** How LAVA writes a worker's health (class Worker of `lava_scheduler_app/models.py`, 2023.01), in its order. */
export const WORKER_HEALTH = ['Active', 'Maintenance', 'Retired'] as const;

/** A worker as the master has it. */
export interface WorkerRecord {
  readonly hostname: string;
  readonly health: (typeof WORKER_HEALTH)[number];
  /** Without the heartbeat's mark. */
  readonly description: string;
  /** With what the heartbeat of release 0.1 ended the description to say why it set Maintenance; empty when it has not. */
  readonly mark: string;
  /** Registered by lava-play, not by hand. */
  readonly ours: boolean;
  /** What LAVA's log says of the last change of its health; empty when nothing. */
  readonly lastWord: string;
  /** Numbers of the jobs that it runs or is about to. */
  readonly jobs: readonly number[];
  /** Its devices that somebody has registered by hand, but for those that are Bad or Retired. */
  readonly devices: readonly string[];
}

/** With what the reason of a change of health begins that was made by us, in the same log. */
export const BY_US = 'lava-play:';

/** Whether it was us who gave something its health, by what LAVA's log says of the last change: `Good → Retired (lava-play: …)`. */
export function isByUs(health: string, lastWord: string): boolean {
  return lastWord.includes(`${health} (${BY_US}`);
}

/** With what the reason of a change of health begins that the receiver of heartbeats has made (judgement.py). */
const BY_HEARTBEAT = 'lava-heartbeat: ';

/** Whether it was the heartbeat that gave something its health; then it takes it back by itself. */
export function isByHeartbeat(health: string, lastWord: string): boolean {
  return lastWord.includes(`${health} (${BY_HEARTBEAT}`);
}

/** What is asked of the database for `workerRecords`. */
export const workerQueries = {
  workers: readingLog(
    ['worker', 'device'],
    {
      lava_scheduler_app_worker: 'hostname health description',
      lava_scheduler_app_device: 'hostname worker_host_id health',
      lava_scheduler_app_testjob: 'id actual_device_id health state',
    },
    ({
      ours,
      last,
    }) => `WITH ${ours('worker')}, ${last('worker', WORKER_HEALTH)}, ${ours('device')}, jobs AS MATERIALIZED (
  SELECT worker_host_id, j.id FROM lava_scheduler_app_testjob j JOIN lava_scheduler_app_device d ON d.hostname = actual_device_id
  WHERE j.health = 0 AND j.state BETWEEN 1 AND 4
)
SELECT hostname, health, coalesce(description, '') AS description,
  ours_worker.name IS NOT NULL AS ours,
  coalesce(change_message, '') AS last_word,
  ARRAY(SELECT id FROM jobs WHERE worker_host_id = hostname ORDER BY id) AS jobs,
  ARRAY(SELECT d.hostname::text FROM lava_scheduler_app_device d WHERE worker_host_id = w.hostname AND d.health NOT IN (3, 5)
    AND NOT EXISTS (SELECT FROM ours_device WHERE name = d.hostname) ORDER BY 1) AS devices
FROM lava_scheduler_app_worker w
LEFT JOIN ours_worker ON ours_worker.name = hostname LEFT JOIN last_worker ON last_worker.name = hostname
ORDER BY hostname`,
  ),
} as const;

interface Row {
  readonly hostname: string;
  readonly health: number;
  readonly description: string;
  readonly ours: boolean;
  readonly last_word: string;
  readonly jobs: readonly number[];
  readonly devices: readonly string[];
}

/** The workers by name. */
export function workerRecords({ workers = [] }: Rows): ReadonlyMap<string, WorkerRecord> {
  const rows = workers as unknown as readonly Row[];
  return new Map(
    rows.map(({ health, last_word: lastWord, description: whole, ...row }) => {
      const [mark = ''] = /\[lava-heartbeat: [^\]]*\]$/.exec(whole) ?? [];
      const description = mark === '' ? whole : whole.slice(0, -mark.length).replace(/ $/, '');
      return [
        row.hostname,
        { ...row, health: healthOf(row.hostname, health), lastWord, description, mark },
      ];
    }),
  );
}

function healthOf(name: string, health: number): WorkerRecord['health'] {
  const known = WORKER_HEALTH[health];
  if (known) return known;
  throw strangeLava(
    `LAVA gives the worker ${name} the health ${health}, which lava-play does not know`,
  );
}

/** `job 7`, `jobs 7 and 8`. */
export function jobsInWords(jobs: readonly number[]): string {
  return `${jobs.length === 1 ? 'job' : 'jobs'} ${jobs.join(' and ')}`;
}
