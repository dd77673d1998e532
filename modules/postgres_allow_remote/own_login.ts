import type { Finding } from '../../engine/sdk.ts';
import { scramMatches } from '../../lab/database/scram.ts';
import type { Answer, WantedDatabase } from './server_answer.ts';

/** Whether LAVA can log in with its password, has its database, and is not a superuser. */
export function judgeRole(
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
      what: `the role ${user} has a different password than in the inventory`,
      evidence: role.verifier?.startsWith('SCRAM-SHA-256$')
        ? 'pg_authid.rolpassword does not match it'
        : `pg_authid.rolpassword is ${role.verifier === null ? 'empty' : 'stored as md5'}`,
      subject: `role ${user}`,
    });
  }
  if (role.superuser) {
    found.push({
      severity: 'warning',
      what: `the role ${user} is a superuser: whoever has LAVA's password controls the whole server`,
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
