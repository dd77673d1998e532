import { expect, test } from 'vitest';
import type { LabFact } from '../../../engine/contract/module.ts';
import type { RunQueries } from '../../../engine/contract/query.ts';
import { heardTheSame, labFacts } from '../../../engine/plan/lab_facts.ts';
import { taskOf } from '../../support/task.ts';

const version: LabFact = { of: 'database', probe: 'version', parse: String };
const host = { address: '192.0.2.1', groups: ['all'], vars: {} };
const lab = {
  hosts: { db: { ...host, name: 'db' }, master: { ...host, name: 'master' } },
  groups: { all: ['db', 'master'], database: ['db', 'gone'] },
};
const task = taskOf('configure', () => [], { facts: { version } });

/** Answers with how often it was asked. */
function counting(): { readonly ask: RunQueries; readonly count: () => number } {
  let asked = 0;
  return {
    ask: async (questions) => {
      asked += 1;
      return questions.map(() => `answer ${asked}`);
    },
    count: () => asked,
  };
}

async function opened(ask: RunQueries) {
  const book = labFacts([task], lab);
  const questions = book.queriesTo('db');
  expect(questions.map(({ script }) => script)).toEqual(['version']);
  const [answer = ''] = await ask(questions);
  book.keep('db', new Map([['\nversion', answer]]), ask);
  book.keep('gone', undefined, undefined);
  return book;
}

test('each host is asked once, whoever wants to know; one that cannot be asked is missing', async () => {
  const { ask, count } = counting();
  const book = await opened(ask);
  for (let i = 0; i < 3; i += 1) expect(await book.outputs(version)).toEqual({ db: 'answer 1' });
  expect(count()).toBe(1);
  expect(book.queriesTo('master')).toEqual([]);
});

test('a host that was changed since is asked again, once', async () => {
  const { ask, count } = counting();
  const book = await opened(ask);
  book.outdate('db');
  expect(await book.outputs(version)).toEqual({ db: 'answer 2' });
  expect(await book.outputs(version)).toEqual({ db: 'answer 2' });
  expect(count()).toBe(2);
});

test('a plan holds as long as others would say what they said', async () => {
  const book = await opened(counting().ask);
  const heard = new Map([[task, JSON.stringify([{ db: 'answer 1' }])]]);
  expect(await heardTheSame({ heard }, book)).toBe(true);
  book.outdate('db');
  expect(await heardTheSame({ heard }, book)).toBe(false);
});

test('a host that cannot be asked again is missing', async () => {
  let isUp = true;
  const book = await opened(async (questions) => {
    if (!isUp) throw new Error('lost');
    return questions.map(() => 'here');
  });
  isUp = false;
  book.outdate('db');
  expect(await book.outputs(version)).toEqual({});
});

test('a host that has failed is missing, whatever it has answered before', async () => {
  const { ask, count } = counting();
  const book = await opened(ask);
  book.lose('db');
  book.outdate('db');
  expect(await book.outputs(version)).toEqual({});
  expect(count()).toBe(1);
});
