import type { Query } from './database_probe.ts';
import type { Rows } from './registration.ts';

/** Of what LAVA keeps a log (its "History"). */
type Logged = 'worker' | 'device';

/** One place where LAVA keeps that log. */
interface Log extends Pick<Query, 'until'> {
  reads(model: Logged): Query['reads'];
  /** SQL of all entries: the name of the thing, what was said, and what puts them in order. */
  entries(model: Logged): string;
}

/**
 * LAVA 2026.10 has tables of its own; before, it was Django's, which stays there with other things in it.
 *
 * The migration between them (lava_scheduler_app 0071) copies texts, times and users of what still exists, newest
 * first, so only the time tells which entry is the last.
 */
const LOGS: readonly Log[] = [
  {
    reads: (model) => ({
      [`lava_scheduler_app_lavalogentry${model}`]: `id action_time ${model}_id change_message`,
    }),
    entries: (model) =>
      `SELECT ${model}_id AS name, change_message, action_time, id FROM lava_scheduler_app_lavalogentry${model}`,
  },
  {
    until: { migration: 'lava_scheduler_app.0071', table: 'django_admin_log' },
    reads: () => ({
      django_admin_log: 'id action_time object_id change_message content_type_id',
      django_content_type: 'id app_label model',
    }),
    entries: (model) =>
      `SELECT object_id AS name, change_message, action_time, l.id FROM django_admin_log l JOIN django_content_type c ON c.id = content_type_id
  WHERE app_label = 'lava_scheduler_app' AND model = '${model}'`,
  },
];

/** The entry in LAVA's log of a worker or device by which we know again what we have registered. */
export const REGISTERED = 'registered by lava-play';

/** The last change of health that LAVA's log has of a worker or device. */
export interface LogEntry {
  readonly name: string;
  /** `Good → Bad (Invalid device configuration)`. */
  readonly words: string;
  /** UTC. */
  readonly time: string;
}

/** What is asked of the database for `lastEntries`. */
export function lastEntriesQuery(model: Logged): readonly Query[] {
  return readingLog(
    [model],
    {},
    ({ entriesOf }) => `SELECT DISTINCT ON (name) name, change_message AS words,
  to_char(action_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS time
FROM (${entriesOf(model)}) log WHERE change_message LIKE '%→%' ORDER BY name, action_time DESC, id DESC`,
  );
}

/** The last entry about each name. */
export function lastEntries({ entries = [] }: Rows): ReadonlyMap<string, LogEntry> {
  const rows = entries as unknown as readonly LogEntry[];
  return new Map(rows.map((entry) => [entry.name, entry]));
}

/** An entry as a finding quotes it; empty where it is not what has led to this health, which then nobody has written down. */
export function quoted(entry: LogEntry | undefined, health: string): string {
  if (!entry?.words.includes(`→ ${health}`)) return '';
  return `LAVA's log, ${entry.time} UTC: ${entry.words}`;
}

/** What a query can join that reads the log, each as the text of a common table expression. */
export interface LogTables {
  /** SQL of all entries. */
  entriesOf(model: Logged): string;
  /** `ours_MODEL (name)`: what lava-play has registered. */
  ours(model: Logged): string;
  /** `last_MODEL (name, change_message)`: the last entry that names one of these, such as `Retired`. */
  last(model: Logged, words: readonly string[]): string;
}

/** A query that also reads the log of `models`, in each of the ways that LAVA keeps it. */
export function readingLog(
  models: readonly Logged[],
  reads: Query['reads'],
  sql: (log: LogTables) => string,
): readonly Query[] {
  return LOGS.map(({ until, reads: own, entries }) => ({
    ...(until !== undefined && { until }),
    reads: Object.assign({}, reads, ...models.map(own)),
    sql: sql({
      entriesOf: entries,
      ours: (model) => `ours_${model} AS MATERIALIZED (
  SELECT DISTINCT name FROM (${entries(model)}) log WHERE change_message = '${REGISTERED}'
)`,
      last: (model, words) => `last_${model} AS MATERIALIZED (
  SELECT DISTINCT ON (name) name, change_message FROM (${entries(model)}) log
  WHERE change_message ~ '${words.join('|')}' ORDER BY name, action_time DESC, id DESC
)`,
    }),
  }));
}
