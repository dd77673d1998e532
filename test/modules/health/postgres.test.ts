import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scramVerifier } from '../../../lab/database/scram.ts';
import { decidingLine, hbaLines } from '../../../modules/postgres_allow_remote/hba_lines.ts';
import module from '../../../modules/postgres_allow_remote/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const lab = labWith({ here: ['database'], master: ['master'], worker01: ['workers'] });
const args = { database: 'lava', user: 'lava', password: 'Passw0rd!' };
const questions = queriesOf(module, args, lab);
const GOOD = `local all all peer
host all all 127.0.0.1/32 scram-sha-256
host lava lava 192.0.2.11/32 scram-sha-256
host lava lava 192.0.2.12/32 scram-sha-256
`;

const healthy = {
  listen: '*',
  ssl: 'on',
  listenSettings: [{ file: '/etc/p.conf', line: 3, value: '*' }],
  hbaFile: '/etc/pg_hba.conf',
  hba: base64(GOOD),
  hbaErrors: [],
  hbaUnread: false,
  role: {
    login: true,
    superuser: false,
    bootstrap: false,
    verifier: scramVerifier('lava', 'Passw0rd!'),
  },
  database: { owner: 'lava', encoding: 'UTF8' },
  connections: { used: 5, most: 100 },
};

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** What is told of a server that differs from a healthy one in this. */
function told(difference: object, status = 'online'): readonly string[] {
  const state =
    status === 'online' ? `state 15/main ${JSON.stringify({ ...healthy, ...difference })}\n\n` : '';
  return toldOf(`15 main 5432 ${status} postgres /var/lib/x /var/log/x\n${state}`);
}

function toldOf(output: string): readonly string[] {
  const answers = Object.fromEntries(questions.map(({ id }) => [id, output]));
  return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
}

test('a healthy server', () => {
  expect(told({})).toEqual([]);
});

