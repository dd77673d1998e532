import { expect, test } from 'vitest';
import server from '../../../modules/lava_server/module.ts';
import { findingsOf, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const questions = queriesOf(server, {});

function told(id: string, output: string): readonly string[] {
  return findingsOf(questions, { [id]: output }).map(([of, finding]) => lineOf(of, finding));
}

const SITE = [
  ...['proxy', 'proxy_http', 'proxy_wstunnel', 'buffer'].map((name) => `mods-enabled/${name}.load`),
  'conf-enabled/lava-play.conf',
  'sites-enabled/lava-server.conf',
].join('\n');

test("LAVA's site in apache2", () => {
  const id = 'lava_server.site';
  expect(told(id, SITE)).toEqual([]);
  expect(told(id, SITE.replace('sites-enabled/lava-server.conf', ''))).toEqual([
    `problem ${id} [site of LAVA] apache2 does not serve LAVA's site as it should | site lava-server: off`,
  ]);
  expect(told(id, `${SITE}\nsites-enabled/000-default.conf`)[0]).toMatch(/site 000-default: on$/);
});

test.each([
  ['answers', { rows: {} }, undefined],
  [
    'is down',
    { silent: 'Connection refused', server: '192.0.2.11:5432' },
    'the database 192.0.2.11:5432 does not answer: Connection refused',
  ],
  [
    'is older than the programs',
    { unapplied: ['lava_scheduler_app.0056_x', 'lava_scheduler_app.0057_y'] },
    /2 migrations are missing, first lava_scheduler_app\.0056_x$/,
  ],
  ['is not told to the server', {}, /has no database settings yet$/],
  [
    'is told to the server in a file that it cannot read',
    { unreadable: '/etc/lava-server/settings.d/x.yaml:3: found a tab' },
    /cannot read its settings: \/etc\/lava-server\/settings\.d\/x\.yaml:3: found a tab$/,
  ],
])('a database that %s', (_, answer, words) => {
  const id = 'lava_server.database';
  const [line, ...others] = told(id, JSON.stringify(answer));
  expect(others).toEqual([]);
  if (words === undefined) expect(line).toBeUndefined();
  else expect(line).toMatch(words);
  const [thing] = thingsOf(questions, { [id]: JSON.stringify(answer) });
  expect(thing).toMatchObject({ kind: 'server', status: words === undefined ? 'good' : 'bad' });
});

test('a database that is down is the consequence of what is wrong on its host', () => {
  const answer = JSON.stringify({ silent: 'timeout expired', server: '192.0.2.11:5432' });
  const [[, finding] = []] = findingsOf(questions, { 'lava_server.database': answer });
  expect(finding).toMatchObject({
    towards: { kind: 'postgres', host: '192.0.2.11' },
    breaks: { kinds: ['lava_api', 'lava_worker', 'heartbeat'] },
  });
});

test('the server is shown with the version of its programs', () => {
  const answer = JSON.stringify({ rows: {}, version: '2023.01' });
  expect(thingsOf(questions, { 'lava_server.database': answer })).toMatchObject([
    { state: 'has its database', details: { version: '2023.01' } },
  ]);
});

test('each name of the master is one by which lava-server lets itself be called', () => {
  const id = 'lava_server.allowed-hosts';
  const module = queriesOf(server, { allowed_hosts: ['Lava.example.org'] });
  const judged = (allowed: unknown): readonly string[] =>
    findingsOf(module, { [id]: JSON.stringify({ allowed, rows: {} }) }).map(([of, finding]) =>
      lineOf(of, finding),
    );
  const own = ['localhost', '127.0.0.1', '[::1]', 'here', '192.0.2.10'];
  expect(judged([...own, 'lava.example.org'])).toEqual([]);
  expect(judged([...own, '.example.org'])).toEqual([]);
  expect(judged(['*'])).toEqual([]);
  expect(judged(undefined)).toEqual([]);
  expect(judged([...own.slice(0, 4), 'xample.org'])).toEqual([
    `problem ${id} [ALLOWED_HOSTS] lava-server rejects requests to 192.0.2.10 or Lava.example.org: 400 Bad Request | ALLOWED_HOSTS: ["localhost","127.0.0.1","[::1]","here","xample.org"]`,
  ]);
  expect(findingsOf(module, { [id]: '' })).toEqual([]);
});

/** What the daemons and their files say; ages in seconds. */
function lives({ started = 900, settings = 1000, log = 8 } = {}): string {
  return `started 800 lava-server-gunicorn
started 810 lava-publisher
started ${started} lava-scheduler
log ${log} /var/log/lava-server/lava-scheduler.log
settings 5000 /etc/lava-server/instance.conf
settings ${settings} /etc/lava-server/settings.d/50-lava-play.yaml
`;
}

test('daemons that were started before their settings were written', () => {
  const id = 'lava_server.old-settings';
  expect(told(id, lives())).toEqual([]);
  expect(told(id, lives({ settings: 898 }))).toEqual([]);
  expect(told(id, lives({ settings: 805 }))).toEqual([
    `warning ${id} [settings of LAVA] lava-server still uses older settings than those in its files | /etc/lava-server/settings.d/50-lava-play.yaml was written 805 s ago, after the start of lava-publisher, lava-scheduler`,
  ]);
  expect(told(id, '')).toEqual([]);
});

test('a scheduler that is running but hangs', () => {
  const id = 'lava_server.scheduler';
  expect(told(id, lives())).toEqual([]);
  expect(told(id, lives({ log: 119 }))).toEqual([]);
  expect(told(id, lives({ log: 120 }))).toEqual([
    expect.stringMatching(/^problem .*hangs.*lava-scheduler\.log: nothing for 120 s$/),
  ]);
  expect(told(id, lives({ log: 5000, started: 59 }))).toEqual([]);
  expect(told(id, lives({ log: 5000 }).replace(/^log .*\n/m, ''))).toEqual([]);
  expect(told(id, lives({ log: 5000 }).replace(/^started 900 .*\n/m, ''))).toEqual([]);
});

test('output of jobs that lava-server cannot write', () => {
  const id = 'lava_server.job-output';
  expect(told(id, '')).toEqual([]);
  const path = '/var/lib/lava-server/default/media/job-output';
  expect(told(id, `${path}: 755 root:root\n`)).toEqual([
    `problem ${id} [output of jobs] lava-server cannot write the output of jobs, which is lost | ${path}: 755 root:root`,
  ]);
});

test('programs of a package that are gone', () => {
  const id = 'lava_server.programs';
  expect(told(id, '')).toEqual([]);
  const missing = (name: string) => `missing     /usr/bin/${name}\n`;
  expect(told(id, missing('lava-server'))).toEqual([
    `problem ${id} [programs of lava-server] programs of lava-server are gone | missing: /usr/bin/lava-server`,
  ]);
  const many = ['a', 'b', 'c', 'd', 'e'].map(missing).join('');
  expect(told(id, many)[0]).toMatch(/missing: \/usr\/bin\/a, \S+, \S+ and 2 more$/);
});
