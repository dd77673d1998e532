import type { Cluster } from '../../lab/database/cluster.ts';
import { isReady, literal, psql } from '../../lab/database/server_state.ts';

/** A row of the table of workers, as far as it matters here. */
export interface WorkerRow {
  readonly hostname: string;
  readonly is_master: boolean;
  readonly rpc2_url: string | null;
}

/**
 * The rows that matter, or why there are none: the server is down, LAVA's database or the table is not
 * made yet, or the table is that of a LAVA without these columns.
 */
export type WorkersTable =
  | readonly WorkerRow[]
  | 'down'
  | 'no database'
  | 'no table'
  | 'no columns';

const TABLE = 'lava_scheduler_app_worker';

/** Shell that asks for the masters and for the host that should be the master. */
export function tableProbe(
  cluster: Cluster,
  database: string,
  hostname: string | undefined,
): string {
  const wanted =
    hostname === undefined ? 'is_master' : `is_master OR hostname = ${literal(hostname)}`;
  const exists = `SELECT 1 FROM pg_database WHERE datname = ${literal(database)};\n`;
  const query = `SELECT to_regclass('${TABLE}') IS NOT NULL AS has_table,
  (SELECT count(*) = 2 FROM pg_attribute
    WHERE attrelid = to_regclass('${TABLE}') AND attname IN ('rpc2_url', 'is_master') AND NOT attisdropped) AS has_columns \\gset
\\if :has_columns
SELECT coalesce(json_agg(r ORDER BY hostname), '[]')
  FROM (SELECT hostname, is_master, rpc2_url FROM ${TABLE} WHERE ${wanted}) r;
\\elif :has_table
SELECT 'no columns';
\\else
SELECT 'no table';
\\endif
`;
  return [
    `if ! ${isReady(cluster)}; then echo down; else`,
    `found=$(\n${psql(cluster, exists)}\n) || exit 1`,
    `if [ -z "$found" ]; then echo 'no database'; else\n${psql(cluster, query, database)}\nfi; fi`,
  ].join('\n');
}

/** Reads what `tableProbe` printed. */
export function parseTable(output: string): WorkersTable {
  const said = output.trim();
  return said.startsWith('[') ? JSON.parse(said) : (said as WorkersTable);
}

/** Shell that makes one row the only master's row; exits 75 when the masters are no longer as planned. */
export function makeMaster(
  cluster: Cluster,
  database: string,
  change: {
    readonly masters: readonly WorkerRow[];
    readonly hostname: string;
    readonly url: string;
  },
): string {
  const hostname = literal(change.hostname);
  const planned = change.masters.map((row) => literal(`${row.hostname} ${row.rpc2_url ?? ''}`));
  const sql = `UPDATE ${TABLE}
  SET is_master = (hostname = ${hostname}),
    rpc2_url = CASE WHEN hostname = ${hostname} THEN ${literal(change.url)} ELSE rpc2_url END
  WHERE (is_master OR hostname = ${hostname})
    AND ARRAY(SELECT hostname || ' ' || coalesce(rpc2_url, '') FROM ${TABLE} WHERE is_master ORDER BY hostname)
      = ARRAY[${planned.join(', ')}]::text[]
  RETURNING hostname;
`;
  return `changed=$(\n${psql(cluster, sql, database)}\n) || exit 1\n[ -n "$changed" ] || exit 75`;
}
