import {
  type Cluster,
  type ClusterChoice,
  chooseCluster,
  clusters,
  titleOf,
} from '../../lab/database/cluster.ts';
import {
  parseServerState,
  type RunningServer,
  stateQuery,
} from '../../lab/database/server_state.ts';
import { type HbaLine, hbaLines } from './hba_lines.ts';

/** What the task wants of the database, as far as its health is about it. */
export interface WantedDatabase extends ClusterChoice {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly clients: readonly string[];
}

/** All that is judged by the answer of one server. */
export interface Answer {
  readonly cluster: Cluster;
  readonly now: RunningServer;
  readonly lines: readonly HbaLine[];
}

const MARK = 'state ';

/** The clusters, and of each that answers what it says of itself; a database that is shut down is an answer too. */
export function healthProbe({ database, user }: WantedDatabase): string {
  return [
    'command -v pg_lsclusters >/dev/null || { echo missing; exit 0; }',
    'pg_lsclusters --no-header',
    'pg_lsclusters --no-header | while read -r version name port status owner rest; do',
    '  bin=/usr/lib/postgresql/$version/bin',
    '  "$bin/pg_isready" -q -t 5 -p "$port" || continue',
    `  printf '${MARK}%s/%s ' "$version" "$name"`,
    `  { ${stateQuery({ database, user })}} |`,
    '    PGCONNECT_TIMEOUT=5 PGOPTIONS="-c statement_timeout=5000" runuser -u "$owner" -- "$bin/psql" -XAtqw -v ON_ERROR_STOP=1 -p "$port" -d postgres -f - 2>&1',
    '  echo',
    'done',
  ].join('\n');
}

/** The clusters that `healthProbe` found; nothing where there is no PostgreSQL. */
export function clustersIn(output: string): readonly Cluster[] | undefined {
  return clusters.parse(
    output
      .split('\n')
      .filter((line) => !line.startsWith(MARK))
      .join('\n'),
  );
}

/** What a cluster printed: its state, or why it has none to tell. */
export function saidBy(cluster: Cluster, output: string): string | undefined {
  return new RegExp(`^${MARK}${titleOf(cluster)} (.+)$`, 'm').exec(output)?.[1];
}

/** What the server that the task means says of itself; nothing when it does not. */
export function answerOf(output: string, wanted: WantedDatabase): Answer | undefined {
  const cluster = chooseCluster(clustersIn(output) ?? [], wanted);
  if (!cluster) return undefined;
  const said = saidBy(cluster, output);
  const now = said?.startsWith('{') ? parseServerState(said) : 'down';
  if (now === 'down') return undefined;
  return { cluster, now, lines: hbaLines(Buffer.from(now.hba, 'base64').toString()) };
}
