import { afterAll, beforeAll, expect, test } from 'vitest';
import { testFolder } from '../support/temp_folder.ts';
import type { EmbeddedLab } from './embedded_lab.ts';
import { DEATHS, type PlayRound, prepareRounds, type Round } from './kill_round.ts';

const ROUNDS = Number(process.env.LAVA_PLAY_FAULT_ROUNDS ?? 50);
/** The same rounds each time where they are part of all tests; others at each call of `npm run test:faults`. */
const FIRST = ROUNDS > 50 ? Math.floor(Math.random() * 1e9) : 1;
const SEED = Number(process.env.LAVA_PLAY_FAULT_SEED ?? FIRST);

let lab: EmbeddedLab;
let playRound: PlayRound;

beforeAll(async () => {
  ({ lab, playRound } = await prepareRounds(testFolder()));
});
afterAll(() => lab?.stop());

test(`${ROUNDS} rounds: an apply after one that was killed loses nothing`, async () => {
  console.log(`LAVA_PLAY_FAULT_SEED=${SEED}`);
  const rounds: Round[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    const round = await playRound(SEED + i);
    if (process.env.LAVA_PLAY_FAULT_STORIES) console.log(round.story);
    rounds.push(round);
    if (round.lost.length > 0) break;
  }
  const killed = rounds.filter(({ isKilled }) => isKilled);
  const deaths = DEATHS.map(
    (death) => `${death} ${killed.filter((round) => round.death === death).length}`,
  );
  console.log(`${rounds.length} rounds, ${killed.length} kills: ${deaths.join(', ')}`);
  expect(rounds.filter(({ lost }) => lost.length > 0)).toEqual([]);
  if (ROUNDS >= 50) expect(killed.length).toBeGreaterThan(ROUNDS / 2);
}, 7_200_000);
