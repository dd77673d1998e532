import { expect, test } from 'vitest';
import server from '../../../modules/lava_server.ts';
import { findingsOf, lineOf, questionsOf, thingsOf } from '../../support/health.ts';

const questions = questionsOf(server, {});

function told(id: string, output: string): readonly string[] {
  return findingsOf(questions, { [id]: output }).map(([of, finding]) => lineOf(of, finding));
}

const SITE = [
  ...['proxy', 'proxy_http', 'proxy_wstunnel'].map((name) => `mods-enabled/${name}.load`),
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
])('a database that %s', (_, answer, words) => {
  const id = 'lava_server.database';
  const [line, ...others] = told(id, JSON.stringify(answer));
  expect(others).toEqual([]);
  if (words === undefined) expect(line).toBeUndefined();
  else expect(line).toMatch(words);
  const [thing] = thingsOf(questions, { [id]: JSON.stringify(answer) });
  expect(thing).toMatchObject({ kind: 'server', tone: words === undefined ? 'good' : 'bad' });
});

test('a database that is down is the consequence of what is wrong on its host', () => {
  const answer = JSON.stringify({ silent: 'timeout expired', server: '192.0.2.11:5432' });
  const [[, finding] = []] = findingsOf(questions, { 'lava_server.database': answer });
  expect(finding).toMatchObject({
    towards: { kind: 'postgres', host: '192.0.2.11' },
    breaks: { kinds: ['lava_api', 'lava_worker'] },
  });
});
