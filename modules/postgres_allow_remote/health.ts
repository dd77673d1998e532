import { type Finding, type HealthQuestion, type LabView, scramMatches } from '../../engine/sdk.ts';
import { networkOf } from '../../lab/database/clients.ts';
import {
  type Cluster,
  type ClusterChoice,
  chooseCluster,
  clusters,
  titleOf,
  unitOf,
} from '../../lab/database/cluster.ts';
import {
  parseServerState,
  type RunningServer,
  stateQuery,
} from '../../lab/database/server_state.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { addressAtDatabase } from '../../lab/tunnel/lab_tunnel.ts';
import { decidingLine, type HbaLine, hbaLines } from './hba_lines.ts';
import { maskPgHba } from './pg_hba.ts';
import { statementTimeouts } from './statement_timeouts.ts';

/** What the task wants of the database, as far as its health is about it. */
export interface WantedDatabase extends ClusterChoice {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly clients: readonly string[];
}

/** All that is judged by the answer of one server. */
interface Answer {
  readonly cluster: Cluster;
  readonly now: RunningServer;
  readonly lines: readonly HbaLine[];
}

const MARK = 'state ';

/** Whether LAVA's database runs, listens, and lets the machines of the lab in and nobody else. */
export function databaseHealth(wanted: WantedDatabase, lab: LabView): readonly HealthQuestion[] {
  const probe = healthProbe(wanted);
  const about =
    (judge: (answer: Answer) => readonly Finding[]) =>
    (output: string): readonly Finding[] => {
      const answer = read(output, wanted);
      return answer ? judge(answer) : [];
    };
  return [
    {
      id: 'postgres_allow_remote.running',
      probe,
      judge: (output: string) => judgeRunning(output, wanted),
      things: (output: string) => [serverThing(output, wanted)],
    },
    { id: 'postgres_allow_remote.listen', probe, judge: about(judgeListen) },
    { id: 'postgres_allow_remote.trust', probe, judge: about(judgeTrust) },
    {
      id: 'postgres_allow_remote.clients',
      probe,
      judge: about((answer) => judgeClients(answer, wanted, lab)),
    },
    { id: 'postgres_allow_remote.rules', probe, judge: about(judgeRules) },
    {
      id: 'postgres_allow_remote.role',
      probe,
      judge: about((answer) => judgeRole(answer, wanted)),
    },
    { id: 'postgres_allow_remote.connections', probe, judge: about(judgeConnections) },
    statementTimeouts(wanted),
  ];
}

/** The clusters, and of each that answers what it says of itself; a database that is shut down is an answer too. */
function healthProbe({ database, user }: WantedDatabase): string {
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

function clustersIn(output: string): readonly Cluster[] | undefined {
  return clusters.parse(
    output
      .split('\n')
      .filter((line) => !line.startsWith(MARK))
      .join('\n'),
  );
}

function read(output: string, wanted: WantedDatabase): Answer | undefined {
  const cluster = chooseCluster(clustersIn(output) ?? [], wanted);
  if (!cluster) return undefined;
  const [, state] = new RegExp(`^${MARK}${titleOf(cluster)} (\\{.*)$`, 'm').exec(output) ?? [];
  const now = state === undefined ? 'down' : parseServerState(state);
  if (now === 'down') return undefined;
  return { cluster, now, lines: hbaLines(Buffer.from(now.hba, 'base64').toString()) };
}

function judgeRunning(output: string, wanted: WantedDatabase): readonly Finding[] {
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
        fix: `systemctl start ${unit}; if it does not: journalctl -u ${unit}, and /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log`,
        subject: `unit ${unit}`,
        breaks,
      },
    ];
  }
  if (read(output, wanted)) return [];
  const [, words] = new RegExp(`^${MARK}${titleOf(cluster)} (.+)$`, 'm').exec(output) ?? [];
  return [
    {
      severity: 'problem',
      what: `PostgreSQL ${titleOf(cluster)} runs but does not answer`,
      evidence: words ?? evidence,
      fix: `see /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log`,
      subject: `unit ${unit}`,
      breaks,
    },
  ];
}