test.each<[string, readonly string[], readonly string[]]>([
  [
    'no PostgreSQL',
    toldOf('missing\n'),
    [
      'problem postgres_allow_remote.running [database] there is no PostgreSQL for LAVA on this host | pg_lsclusters is not installed',
    ],
  ],
  [
    'no cluster',
    toldOf(''),
    [
      'problem postgres_allow_remote.running [database] there is no PostgreSQL for LAVA on this host | pg_lsclusters lists no cluster',
    ],
  ],
  [
    'a cluster that is down',
    told({}, 'down'),
    [
      'problem postgres_allow_remote.running [unit postgresql@15-main.service] PostgreSQL 15/main is not running | 15 main 5432 down postgres /var/lib/x /var/log/x',
    ],
  ],
  [
    'a cluster that runs and answers with an error',
    toldOf('15 main 5432 online postgres\nstate 15/main psql: FATAL:  too many clients\n\n'),
    [
      'problem postgres_allow_remote.running [unit postgresql@15-main.service] PostgreSQL 15/main is running but does not answer | psql: FATAL:  too many clients',
    ],
  ],
  [
    'loopback only',
    told({ listen: 'localhost, 127.0.0.1' }),
    [
      "problem postgres_allow_remote.listen [listen_addresses] PostgreSQL 15/main listens on this host only | listen_addresses = 'localhost, 127.0.0.1'; /etc/p.conf:3 says '*'",
    ],
  ],
  ['one address of its own', told({ listen: 'localhost, 192.0.2.10' }), []],
  [
    'hardly a connection left',
    told({ connections: { used: 95, most: 100 } }),
    [
      'warning postgres_allow_remote.connections [max_connections] PostgreSQL is nearly out of connections | 95 of max_connections = 100 in use',
    ],
  ],
  [
    'no role',
    told({ role: null }),
    [
      'problem postgres_allow_remote.role [role lava] PostgreSQL has no role lava for LAVA | no lava in pg_authid',
    ],
  ],
  [
    'another password',
    told({ role: { ...healthy.role, verifier: scramVerifier('lava', 'other') } }),
    [
      'problem postgres_allow_remote.role [role lava] the role lava has a different password than in the inventory | pg_authid.rolpassword does not match it',
    ],
  ],
  [
    'a password stored as md5',
    told({ role: { ...healthy.role, verifier: 'md5aabb' } }),
    [
      'problem postgres_allow_remote.role [role lava] the role lava has a different password than in the inventory | pg_authid.rolpassword is stored as md5',
    ],
  ],
  [
    'no database',
    told({ database: null }),
    [
      'problem postgres_allow_remote.role [database lava] PostgreSQL has no database lava | no lava in pg_database',
    ],
  ],
  [
    'rules that are not read again',
    told({ hbaUnread: true }),
    [
      'problem postgres_allow_remote.rules [pg_hba.conf] PostgreSQL still uses older access rules than those in its file | /etc/pg_hba.conf was changed after the server read it',
    ],
  ],
  [
    'a line that it cannot read',
    told({
      hba: base64(`${GOOD}host lava\n`),
      hbaErrors: [{ file: null, line: 5, error: 'end-of-line' }],
    }),
    [
      'problem postgres_allow_remote.rules [line 5 of pg_hba.conf] PostgreSQL cannot read its access rules: it will not start again, and changes have no effect | /etc/pg_hba.conf:5: end-of-line: host lava',
    ],
  ],
  [
    'trust for everybody',
    told({ hba: base64(`${GOOD}host all all 0.0.0.0/0 trust\n`) }),
    [
      'problem postgres_allow_remote.trust [line 5 of pg_hba.conf] PostgreSQL lets anybody on the network in as any role, the superuser too, without a password | /etc/pg_hba.conf:5: host all all 0.0.0.0/0 trust',
    ],
  ],
  [
    'trust for a network, with a mask',
    told({ hba: base64(`${GOOD}host lava lava 192.0.2.0 255.255.255.0 trust\n`) }),
    [
      'problem postgres_allow_remote.trust [line 5 of pg_hba.conf] PostgreSQL lets other machines in as lava, without a password | /etc/pg_hba.conf:5: host lava lava 192.0.2.0 255.255.255.0 trust',
    ],
  ],
  [
    'trust on the host itself',
    told({
      hba: base64(
        `${GOOD}host all all 127.0.0.1/32 trust\nhost all all ::1/128 trust\nlocal all all trust\n`,
      ),
    }),
    [],
  ],
  [
    'passwords in clear, and an LDAP secret that is not shown',
    told({
      hba: base64(`${GOOD}host x x 10.0.0.0/8 password\nhost y y all ldap ldapbindpasswd=hush\n`),
    }),
    [
      'warning postgres_allow_remote.trust [line 5 of pg_hba.conf] PostgreSQL accepts plain-text passwords over the network | /etc/pg_hba.conf:5: host x x 10.0.0.0/8 password',
      'warning postgres_allow_remote.trust [line 6 of pg_hba.conf] PostgreSQL lets any machine of the network try passwords | /etc/pg_hba.conf:6: host y y all ldap ldapbindpasswd=********',
    ],
  ],
  [
    'no line for a worker',
    told({ hba: base64(GOOD.replace(/.*\.12\/32.*\n/, '')) }),
    [
      'problem postgres_allow_remote.clients [client worker01] PostgreSQL has no line that admits worker01 | /etc/pg_hba.conf: nothing for lava from 192.0.2.12 to lava',
    ],
  ],
  [
    'a worker turned away before its line',
    told({ hba: base64(`host all all 192.0.2.8/29 reject\n${GOOD}`) }),
    [
      'problem postgres_allow_remote.clients [client master] PostgreSQL rejects master before its line is reached | /etc/pg_hba.conf:1: host all all 192.0.2.8/29 reject',
      'problem postgres_allow_remote.clients [client worker01] PostgreSQL rejects worker01 before its line is reached | /etc/pg_hba.conf:1: host all all 192.0.2.8/29 reject',
    ],
  ],
])('%s', (_, found, wanted) => {
  expect(found).toEqual(wanted);
});

