import type { Rows } from '../lava_workers/registration.ts';
import { REGISTERED } from '../lava_workers/worker_records.ts';

/** How LAVA writes a device's health (class Device of `lava_scheduler_app/models.py`, 2023.01), in its order. */
const HEALTH = ['Good', 'Unknown', 'Looping', 'Bad', 'Maintenance', 'Retired'] as const;

/** A device as the master has it. */
export interface DeviceRecord {
  readonly hostname: string;
  readonly type: string;
  /** Empty for none. */
  readonly worker: string;
  readonly health: (typeof HEALTH)[number];
  readonly description: string;
  readonly tags: readonly string[];
  /** Registered by lava-play, not by hand. */
  readonly ours: boolean;
  /** What LAVA's log says of the last time that it was taken out of or put into service; empty when nothing. */
  readonly lastWord: string;
  /** Numbers of the jobs that it runs or is about to. */
  readonly jobs: readonly number[];
}

/** A device type as the master has it. */
export interface TypeRecord {
  readonly name: string;
  readonly aliases: readonly string[];
}

/** What is asked of the database for `deviceRecords` and `typeRecords`. */
export const deviceQueries = {
  devices: `WITH log AS MATERIALIZED (
  SELECT l.id, object_id, change_message FROM django_admin_log l JOIN django_content_type c ON c.id = content_type_id
  WHERE app_label = 'lava_scheduler_app' AND model = 'device'
    AND change_message ~ '^${REGISTERED}$|Retired|Maintenance'
), ours AS MATERIALIZED (
  SELECT DISTINCT object_id FROM log WHERE change_message = '${REGISTERED}'
), last AS MATERIALIZED (
  SELECT DISTINCT ON (object_id) object_id, change_message FROM log WHERE change_message <> '${REGISTERED}'
  ORDER BY object_id, id DESC
), jobs AS MATERIALIZED (
  SELECT actual_device_id, id FROM lava_scheduler_app_testjob WHERE health = 0 AND state BETWEEN 1 AND 4
)
SELECT hostname, device_type_id AS type, coalesce(worker_host_id, '') AS worker, health,
  coalesce(description, '') AS description,
  ARRAY(SELECT name::text FROM lava_scheduler_app_device_tags JOIN lava_scheduler_app_tag t ON t.id = tag_id
    WHERE device_id = hostname ORDER BY name COLLATE "C") AS tags,
  ours.object_id IS NOT NULL AS ours,
  coalesce(last.change_message, '') AS last_word,
  ARRAY(SELECT id FROM jobs WHERE actual_device_id = hostname ORDER BY id) AS jobs
FROM lava_scheduler_app_device
LEFT JOIN ours ON ours.object_id = hostname LEFT JOIN last ON last.object_id = hostname
ORDER BY hostname`,
  types: `SELECT name, ARRAY(SELECT name::text FROM lava_scheduler_app_alias a WHERE a.device_type_id = t.name ORDER BY 1) AS aliases
FROM lava_scheduler_app_devicetype t ORDER BY name`,
} as const;

interface Row extends Omit<DeviceRecord, 'health' | 'lastWord'> {
  readonly health: number;
  readonly last_word: string;
}

/** The devices by name. */
export function deviceRecords({ devices = [] }: Rows): ReadonlyMap<string, DeviceRecord> {
  const rows = devices as unknown as readonly Row[];
  return new Map(
    rows.map(({ health, last_word: lastWord, ...row }) => [
      row.hostname,
      { ...row, health: HEALTH[health] ?? 'Unknown', lastWord },
    ]),
  );
}

/** The device types by name. */
export function typeRecords({ types = [] }: Rows): ReadonlyMap<string, TypeRecord> {
  const rows = types as unknown as readonly TypeRecord[];
  return new Map(rows.map((row) => [row.name, row]));
}
