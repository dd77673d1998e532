import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import {
  type ClusterChoice,
  chooseCluster,
  clusters,
  titleOf,
} from '../../lab/database/cluster.ts';

/** Whose statements are counted. */
interface Client extends ClusterChoice {
  readonly database: string;
  readonly user: string;
}

const MARK = 'given up ';
const WORDS = 'canceling statement due to statement timeout';

/**
 * Whether PostgreSQL had to give up statements of LAVA, which allows 30 s for each (lava-server, 2014).
 *
 * Read off the end of the server's log, of the last day, in English and where pg_lsclusters(1) finds a file.
 */
export function statementTimeouts(client: Client): HealthQuery {
  return {
    id: 'postgres_allow_remote.timeouts',
    probe: PROBE,
    judge: (output) => judge(output, client),
  };
}

const PROBE = [
  'command -v pg_lsclusters >/dev/null || exit 0',
  `since=$(date -d '1 day ago' '+%Y-%m-%d %H:%M:%S')`,
  'pg_lsclusters --no-header | while read -r version name port status owner data log; do',
  '  echo "$version $name $port $status $owner"',
  '  [ -f "$log" ] || continue',
  `  tail -c 4194304 "$log" | grep -a '${WORDS}' | awk -v since="$since" '$0 >= since' | tail -n 500 |`,
  `    sed "s/^/${MARK}$version\\/$name /"`,
  'done',
].join('\n');

function judge(output: string, client: Client): readonly Finding[] {
  const lines = output.split('\n');
  const found = clusters.parse(lines.filter((line) => !line.startsWith(MARK)).join('\n'));
  const cluster = chooseCluster(found ?? [], client);
  if (!cluster) return [];
  const mark = `${MARK}${titleOf(cluster)} `;
  const ours = lines
    .filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length))
    .filter((line) => isOf(client, line));
  const last = ours.at(-1);
  if (last === undefined) return [];
  return [
    {
      severity: 'warning',
      what: `PostgreSQL cancelled statements of LAVA that took too long, ${ours.length} in the last day`,
      evidence: last,
      fix: 'see the statements in its log; look for load, a slow disk or a slow network (lab.latency); VACUUM ANALYZE',
      subject: `database ${client.database}`,
    },
  ];
}

/** Debian writes who it was (`log_line_prefix = '%m [%p] %q%u@%d '`); another prefix may not. */
function isOf({ user, database }: Client, line: string): boolean {
  return line.includes(` ${user}@${database} `) || !/\] \S+@\S+ ERROR:/.test(line);
}
