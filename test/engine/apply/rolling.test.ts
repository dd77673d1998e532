import { expect, test } from 'vitest';
import { stagesOf } from '../../../engine/apply/rolling.ts';
import type { ReadyPlay } from '../../../engine/contract/task.ts';
import { batchesOf } from '../../../engine/read/playbook/batches.ts';
import type { Rolling } from '../../../engine/read/playbook/rolling.ts';
import { ofType } from '../../support/program.ts';
import { events, made, outcomes, play, runPlays, wants } from '../../support/run_plays.ts';

type Row = Partial<Rolling> & { readonly hosts?: readonly string[] };

const TASKS = [1, 2, 3];

/** A play of three tasks; `fails` says at which task it fails where: `a:p1t2`. */
function rollingPlay(row: Row, at: number, all: readonly string[], fails: string): ReadyPlay {
  const { hosts = all, serial = [], maxFailPercentage = 100, anyErrorsFatal = false } = row;
  const name = `p${at + 1}`;
  const tasks = TASKS.map((t, index) =>
    wants(`${name}t${t}`, index, (host) => fails.split(' ').includes(`${host}:${name}t${t}`)),
  );
  return play(name, hosts, {
    batches: batchesOf(hosts, serial),
    ...{ maxFailPercentage, anyErrorsFatal },
    tasks: new Map(hosts.map((host) => [host, tasks])),
  });
}

/** `b31`: the host b has done three tasks of the first play and one of the second. */
function doneOn(host: string, plays: readonly ReadyPlay[]): string {
  const counts = plays.map(({ name }) => TASKS.filter((t) => made(host, `${name}t${t}`)).length);
  return `${host}${counts.join('')}`;
}

