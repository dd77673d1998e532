import type { Finding, LabView } from '../../engine/sdk.ts';
import { networkOf } from '../../lab/database/clients.ts';
import { unitOf } from '../../lab/database/cluster.ts';
import { addressAtDatabase } from '../../lab/tunnel/lab_tunnel.ts';
import { decidingLine } from './hba_lines.ts';
import { maskPgHba } from './pg_hba.ts';
import type { Answer, WantedDatabase } from './server_answer.ts';

/** Whether strangers get in, or may try. */
export function judgeTrust({ now, lines }: Answer): readonly Finding[] {
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
            what: 'PostgreSQL accepts plain-text passwords over the network',
            fix: 'write scram-sha-256 instead of password, then: systemctl reload postgresql',
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

/** Whether each machine of the lab gets in. */
export function judgeClients(
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
          what: `PostgreSQL has no line that admits ${name}`,
          evidence: `${now.hbaFile}: nothing for ${wanted.user} from ${address} to ${wanted.database}`,
          fix: `lava-play apply --limit database, which adds: host ${wanted.database} ${wanted.user} ${address}/32 scram-sha-256`,
        },
      ];
    }
    if (deciding.method !== 'reject') return [];
    return [
      {
        ...common,
        what: `PostgreSQL rejects ${name} before its line is reached`,
        evidence: `${now.hbaFile}:${deciding.number}: ${maskPgHba(deciding.text)}`,
        fix: 'the first line that matches decides: lava-play apply --limit database puts ours before it',
      },
    ];
  });
}

/** Whether the server goes by the rules in its file. */
export function judgeRules({ now, lines, cluster }: Answer): readonly Finding[] {
  const broken = now.hbaErrors.map(({ file, line, error }): Finding => {
    const text = lines.find(({ number }) => number === line)?.text;
    return {
      severity: 'problem',
      what: 'PostgreSQL cannot read its access rules: it will not start again, and changes have no effect',
      evidence: `${file ?? now.hbaFile}:${line}: ${error}${text === undefined ? '' : `: ${maskPgHba(text)}`}`,
      fix: 'fix or remove that line, then: systemctl reload postgresql',
      subject: `line ${line} of pg_hba.conf`,
    };
  });
  if (broken.length > 0 || !now.hbaUnread) return broken;
  return [
    {
      severity: 'problem',
      what: 'PostgreSQL still uses older access rules than those in its file',
      evidence: `${now.hbaFile} was changed after the server read it`,
      fix: `systemctl reload ${unitOf(cluster)}`,
      subject: 'pg_hba.conf',
    },
  ];
}