function serverThing(output: string, wanted: WantedDatabase): Thing {
  const cluster = chooseCluster(clustersIn(output) ?? [], wanted);
  const answer = read(output, wanted);
  return {
    kind: 'database',
    name: cluster ? titleOf(cluster) : 'PostgreSQL',
    state: answer ? 'running' : 'down',
    tone: answer ? 'good' : 'bad',
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

function judgeListen({ cluster, now }: Answer): readonly Finding[] {
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

function judgeTrust({ now, lines }: Answer): readonly Finding[] {
  return lines
    .filter(({ type, where }) => type !== 'local' && where !== 'loopback')
    .flatMap((line): readonly Finding[] => {
      const common = {
        evidence: `${now.hbaFile}:${line.number}: ${maskPgHba(line.text)}`,
        subject: `line ${line.number} of pg_hba.conf`,
      };
      if (line.method === 'trust') {
        return [
          {
            ...common,
            severity: 'problem',
            what: `PostgreSQL lets ${line.where === 'anywhere' ? 'anybody on the network' : 'other machines'} in as ${line.user === 'all' ? 'any role, the superuser too' : line.user}, without a password`,
            fix: 'remove that line (lava-play apply does so if lava-deployment-tool wrote it), then: systemctl reload postgresql',
          },
        ];
      }
      if (line.method === 'password') {
        return [
          {
            ...common,
            severity: 'warning',
            what: 'PostgreSQL takes passwords in clear over the network',
            fix: 'write scram-sha-256 in the place of password, then: systemctl reload postgresql',
          },
        ];
      }
      if (line.where !== 'anywhere' || line.method === 'reject') return [];
      return [
        {
          ...common,
          severity: 'warning',
          what: 'PostgreSQL lets any machine of the network try passwords',
          fix: 'remove that line: the lab has a line for each of its machines',
        },
      ];
    });
}

function judgeClients(
  { now, lines }: Answer,
  wanted: WantedDatabase,
  lab: LabView,
): readonly Finding[] {
  const members = wanted.clients.flatMap(
    (client) => lab.groups[client] ?? lab.hosts[client]?.name ?? [],
  );
  return [...new Set(members)].flatMap((name): readonly Finding[] => {
    const host = lab.hosts[name];
    if (!host) return [];
    const address = addressAtDatabase(host, lab);
    if (!networkOf(address)?.endsWith('/32')) return [];
    const deciding = decidingLine(lines, { address, ...wanted });
    if (deciding === 'unsure') return [];
    const common = {
      severity: 'problem' as const,
      subject: `client ${name}`,
      breaks: { kinds: ['postgres'] as const, only: name },
    };
    if (!deciding) {
      return [
        {
          ...common,
          what: `PostgreSQL has no line that lets ${name} in`,
          evidence: `${now.hbaFile}: nothing for ${wanted.user} from ${address} to ${wanted.database}`,
          fix: `lava-play apply --limit database, which adds: host ${wanted.database} ${wanted.user} ${address}/32 scram-sha-256`,
        },
      ];
    }
    if (deciding.method !== 'reject') return [];
    return [
      {
        ...common,
        what: `PostgreSQL turns ${name} away before its line is reached`,
        evidence: `${now.hbaFile}:${deciding.number}: ${maskPgHba(deciding.text)}`,
        fix: 'the first line that fits decides: lava-play apply --limit database puts ours before it',
      },
    ];
  });
}

function judgeRules({ now, lines, cluster }: Answer): readonly Finding[] {
  const broken = now.hbaErrors.map(({ file, line, error }): Finding => {
    const text = lines.find(({ number }) => number === line)?.text;
    return {
      severity: 'problem',
      what: 'PostgreSQL cannot read its access rules: at the next start it will not run, and changes do not count',
      evidence: `${file ?? now.hbaFile}:${line}: ${error}${text === undefined ? '' : `: ${maskPgHba(text)}`}`,
      fix: 'mend or remove that line, then: systemctl reload postgresql',
      subject: `line ${line} of pg_hba.conf`,
    };
  });
  if (broken.length > 0 || !now.hbaUnread) return broken;
  return [
    {
      severity: 'problem',
      what: 'PostgreSQL still goes by older access rules than those in its file',
      evidence: `${now.hbaFile} was changed after the server read it`,
      fix: `systemctl reload ${unitOf(cluster)}`,
      subject: 'pg_hba.conf',
    },
  ];
}

function judgeRole(
  { now }: Answer,
  { database, user, password }: WantedDatabase,
): readonly Finding[] {
  const common = {
    severity: 'problem' as const,
    fix: 'lava-play apply --limit database',
    breaks: { kinds: ['postgres'] as const },
  };
  const { role } = now;
  if (!role) {
    const what = `PostgreSQL has no role ${user} for LAVA`;
    return [{ ...common, what, evidence: `no ${user} in pg_authid`, subject: `role ${user}` }];
  }
  const found: Finding[] = [];
  if (!role.login) {
    const what = `the role ${user} may not log in`;
    found.push({ ...common, what, evidence: `${user}: NOLOGIN`, subject: `role ${user}` });
  } else if (!(role.verifier !== null && scramMatches(role.verifier, password))) {
    found.push({
      ...common,
      what: `the role ${user} has another password than the inventory`,
      evidence: role.verifier?.startsWith('SCRAM-SHA-256$')
        ? 'pg_authid.rolpassword does not fit it'
        : `pg_authid.rolpassword is ${role.verifier === null ? 'empty' : 'stored as md5'}`,
      subject: `role ${user}`,
    });
  }
  if (role.superuser) {
    found.push({
      severity: 'warning',
      what: `the role ${user} is a superuser: whoever has LAVA's password has the whole server`,
      evidence: `${user}: SUPERUSER`,
      fix: common.fix,
      subject: `role ${user}`,
    });
  }
  if (!now.database) {
    const what = `PostgreSQL has no database ${database}`;
    const subject = `database ${database}`;
    found.push({ ...common, what, evidence: `no ${database} in pg_database`, subject });
  }
  return found;
}

function judgeConnections({ now }: Answer): readonly Finding[] {
  const { connections } = now;
  if (!connections || connections.used < 0.9 * connections.most) return [];
  return [
    {
      severity: 'warning',
      what: 'PostgreSQL has hardly a connection left for the next who comes',
      evidence: `${connections.used} of max_connections = ${connections.most} in use`,
      fix: 'see who holds them: SELECT usename, client_addr, count(*) FROM pg_stat_activity GROUP BY 1, 2; or raise max_connections',
      subject: 'max_connections',
    },
  ];
}
