import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import module from '../../../modules/lava_rpc2_url/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const URL = 'http://192.0.2.11/RPC2';
const lab = labWith(
  { here: ['database'], lava: ['master'], worker01: ['workers'] },
  {
    worker01: {
      lava: { heartbeat: { timeout: 100 } },
      boards: [{ name: 'panda01', device_type: 'panda' }, { name: 'not-for-lava' }],
    },
  },
);
const questions = queriesOf(module, { database: 'lava' }, lab);

const master = {
  ...{ hostname: 'lava.example.org', is_master: true, rpc2_url: URL },
  ...{ heartbeat_age: null, tick_age: 5 },
};
const worker = {
  ...{ hostname: 'worker01.example.org', is_master: false, rpc2_url: null },
  ...{ heartbeat_age: 20, tick_age: null },
};

const device = {
  ...{ hostname: 'panda01', status: 1, health_status: 1 },
  worker_host_id: 'worker01.example.org',
};

/** What is told of rows of workers and, where there is such a table, of devices. */
function told(rows: readonly object[], devices?: readonly object[]): readonly string[] {
  const answer = [rows, ...(devices ? [devices] : [])]
    .map((each) => JSON.stringify(each))
    .join('\n');
  const answers = Object.fromEntries(questions.map(({ id }) => [id, answer]));
  return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
}

test('one master that ticks, and workers that it hears', () => {
  expect(told([master, worker])).toEqual([]);
  expect(told([{ ...master, tick_age: null }, worker])).toEqual([]);
});

test('no database, server or table is told elsewhere', () => {
  for (const probe of [...new Set(questions.map(({ probe }) => probe ?? ''))]) {
    const quiet = `pg_lsclusters() { echo '15 main 5432 down postgres /x /y'; }\n${probe}`;
    expect(execFileSync('sh', ['-c', quiet], { encoding: 'utf8' })).toBe('');
  }
  const silence = Object.fromEntries(questions.map(({ id }) => [id, '']));
  expect(findingsOf(questions, silence)).toEqual([]);
});

test('no master, or several', () => {
  expect(told([])).toEqual([
    'problem lava_rpc2_url.master [row of the master] no row of the table of workers is the master, and no worker can start | lava_scheduler_app_worker: empty',
  ]);
  expect(told([master, { ...worker, is_master: true }])[0]).toMatch(
    /several rows.*\| lava\.example\.org, worker01\.example\.org$/,
  );
});

test('a master that sends workers elsewhere, and one that does not tick', () => {
  expect(told([{ ...master, rpc2_url: null }, worker])).toEqual([
    expect.stringMatching(/rpc2_url = NULL; the inventory says http:\/\/192\.0\.2\.11\/RPC2$/),
  ]);
  expect(told([{ ...master, tick_age: 41 }, worker])).toEqual([
    expect.stringMatching(/does not tick.*tick 41 s ago$/),
  ]);
});

test('a master whose row has an old name, in which the scheduler does not find itself', () => {
  const renamed = { ...master, hostname: 'attic.example.org' };
  expect(told([renamed, worker])).toEqual([]);
  expect(told([{ ...renamed, tick_age: 3600 }, worker])).toEqual([
    expect.stringMatching(
      /has a different name.*attic\.example\.org: last_master_scheduler_tick 3600 s ago; the inventory's master is lava$/,
    ),
  ]);
});

test('a worker that is not heard any more, never was, or has no row', () => {
  expect(told([master, { ...worker, heartbeat_age: 140 }])).toEqual([]);
  expect(told([master, { ...worker, heartbeat_age: 141 }])).toEqual([
    'problem lava_rpc2_url.workers on worker01 [worker worker01] the master receives no heartbeat from the worker worker01 | worker01.example.org: last_heartbeat 141 s ago',
  ]);
  expect(told([master, { ...worker, heartbeat_age: null }])[0]).toMatch(/last_heartbeat never$/);
  expect(told([master])[0]).toMatch(/no row for worker01/);
  const things = (age: number) =>
    thingsOf(questions, {
      'lava_rpc2_url.workers': JSON.stringify([master, { ...worker, heartbeat_age: age }]),
    });
  expect(things(3)).toEqual([
    {
      ...{ kind: 'worker', name: 'worker01', host: 'worker01', state: 'Online', status: 'good' },
      details: { 'last ping': 3 },
    },
  ]);
  expect(things(500)).toMatchObject([{ state: 'Offline', status: 'bad' }]);
});

test('boards that are devices of their workers', () => {
  const rows = [master, worker];
  expect(told(rows, [device, { ...device, hostname: 'somebody-elses', status: 0 }])).toEqual([]);
  expect(told(rows, [{ ...device, status: 2, health_status: 0 }])).toEqual([]);
  expect(told(rows, [])).toEqual([
    'problem lava_rpc2_url.devices on worker01 [board panda01] the master has no device panda01 | no panda01 in lava_scheduler_app_device',
  ]);
});

test.each([
  [
    { worker_host_id: null },
    [
      'no worker claims the device panda01, which counts as offline',
      'worker_host NULL; the inventory says worker01',
    ],
  ],
  [
    { worker_host_id: 'worker010.example.org' },
    [
      'a different worker than in the inventory claims the device panda01',
      'worker_host worker010.example.org; the inventory says worker01',
    ],
  ],
  [
    { status: 0 },
    ['the device panda01 gets no jobs: it is Offline', 'status Offline, health Pass'],
  ],
  [
    { status: 4 },
    ['the device panda01 gets no jobs: it is Retired', 'status Retired, health Pass'],
  ],
])('a device with %j', (difference, [what, evidence]) => {
  expect(told([master, worker], [{ ...device, ...difference }])).toEqual([
    `warning lava_rpc2_url.devices on worker01 [board panda01] ${what} | panda01: ${evidence}`,
  ]);
});

test('a device whose health check failed is a problem, one of a worker that is not heard is told there', () => {
  const failed = { ...device, status: 0, health_status: 2 };
  expect(told([master, worker], [failed])).toEqual([
    'problem lava_rpc2_url.devices on worker01 [board panda01] the device panda01 gets no jobs: it is Offline | panda01: status Offline, health Fail',
  ]);
  const silent = { ...worker, heartbeat_age: 5000 };
  expect(told([master, silent], [{ ...device, worker_host_id: null }])).toEqual([
    expect.stringMatching(/^problem lava_rpc2_url\.workers /),
  ]);
  const things = (row: object) =>
    thingsOf(questions, { 'lava_rpc2_url.devices': `[]\n${JSON.stringify([row])}` });
  expect(things(failed)).toEqual([
    {
      ...{ kind: 'board', name: 'panda01', host: 'worker01', state: 'Offline', status: 'bad' },
      details: { health: 'Fail' },
    },
  ]);
  expect(things({ ...device, status: 2 })).toMatchObject([{ state: 'Running', status: 'good' }]);
});
