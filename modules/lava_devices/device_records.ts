import { readingLog } from '../../lab/master/log_entries.ts';
import type { Rows } from '../../lab/master/registration.ts';
import { strangeLava } from '../../lab/master/strange_lava.ts';

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
  devices: readingLog(
    ['device'],
    {
      lava_scheduler_app_device: 'hostname device_type_id worker_host_id health description',
      lava_scheduler_app_device_tags: 'device_id tag_id',
      lava_scheduler_app_tag: 'id name',
      lava_scheduler_app_testjob: 'id actual_device_id health state',
    },
    ({
      ours,
      last,
    }) => `WITH ${ours('device')}, ${last('device', ['Retired', 'Maintenance'])}, jobs AS MATERIALIZED (
  SELECT actual_device_id, id FROM lava_scheduler_app_testjob WHERE health = 0 AND state BETWEEN 1 AND 4
)
SELECT hostname, device_type_id AS type, coalesce(worker_host_id, '') AS worker, health,
  coalesce(description, '') AS description,
  ARRAY(SELECT t.name::text FROM lava_scheduler_app_device_tags JOIN lava_scheduler_app_tag t ON t.id = tag_id
    WHERE device_id = hostname ORDER BY t.name COLLATE "C") AS tags,
  ours_device.name IS NOT NULL AS ours,
  coalesce(change_message, '') AS last_word,
  ARRAY(SELECT id FROM jobs WHERE actual_device_id = hostname ORDER BY id) AS jobs
FROM lava_scheduler_app_device
LEFT JOIN ours_device ON ours_device.name = hostname LEFT JOIN last_device ON last_device.name = hostname
ORDER BY hostname`,
  ),
  types: {
    reads: {
      lava_scheduler_app_devicetype: 'name',
      lava_scheduler_app_alias: 'name device_type_id',
    },
    sql: `SELECT name, ARRAY(SELECT a.name::text FROM lava_scheduler_app_alias a WHERE a.device_type_id = t.name ORDER BY 1) AS aliases
FROM lava_scheduler_app_devicetype t ORDER BY name`,
  },
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
      { ...row, health: healthOf(row.hostname, health), lastWord },
    ]),
  );
}

function healthOf(name: string, health: number): DeviceRecord['health'] {
  const known = HEALTH[health];
  if (known) return known;
  throw strangeLava(
    `LAVA gives the device ${name} the health ${health}, which lava-play does not know`,
  );
}

/** The device types by name. */
export function typeRecords({ types = [] }: Rows): ReadonlyMap<string, TypeRecord> {
  const rows = types as unknown as readonly TypeRecord[];
  return new Map(rows.map((row) => [row.name, row]));
}