/** Each row was run by ansible-core 2.14.18, with tasks that fail at these places and these results. */
test.each<readonly [string, string, readonly Row[], string]>([
  ['no serial, one fails', 'a:p1t1', [{}, {}], 'a00 b33 c33 d33'],
  ['no serial, all fail', 'a:p1t1 b:p1t1', [{}, {}], 'a00 b00'],
  ['no serial, all fail at different tasks', 'a:p1t1 b:p1t2', [{}, {}], 'a00 b10'],
  [
    'play of one host fails, later play for others',
    'a:p1t1',
    [{ hosts: ['a'] }, { hosts: ['b'] }],
    'a00 b00',
  ],
  ['serial 1, first fails', 'a:p1t1', [{ serial: [1] }, {}], 'a00 b00 c00 d00'],
  ['serial 1, second fails', 'b:p1t1', [{ serial: [1] }, {}], 'a30 b00 c00 d00'],
  ['serial 1, last fails', 'd:p1t1', [{ serial: [1] }, {}], 'a30 b30 c30 d00'],
  ['serial 2, one of the first fails', 'a:p1t1', [{ serial: [2] }, {}], 'a00 b33 c33 d33'],
  ['serial 2, both of the first fail', 'a:p1t1 b:p1t2', [{ serial: [2] }, {}], 'a00 b10 c00 d00'],
  ['serial list [1, 3], canary fails', 'a:p1t1', [{ serial: [1, 3] }, {}], 'a00 b00 c00 d00'],
  [
    'serial 2, max_fail_percentage 49, one of two fails',
    'a:p1t1',
    [{ serial: [2], maxFailPercentage: 49 }, {}],
    'a00 b10 c00 d00',
  ],
  [
    'serial 2, max_fail_percentage 50, one of two fails',
    'a:p1t1',
    [{ serial: [2], maxFailPercentage: 50 }, {}],
    'a00 b33 c33 d33',
  ],
  [
    'serial 2, max_fail_percentage 49, second batch',
    'c:p1t2',
    [{ serial: [2], maxFailPercentage: 49 }, {}],
    'a30 b30 c10 d20',
  ],
  [
    'max_fail_percentage 0 without serial',
    'a:p1t1',
    [{ maxFailPercentage: 0 }, {}],
    'a00 b10 c10 d10',
  ],
  [
    'max_fail_percentage 25 without serial, one of four',
    'a:p1t1',
    [{ maxFailPercentage: 25 }, {}],
    'a00 b33 c33 d33',
  ],
  [
    'max_fail_percentage 25 without serial, two of four at different tasks',
    'a:p1t1 b:p1t2',
    [{ maxFailPercentage: 25 }, {}],
    'a00 b10 c20 d20',
  ],
  [
    'max_fail_percentage 0 in the last play',
    'a:p2t1',
    [{}, { maxFailPercentage: 0 }],
    'a30 b31 c31 d31',
  ],
  ['any_errors_fatal', 'a:p1t1', [{ anyErrorsFatal: true }, {}], 'a00 b10 c10 d10'],
  [
    'any_errors_fatal with serial 2',
    'a:p1t1',
    [{ anyErrorsFatal: true, serial: [2] }, {}],
    'a00 b10 c00 d00',
  ],
  ['any_errors_fatal last task', 'a:p1t3', [{ anyErrorsFatal: true }, {}], 'a20 b30 c30 d30'],
  ['serial 50%', 'a:p1t1 b:p1t1', [{ serial: ['50%'] }, {}], 'a00 b00 c00 d00'],
  ['serial 30% of 4 is one', 'a:p1t1', [{ serial: ['30%'] }, {}], 'a00 b00 c00 d00'],
  ['serial 2', 'a:p1t1 b:p1t1', [{ serial: ['2'] }, {}], 'a00 b00 c00 d00'],
  ['serial 0', 'a:p1t1', [{ serial: [0] }, {}], 'a00 b33 c33 d33'],
  ['serial 0%', 'a:p1t1', [{ serial: ['0%'] }, {}], 'a00 b00 c00 d00'],
  ['serial [1, 0]', 'b:p1t1', [{ serial: [1, 0] }, {}], 'a33 b00 c33 d33'],
  ['serial [1, 50%]', 'b:p1t1 c:p1t1', [{ serial: [1, '50%'] }, {}], 'a30 b00 c00 d00'],
  ['failed before, serial 1, in later play', 'a:p1t1', [{}, { serial: [1] }], 'a00 b33 c33'],
  [
    'failed before, rest of the batch fails later',
    'a:p1t1 b:p2t1',
    [{}, { serial: [2] }],
    'a00 b30 c33',
  ],
  ['failed before, all others fail later', 'a:p1t1 b:p2t1 c:p2t1', [{}, {}, {}], 'a000 b300 c300'],
  [
    'failed before, max_fail_percentage 0 later',
    'a:p1t1',
    [{}, { maxFailPercentage: 0 }, {}],
    'a000 b333 c333',
  ],
  [
    'failed before, max_fail_percentage 0 serial 1 later',
    'a:p1t1',
    [{}, { maxFailPercentage: 0, serial: [1] }, {}],
    'a000 b333 c333',
  ],
  [
    'failed before, max_fail_percentage 50 later, another fails',
    'a:p1t1 b:p2t1',
    [{}, { maxFailPercentage: 50 }, {}],
    'a000 b300 c333',
  ],
  [
    'failed in batch 1 below max_fail_percentage, another in batch 2 below max_fail_percentage',
    'a:p1t1 c:p1t1',
    [{ serial: [2], maxFailPercentage: 50 }, {}],
    'a00 b33 c00 d33',
  ],
  [
    'serial 3, 2 fail in first, 1 in second of 3',
    'a:p1t1 b:p1t2 d:p1t1',
    [{ serial: [3] }, {}],
    'a00 b10 c33 d00 e33 f33',
  ],
  ['serial 50% of 5', 'a:p1t1 b:p1t1', [{ serial: ['50%'] }, {}], 'a00 b00 c00 d00 e00'],
  ['serial 25% of 2', 'a:p1t1', [{ serial: ['25%'] }, {}], 'a00 b00'],
  ['serial 100%', 'a:p1t1', [{ serial: ['100%'] }, {}], 'a00 b33 c33 d33'],
  [
    'failed before, b and c fail later, serial 2',
    'a:p1t1 b:p2t1 c:p2t1',
    [{}, { serial: [2] }, {}],
    'a000 b300 c300 d333',
  ],
  [
    'failed before, b fails later, serial 2',
    'a:p1t1 b:p2t1',
    [{}, { serial: [2] }, {}],
    'a000 b300 c333 d333',
  ],
  [
    'failed before, max_fail_percentage 40 later',
    'a:p1t1 b:p2t1',
    [{}, { maxFailPercentage: 40 }, {}],
    'a000 b300 c333',
  ],
  [
    'serial 3, max_fail_percentage 40, one in each batch',
    'a:p1t1 d:p1t1',
    [{ serial: [3], maxFailPercentage: 40 }, {}],
    'a00 b33 c33 d00 e33 f33',
  ],
  ['max_fail_percentage 100, all but one', 'a:p1t1', [{ maxFailPercentage: 100 }, {}], 'a00 b33'],
  ['one unreachable max_fail_percentage 0', '', [{ maxFailPercentage: 0 }, {}], 'a33 b33 dead00'],
  ['canary unreachable', '', [{ serial: [1] }, {}], 'dead00 b00 c00'],
  ['unreachable+failed is whole batch', 'b:p1t1', [{ serial: [2] }, {}], 'dead00 b00 c00'],
  ['unreachable, later play serial 1', '', [{}, { serial: [1] }, {}], 'dead000 b333 c333'],
  [
    'unreachable+failed max_fail_percentage 40',
    'b:p1t1',
    [{ maxFailPercentage: 40 }, {}],
    'dead00 b00 c33 d33',
  ],
])('%s: a run protects what Ansible protects', async (_, fails, rows, wanted) => {
  const hosts = wanted.split(' ').map((word) => word.replace(/\d+$/, ''));
  const plays = rows.map((row, at) => rollingPlay(row, at, hosts, fails));
  await runPlays(plays, hosts);
  expect(hosts.map((host) => doneOn(host, plays)).join(' ')).toBe(wanted);
});

test('where the first failure is fatal, a host that cannot be reached ends the run before the first task', async () => {
  const hosts = ['a', 'dead'];
  const fatal = rollingPlay({ anyErrorsFatal: true }, 0, hosts, '');
  const result = await runPlays([fatal], hosts);
  expect(outcomes(result)).toEqual({ a: 'skipped', dead: 'unreachable' });
  expect(doneOn('a', [fatal])).toBe('a0');
});

