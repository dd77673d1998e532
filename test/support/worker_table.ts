/**
 * The classic scheduler's table of workers, as SQL.
 *
 * Columns as of lava-server 2014.06: `lava_scheduler_app/models.py`, South migrations 0038 to 0046.
 */
export const WORKER_TABLE = `CREATE TABLE lava_scheduler_app_worker (
  hostname varchar(200) NOT NULL PRIMARY KEY,
  description text,
  uptime varchar(200),
  arch varchar(200),
  hardware_info text NOT NULL,
  platform varchar(200),
  last_heartbeat timestamp with time zone,
  rpc2_url varchar(200),
  ip_address varchar(20),
  is_master boolean NOT NULL DEFAULT false,
  software_info text NOT NULL DEFAULT '',
  last_master_scheduler_tick timestamp with time zone,
  display boolean NOT NULL DEFAULT true
);
`;

/** SQL that makes a row as the scheduler on that host would. */
export function workerRow(
  hostname: string,
  row: { readonly master?: boolean; readonly url?: string } = {},
): string {
  const url = row.url === undefined ? 'NULL' : `'${row.url}'`;
  return `INSERT INTO lava_scheduler_app_worker (hostname, hardware_info, is_master, rpc2_url) VALUES ('${hostname}', '', ${row.master === true}, ${url});\n`;
}

/** The classic scheduler's table of devices, as far as it is about where a device is and how; as SQL. */
export const DEVICE_TABLE = `CREATE TABLE lava_scheduler_app_device (
  hostname varchar(200) NOT NULL PRIMARY KEY,
  device_type_id varchar(50) NOT NULL,
  status integer NOT NULL DEFAULT 1,
  health_status integer NOT NULL DEFAULT 0,
  worker_host_id varchar(200) REFERENCES lava_scheduler_app_worker (hostname)
);
`;