test('statements of LAVA that PostgreSQL gave up, not those of others', () => {
  const line = (who: string, minute: number): string =>
    `given up 15/main 2026-11-23 10:0${minute}:00.123 UTC [77] ${who}ERROR:  canceling statement due to statement timeout\n`;
  const cluster = '15 main 5432 online postgres\n';
  const others = `${line('lava@other ', 1)}${line('other@lava ', 1)}${line('lava@lava ', 1).replace('15/main', '13/main')}`;
  expect(toldOf(`${cluster}${others}`).filter((each) => each.includes('.timeouts'))).toEqual([]);
  const all = `${cluster}${others}${line('lava@lava ', 2)}${line('', 3)}`;
  expect(toldOf(all).filter((each) => each.includes('.timeouts'))).toEqual([
    'warning postgres_allow_remote.timeouts [database lava] PostgreSQL cancelled statements of LAVA that took too long, 2 in the last day | 2026-11-23 10:03:00.123 UTC [77] ERROR:  canceling statement due to statement timeout',
  ]);
});

describe('who is let in by pg_hba.conf', () => {
  const client = { address: '192.0.2.12', database: 'lava', user: 'lava' };
  const method = (text: string): string | undefined => {
    const line = decidingLine(hbaLines(text), client);
    return typeof line === 'object' ? line.method : line;
  };

  test.each([
    ['host lava lava 192.0.2.12/32 md5', 'md5'],
    ['host "lava","b" a,lava 192.0.2.0/24 md5 # why', 'md5'],
    ['host all all 192.0.2.0 255.255.255.0 md5', 'md5'],
    ['host sameuser lava all md5', 'md5'],
    ['host lava other 192.0.2.12/32 md5', undefined],
    ['host replication lava 192.0.2.12/32 md5', undefined],
    ['local all all trust', undefined],
    ['host all all ::/0 trust', undefined],
    ['# host all all all trust', undefined],
    ['host lava lava \\\n 192.0.2.12/32 \\\n md5', 'md5'],
    ['host all all worker01.lab md5', 'unsure'],
    ['include other.conf\nhost all all all md5', 'unsure'],
    ['host all all 192.0.2.12/32 reject\nhost all all all md5', 'reject'],
  ])('%j', (text, wanted) => {
    expect(method(`${text}\n`)).toBe(wanted);
  });

  test('numbers are those of the file, also after lines tied together', () => {
    expect(
      hbaLines('# a\nhost a b \\\n all md5\n\nlocal all all peer').map(({ number }) => number),
    ).toEqual([2, 5]);
  });

  test('any text is read without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => void method(text)));
  });
});

test('the server is shown with its connections, and one that is down without', () => {
  const shown = (output: string) =>
    thingsOf(questions, { 'postgres_allow_remote.running': output })[0];
  const line = '15 main 5432 online postgres /var/lib/x /var/log/x\n';
  expect(shown(`${line}state 15/main ${JSON.stringify(healthy)}\n\n`)).toEqual({
    ...{ kind: 'database', name: '15/main', state: 'running', status: 'good' },
    details: { address: '*', port: 5432, connections: 5, limit: 100 },
  });
  expect(shown(line.replace('online', 'down'))).toMatchObject({ state: 'down', status: 'bad' });
  expect(shown('missing\n')).toMatchObject({ name: 'PostgreSQL', state: 'down' });
});

test('a server without a connection left is why others cannot log in, one that has some is not', () => {
  const kinds = (used: number): readonly string[] | undefined => {
    const state = { ...healthy, connections: { used, most: 100 } };
    const output = `15 main 5432 online postgres /x /y\nstate 15/main ${JSON.stringify(state)}\n\n`;
    const [[, finding] = []] = findingsOf(questions, {
      'postgres_allow_remote.connections': output,
    });
    return finding?.breaks?.kinds;
  };
  expect(kinds(97)).toEqual(['postgres']);
  expect(kinds(96)).toBeUndefined();
});