test('who is left out is told why, and what was done there stays counted', async () => {
  const hosts = ['a', 'b', 'c'];
  const plays = [
    rollingPlay({ maxFailPercentage: 30, serial: [2] }, 0, hosts, 'b:p1t2'),
    rollingPlay({}, 1, hosts, ''),
  ];
  const result = await runPlays(plays, hosts);
  expect(result.hosts.map(({ host, outcome, changes }) => [host, outcome, changes])).toEqual([
    ['a', 'skipped', 2],
    ['b', 'failed', 1],
    ['c', 'skipped', 0],
  ]);
  expect(ofType(events, 'host-skipped')).toEqual(
    ['a', 'c'].map((host) => ({
      type: 'host-skipped',
      host,
      reason:
        "the run ended in play 'p1': it failed on 1 of 2 hosts, more than max_fail_percentage (30)",
    })),
  );
});

test.each<readonly [Row, string, string]>([
  [{}, 'a:p1t1 b:p1t1', 'it failed on all 2 hosts of a batch'],
  [{ serial: [1] }, 'a:p1t1', 'it failed on a'],
  [{ anyErrorsFatal: true }, 'b:p1t1', 'it failed on b, and any_errors_fatal is set'],
])('a later play is skipped with the reason: %j', async (row, fails, reason) => {
  const first = rollingPlay({ ...row, hosts: ['a', 'b'] }, 0, [], fails);
  await runPlays([first, rollingPlay({ hosts: ['z'] }, 1, [], '')], ['a', 'b', 'z']);
  const skipped = ofType(events, 'host-skipped').find(({ host }) => host === 'z');
  expect(skipped?.reason).toBe(`the run ended in play 'p1': ${reason}`);
});

test('a play that says what it needs still runs after the run has ended, unless that failed', async () => {
  const first = rollingPlay({ hosts: ['w'] }, 0, [], 'w:p1t1');
  const second = { ...rollingPlay({ hosts: ['m'] }, 1, [], ''), needs: ['d'] };
  const third = rollingPlay({ hosts: ['m'] }, 2, [], '');
  const result = await runPlays([first, second, third], ['w', 'm', 'd']);
  expect(outcomes(result)).toEqual({ w: 'failed', m: 'skipped' });
  expect(doneOn('m', [second, third])).toBe('m30');
});

test('the hosts of the play with which the run ended are in no later play, whatever that needs', async () => {
  const first = rollingPlay({ hosts: ['bad', 'w'], serial: [1] }, 0, [], 'bad:p1t1');
  const nothing = play('nothing', ['bad', 'w'], {
    ...first,
    tasks: new Map([['bad', first.tasks.get('bad') ?? []]]),
  });
  const second = { ...rollingPlay({ hosts: ['w', 'm'] }, 1, [], ''), needs: ['m'] };
  const result = await runPlays([nothing, second], ['bad', 'w', 'm']);
  expect(outcomes(result)).toEqual({ bad: 'failed', w: 'skipped', m: 'changed' });
  expect(doneOn('w', [first, second])).toBe('w00');
});

test('a lost host counts in the first play that has something to do on it', async () => {
  const hosts = ['dead', 'w'];
  const first = { ...play('first', hosts), tasks: new Map() };
  const second = rollingPlay({ serial: [1] }, 1, hosts, '');
  const result = await runPlays([first, second], hosts);
  expect(outcomes(result)).toEqual({ dead: 'unreachable', w: 'skipped' });
});

test('all hosts of a play that has later batches are skipped where a host that it needs has failed', async () => {
  const hosts = ['a', 'b'];
  const second = { ...rollingPlay({ serial: [1] }, 1, hosts, ''), needs: ['bad'] };
  const result = await runPlays([play('p', ['bad', 'c']), second], ['bad', 'c', ...hosts]);
  expect(outcomes(result)).toMatchObject({ a: 'skipped', b: 'skipped' });
});

test('tasks go one by one only where a failure can end the run for others', () => {
  const loop = [wants('x', 1), wants('y', 1)];
  const tasks = new Map([
    ['a', [wants('w', 0), ...loop]],
    ['b', [...loop, wants('z', 2)]],
  ]);
  const stages = (more: Partial<ReadyPlay>): readonly string[] =>
    stagesOf(play('p', ['a', 'b'], { tasks, ...more }), ['a', 'b']).map(({ newOf, isLast }) =>
      [
        ...['a', 'b'].map((host) =>
          newOf(host)
            .map(({ label }) => label.slice(-1))
            .join(''),
        ),
        isLast,
      ].join(' '),
    );
  expect(stages({})).toEqual(['wxy xyz true']);
  expect(stages({ maxFailPercentage: 99 })).toEqual(['w  false', 'xy xy false', ' z true']);
  expect(stages({ anyErrorsFatal: true })).toHaveLength(3);
  expect(stages({ anyErrorsFatal: true, tasks: new Map() })).toEqual(['  true']);
});
