import { describe, expect, test } from 'vitest';
import module from '../../modules/lava_workers/module.ts';
import { labWith } from '../support/health.ts';

const lab = labWith({ here: ['master'], worker01: ['workers'], worker02: ['retired'] });
const worker = { hostname: 'worker02', health: 2, description: '', ours: true, last_word: '' };

/** What the proof of a retiring worker makes of LAVA's answer. */
function shown(answer: object): unknown {
  const [host] = Object.values(lab.hosts);
  const proofs = module.proofs?.({ args: {}, host, lab } as never) ?? [];
  expect(proofs.map(({ subject }) => subject)).toEqual(['worker02']);
  return proofs[0]?.judge(JSON.stringify(answer));
}

const said = (changes: object, inService: readonly object[] = []): unknown =>
  shown({ rows: { workers: [{ ...worker, jobs: [], devices: [], ...changes }], inService } });

describe('that LAVA has retired a worker is proved', () => {
  test('by its health and by what hangs on it', () => {
    expect(said({}, [{ hostname: 'qemu-01', worker: 'worker01' }])).toEqual({
      state: 'proved',
      words: 'LAVA has retired worker02 and all its devices',
    });
  });

  test('by its not being there', () => {
    expect(shown({ rows: { workers: [] } })).toMatchObject({
      state: 'proved',
      words: 'LAVA has no worker worker02',
    });
  });

  test('later, while jobs run', () => {
    expect(said({ health: 1, jobs: [7, 8] })).toEqual({
      state: 'not yet',
      words: 'jobs 7 and 8 still run on it',
    });
  });

  test('at once, where somebody did not wait for the jobs', () => {
    expect(said({ jobs: [7] })).toEqual({
      state: 'proved',
      words: 'LAVA has retired worker02 and all its devices; job 7 did not finish',
    });
    expect(said({ jobs: [7] }, [{ hostname: 'qemu-07', worker: 'worker02' }])).toMatchObject({
      state: 'not yet',
    });
  });

  test('not while it could get more of them', () => {
    expect(() => said({ health: 0, jobs: [7] })).toThrow(
      'LAVA still lists the worker worker02 as Active',
    );
  });

  test.each([
    [0, 'Active'],
    [1, 'Maintenance'],
  ])('not by a health of %i', (health, word) => {
    expect(() => said({ health })).toThrow(`LAVA still lists the worker worker02 as ${word}`);
  });

  test('not while a device on it is in service', () => {
    expect(() => said({}, [{ hostname: 'qemu-07', worker: 'worker02' }])).toThrow(
      /not its devices: qemu-07$/,
    );
  });

  test.each([
    [{ silent: 'timeout', server: 'db:5432' }, /the database db:5432 does not answer: timeout$/],
    [{ unapplied: ['a.0001'] }, /cannot tell whether .*: the tables of LAVA are not up to date/],
    [{ strange: { workers: [['from nowhere']] }, version: '2030.01' }, /^LAVA 2030\.01 does not/],
  ])('not by a LAVA that says nothing of it: %j', (answer, words) => {
    expect(() => shown(answer)).toThrow(words);
  });
});

test('nobody retires, nothing is asked', () => {
  const nobody = labWith({ here: ['master'], worker01: ['workers'] });
  const [host] = Object.values(nobody.hosts);
  expect(module.proofs?.({ args: {}, host, lab: nobody } as never)).toEqual([]);
});
