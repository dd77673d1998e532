import type { Finding } from '../../engine/sdk.ts';
import { chooseCluster, titleOf, unitOf } from '../../lab/database/cluster.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { type Answer, answerOf, clustersIn, saidBy, type WantedDatabase } from './server_answer.ts';

/** Whether the server runs and answers. */
export function judgeRunning(output: string, wanted: WantedDatabase): readonly Finding[] {
  const found = clustersIn(output);
  const cluster = chooseCluster(found ?? [], wanted);
  const breaks = { kinds: ['postgres'] } as const;
  if (!cluster) {
    return [
      {
        severity: 'problem',
        what: 'there is no PostgreSQL for LAVA on this host',
        evidence: found ? 'pg_lsclusters lists no cluster' : 'pg_lsclusters is not installed',
        fix: 'lava-play apply',
        subject: 'database',
        breaks,
      },
    ];
  }
  const unit = `${unitOf(cluster)}.service`;
  const [line = ''] = output.split('\n').filter((each) => each.startsWith(`${cluster.version} `));
  const evidence = line.replace(/ +/g, ' ');
  if (!cluster.status.includes('online')) {
    return [
      {
        severity: 'problem',
        what: `PostgreSQL ${titleOf(cluster)} is not running`,
        evidence,
        fix: `systemctl start ${unit}; if that fails: journalctl -u ${unit}, and /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log`,
        subject: `unit ${unit}`,
        breaks,
      },
    ];
  }
  if (answerOf(output, wanted)) return [];
  const words = saidBy(cluster, output);
  return [
    {
      severity: 'problem',
      what: `PostgreSQL ${titleOf(cluster)} is running but does not answer`,
      evidence: words ?? evidence,
      fix: `see /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log`,
      subject: `unit ${unit}`,
      breaks,
    },
  ];
}

/** The server as it is shown. */
export function serverThing(output: string, wanted: WantedDatabase): Thing {
  const cluster = chooseCluster(clustersIn(output) ?? [], wanted);
  const answer = answerOf(output, wanted);
  return {
    kind: 'database',
    name: cluster ? titleOf(cluster) : 'PostgreSQL',
    state: answer ? 'running' : 'down',
    status: answer ? 'good' : 'bad',
    details: {
      ...(answer && { address: answer.now.listen }),
      ...(cluster && { port: cluster.port }),
      ...(answer?.now.connections && {
        connections: answer.now.connections.used,
        limit: answer.now.connections.most,
      }),
    },
  };
}

/** Whether the server can be reached from other machines. */
export function judgeListen({ cluster, now }: Answer): readonly Finding[] {
  const addresses = now.listen.split(',').map((each) => each.trim());
  if (addresses.some((each) => !/^(localhost|127\.[\d.]+|::1|)$/.test(each))) return [];
  const last = now.listenSettings.at(-1);
  const isSaved = last !== undefined && last.value !== now.listen;
  return [
    {
      severity: 'problem',
      what: `PostgreSQL ${titleOf(cluster)} listens on this host only`,
      evidence: `listen_addresses = '${now.listen}'${last ? `; ${last.file}:${last.line} says '${last.value}'` : ''}`,
      fix: isSaved ? `systemctl restart ${unitOf(cluster)}` : 'lava-play apply',
      subject: 'listen_addresses',
      breaks: { kinds: ['postgres'] },
    },
  ];
}

/** Connections that PostgreSQL keeps for superusers (superuser_reserved_connections). */
const RESERVED = 3;

/** Whether the next who comes still finds a connection. */
export function judgeConnections({ now }: Answer): readonly Finding[] {
  const { connections } = now;
  if (!connections || connections.used < 0.9 * connections.most) return [];
  return [
    {
      severity: 'warning',
      what: 'PostgreSQL is nearly out of connections',
      evidence: `${connections.used} of max_connections = ${connections.most} in use`,
      fix: 'see who holds them: SELECT usename, client_addr, count(*) FROM pg_stat_activity GROUP BY 1, 2; or raise max_connections',
      subject: 'max_connections',
      ...(connections.used >= connections.most - RESERVED && { breaks: { kinds: ['postgres'] } }),
    },
  ];
}
