import { printText, quote, sh } from '../../engine/sdk.ts';
import { type Cluster, program } from './cluster.ts';

/** What a running server says about itself; `down` when none answers. */
export type ServerState = 'down' | RunningServer;

/** What a server that answers says. */
export interface RunningServer {
  /** The value of `listen_addresses` that it started with. */
  readonly listen: string;
  readonly ssl: 'on' | 'off';
  /** Where the files on disk set `listen_addresses`; the last one wins at the next start. */
  readonly listenSettings: readonly {
    readonly file: string;
    readonly line: number;
    readonly value: string;
  }[];
  readonly hbaFile: string;
  /** pg_hba.conf as it is on disk, in base64. */
  readonly hba: string;
  /** Lines of pg_hba.conf on disk that the server would not take. */
  readonly hbaErrors: readonly {
    readonly file: string | null;
    readonly line: number;
    readonly error: string;
  }[];
  /** Whether pg_hba.conf changed after the server last read it. */
  readonly hbaUnread: boolean;
  readonly role: Role | null;
  readonly database: Database | null;
  /** How many clients there are and may be. */
  readonly connections?: { readonly used: number; readonly most: number };
}

/** A row of pg_authid. */
export interface Role {
  readonly login: boolean;
  readonly superuser: boolean;
  /** The role that the cluster was made with, and cannot do without. */
  readonly bootstrap: boolean;
  readonly verifier: string | null;
}

/** A row of pg_database. */
export interface Database {
  readonly owner: string;
  readonly encoding: string;
}

/** Shell that asks a server all that the module wants to know, in one call. */
export function serverProbe(cluster: Cluster, names: Names): string {
  return `if ${isReady(cluster)}; then\n${psql(cluster, queryOf(names))}\nelse echo down; fi`;
}

/** Shell that prints the SQL by which a server tells all that the module wants to know. */
export function stateQuery(names: Names): string {
  return printText(queryOf(names));
}

/** Which database and role are asked about. */
interface Names {
  readonly database: string;
  readonly user: string;
}

/** `hostssl` lines while TLS is off count as errors in pg_hba_file_rules although the server only warns of them. */
function queryOf(names: Names): string {
  return `SELECT json_build_object(
  'listen', current_setting('listen_addresses'),
  'ssl', current_setting('ssl'),
  'listenSettings', (SELECT coalesce(json_agg(json_build_object('file', sourcefile, 'line', sourceline, 'value', setting) ORDER BY seqno), '[]')
    FROM pg_file_settings WHERE name = 'listen_addresses'),
  'hbaFile', current_setting('hba_file'),
  'hba', translate(encode(pg_read_binary_file(current_setting('hba_file')), 'base64'), E'\\n', ''),
  'hbaErrors', (SELECT coalesce(json_agg(json_build_object('file', to_jsonb(r)->>'file_name', 'line', line_number, 'error', error) ORDER BY line_number), '[]')
    FROM pg_hba_file_rules r WHERE ${BROKEN}),
  'hbaUnread', (pg_stat_file(current_setting('hba_file'))).modification > pg_conf_load_time(),
  'role', (SELECT json_build_object('login', rolcanlogin, 'superuser', rolsuper, 'bootstrap', oid = 10, 'verifier', rolpassword)
    FROM pg_authid WHERE rolname = ${literal(names.user)}),
  'database', (SELECT json_build_object('owner', pg_get_userbyid(datdba), 'encoding', pg_encoding_to_char(encoding))
    FROM pg_database WHERE datname = ${literal(names.database)}),
  'connections', json_build_object('most', current_setting('max_connections')::int,
    'used', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')));
`;
}

/** Reads what `serverProbe` printed. */
export function parseServerState(output: string): ServerState {
  return output.trim() === 'down' ? 'down' : JSON.parse(output);
}

/** Condition on a row of pg_hba_file_rules: the server would refuse the file because of this line. */
export const BROKEN = "error IS NOT NULL AND error NOT LIKE '%cannot match because SSL is%'";

/** Shell that runs SQL as the cluster's owner; the SQL is not an argument of any process. */
export function psql(cluster: Cluster, sql: string, database = 'postgres'): string {
  const target = quote(`dbname='${database.replace(/[\\']/g, '\\$&')}'`);
  return [
    'cd / || exit 1',
    `{ ${printText(sql)}} |`,
    `  runuser -u ${sh`${cluster.owner}`} -- ${program(cluster, 'psql')} -XAtqw -v ON_ERROR_STOP=1 -p ${cluster.port} -d ${target} -f -`,
  ].join('\n');
}

/** Shell that succeeds when the server answers. */
export function isReady(cluster: Cluster): string {
  return `${program(cluster, 'pg_isready')} -q -p ${cluster.port}`;
}

/** An SQL identifier, case and all. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL string, whatever `standard_conforming_strings` says. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}
