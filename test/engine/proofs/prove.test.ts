import { expect, test } from 'vitest';
import { Refused } from '../../../engine/contract/resource.ts';
import type { Proof, Shown } from '../../../engine/contract/trial.ts';
import { prove } from '../../../engine/proofs/prove.ts';

function proof(subject: string, judge: (output: string) => Shown, probe = subject) {
  return { proof: { subject, probe, judge } satisfies Proof, task: 'retire' };
}

const proved = (words: string): Shown => ({ state: 'proved', words });

test('proofs of one probe are asked once, and each judges the answer', async () => {
  const asked: string[][] = [];
  const all = [
    proof('worker01', (it) => proved(`one of ${it}`), 'workers'),
    proof('worker02', (it) => ({ state: 'not yet', words: `two of ${it}` }), 'workers'),
    proof('other', proved),
  ];
  const shown = await prove(all, async (questions) => {
    asked.push(questions.map(({ script }) => script));
    return questions.map(({ script }) => `said by ${script}`);
  });
  expect(asked).toEqual([['workers', 'other']]);
  expect(shown.map(({ subject, state, words }) => [subject, state, words])).toEqual([
    ['worker01', 'proved', 'one of said by workers'],
    ['worker02', 'not yet', 'two of said by workers'],
    ['other', 'proved', 'said by other'],
  ]);
});

test('what is otherwise has failed, with the hint of who refuses; the others stand', async () => {
  const refuse = (error: Error) => (): never => {
    throw error;
  };
  const all = [
    proof('a', refuse(new Refused('it is Active', 'retire it'))),
    proof('b', refuse(new Error('no rows'))),
    proof('c', proved),
  ];
  const shown = await prove(all, async (questions) => questions.map(() => 'well'));
  expect(shown).toEqual([
    { subject: 'a', task: 'retire', state: 'failed', words: 'it is Active', hint: 'retire it' },
    { subject: 'b', task: 'retire', state: 'failed', words: 'no rows', hint: undefined },
    { subject: 'c', task: 'retire', state: 'proved', words: 'well' },
  ]);
});

test('without proofs nobody is asked', async () => {
  expect(await prove([], () => Promise.reject(new Error('asked')))).toEqual([]);
});
