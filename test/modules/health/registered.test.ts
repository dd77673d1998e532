import { describe, expect, test } from 'vitest';
import devices from '../../../modules/lava_devices/module.ts';
import { environment } from '../../../modules/lava_workers/environment.ts';
import workers from '../../../modules/lava_workers/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const lab = labWith(
  { here: ['master'], worker01: ['workers'] },
  { worker01: { boards: [{ name: 'qemu-01', device_type: 'qemu' }] } },
);

function told(
  module: typeof devices | typeof workers,
  rows: object,
  version?: string,
): readonly string[] {
  const questions = queriesOf(module, {}, lab);
  const answer = JSON.stringify({ rows, version });
  const asked = questions.filter(({ id }) => /\.(service|strangers)$/.test(id));
  const answers = Object.fromEntries(asked.map(({ id }) => [id, answer]));
  return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
}

describe('workers', () => {
  const worker = { hostname: 'worker01', health: 0, description: '', ours: true, last_word: '' };
  const sign = { hostname: 'worker01', online: true, silent: 5 };
  const judged = (changes: object, heard: object = {}): readonly string[] =>
    told(workers, { workers: [{ ...worker, ...changes }], signs: [{ ...sign, ...heard }] });

  test('one that is heard', () => expect(judged({})).toEqual([]));

  test('one that is unknown', () => {
    expect(told(workers, { workers: [], signs: [] })).toEqual([
      expect.stringMatching(/^problem .*does not know the worker worker01/),
    ]);
  });

  test('one that is not heard any more, or never was', () => {
    expect(judged({}, { online: false, silent: 90 })).toEqual([
      expect.stringMatching(/^problem .*Offline, last ping 90 s ago$/),
    ]);
    expect(judged({}, { online: false, silent: null })[0]).toMatch(/last ping never$/);
    expect(judged({}, { silent: 81 })[0]).toMatch(/Online, last ping 81 s ago$/);
    expect(judged({}, { silent: 80 })).toEqual([]);
  });

  test("one that is turned away because its LAVA is another than the master's", () => {
    const rows = (version: string | null, silent: number) => ({
      workers: [worker],
      signs: [{ ...sign, version, silent, online: silent < 60 }],
    });
    expect(told(workers, rows('2022.11', 90), '2023.01')).toEqual([
      expect.stringMatching(
        /^problem .*Offline, last ping 90 s ago, version 2022\.11; the master's is 2023\.01$/,
      ),
    ]);
    expect(told(workers, rows('2022.11', 5), '2023.01')).toEqual([]);
    for (const version of ['2023.01', null]) {
      expect(told(workers, rows(version, 90), '2023.01')[0]).toMatch(/receives no pings/);
    }
  });

  test('one that is not in the inventory, and the one that LAVA makes up', () => {
    const also = (hostname: string, health = 0): readonly string[] =>
      told(workers, {
        workers: [worker, { ...worker, hostname, health }],
        signs: [sign, { ...sign, hostname }],
      });
    expect(also('attic')).toEqual([expect.stringMatching(/^note .*attic that is not in the/)]);
    expect(also('example.com')).toEqual([
      expect.stringMatching(/^warning .*example worker of LAVA is not retired/),
    ]);
    expect(also('example.com', 2)).toEqual([]);
  });

  test('one that retires by the inventory, and is in service all the same', () => {
    const retiring = labWith({ here: ['master'], worker02: ['retired'] });
    const questions = queriesOf(workers, {}, retiring);
    const found = (health: number): readonly string[] => {
      const rows = {
        workers: [{ ...worker, hostname: 'worker02', health }],
        signs: [{ ...sign, hostname: 'worker02' }],
      };
      const answers = Object.fromEntries(questions.map(({ id }) => [id, JSON.stringify({ rows })]));
      return findingsOf(questions, answers).map(([id, finding]) => lineOf(id, finding));
    };
    expect(found(0)).toEqual([
      expect.stringMatching(
        /^problem lava_workers\.strangers .*worker02 is retired in the inventory/,
      ),
    ]);
    expect(found(2)).toEqual([]);
  });

  test('each is shown with what the master has of it', () => {
    const shown = (changes: object, heard: object) =>
      thingsOf(queriesOf(workers, {}, lab), {
        'lava_workers.service': JSON.stringify({
          rows: {
            workers: [{ ...worker, jobs: [7], ...changes }],
            signs: [{ ...sign, version: '2023.01', ...heard }],
          },
        }),
      });
    expect(shown({}, {})).toEqual([
      {
        ...{ kind: 'worker', name: 'worker01', host: 'worker01', state: 'Online', status: 'good' },
        details: { health: 'Active', version: '2023.01', 'last ping': 5, 'running jobs': 1 },
      },
    ]);
    expect(shown({}, { online: false })).toMatchObject([{ state: 'Offline', status: 'bad' }]);
    expect(shown({ health: 2 }, {})).toMatchObject([{ status: 'off' }]);
  });

  test('one that was taken out of service, with who says so', () => {
    expect(judged({ health: 1, last_word: 'Active → Maintenance (disk)' })).toEqual([
      expect.stringMatching(/^warning .*Maintenance \| LAVA's log does not say by whom$/),
    ]);
    const entries = [
      { name: 'worker01', words: 'Active → Maintenance', time: '2026-11-26 23:41:05' },
    ];
    expect(told(workers, { workers: [{ ...worker, health: 1 }], signs: [sign], entries })).toEqual([
      expect.stringMatching(/\| LAVA's log, 2026-11-26 23:41:05 UTC: Active → Maintenance$/),
    ]);
  });
});

describe('devices', () => {
  const device = { hostname: 'qemu-01', worker: 'worker01', health: 0, last_word: '' };
  const judged = (changes: object): readonly string[] =>
    told(devices, { devices: [{ ...device, ...changes }] });

  test('one that is good, where it belongs', () => expect(judged({})).toEqual([]));

  test('one that is missing', () => {
    expect(told(devices, { devices: [] })).toEqual([
      expect.stringMatching(/^problem .*no device qemu-01/),
    ]);
  });

  test('one at another worker', () => {
    expect(judged({ worker: 'worker02' })).toEqual([
      expect.stringMatching(/worker worker02; the inventory says worker01$/),
    ]);
  });

  test('each is shown with what it does', () => {
    const shown = (changes: object, state: number) =>
      thingsOf(queriesOf(devices, {}, lab), {
        'lava_devices.service': JSON.stringify({
          rows: {
            devices: [{ ...device, type: 'qemu', jobs: [], ...changes }],
            states: [{ hostname: 'qemu-01', state }],
          },
        }),
      });
    expect(shown({ jobs: [12] }, 2)).toEqual([
      {
        ...{ kind: 'board', name: 'qemu-01', host: 'worker01', state: 'Running', status: 'good' },
        details: { health: 'Good', type: 'qemu', job: 12 },
      },
    ]);
    expect(shown({ health: 4 }, 0)).toMatchObject([{ state: 'Idle', status: 'off' }]);
    expect(shown({ hostname: 'another' }, 0)).toMatchObject([{ state: 'not registered' }]);
  });

  test('one whose dictionary LAVA cannot use, by what its log says', () => {
    const words = 'Good → Bad (Invalid device configuration)';
    const entries = [{ name: 'qemu-01', words, time: '2026-11-26 23:41:05' }];
    const [[, finding] = []] = findingsOf(queriesOf(devices, {}, lab), {
      'lava_devices.service': JSON.stringify({
        rows: { devices: [{ ...device, health: 3 }], entries },
      }),
    });
    expect(finding).toMatchObject({
      what: 'the device qemu-01 is Bad, as LAVA could not use its dictionary',
      evidence: `LAVA's log, 2026-11-26 23:41:05 UTC: ${words}`,
      fix: expect.stringContaining('lava-server manage devices check qemu-01'),
      towards: { kind: 'dictionary', host: 'here', part: 'qemu-01' },
    });
  });

  test('one whose health nobody has written down is not explained by what was before', () => {
    const words = 'Good → Bad (Invalid device configuration)';
    const entries = [{ name: 'qemu-01', words, time: '2026-11-26 23:41:05' }];
    expect(told(devices, { devices: [{ ...device, health: 4 }], entries })).toEqual([
      expect.stringMatching(
        / is Maintenance \| qemu-01: health Maintenance; LAVA's log does not say by whom$/,
      ),
    ]);
  });

  test.each([
    [1, 'note', 'Unknown'],
    [3, 'problem', 'Bad'],
    [4, 'warning', 'Maintenance'],
  ])('one of health %i is a %s', (health, severity, word) => {
    const [line, ...others] = judged({ health });
    expect(line).toMatch(new RegExp(`^${severity} .*qemu-01 is ${word} `));
    expect(others).toEqual([]);
  });
});

describe('what the master tells workers that nobody of us has told it', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const common = 'purge: true\noverrides:\n  LC_ALL: C.UTF-8\n  PATH: /usr/bin\n';
  const judged = (files: Readonly<Record<string, string>>, keep: readonly string[] = []) => {
    const lines = Object.entries(files).map(([name, text]) => `worker01/${name} ${base64(text)}`);
    const output = [`common ${base64(common)}`, ...lines, ''].join('\n');
    const questions = queriesOf(workers, { keep }, lab);
    return findingsOf(questions, { 'lava_workers.settings': output }).map(([, { evidence }]) =>
      evidence.replace(/^\S+: /, ''),
    );
  };

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['a variable', { 'env.yaml': `${common}  PYTHONWARNINGS: x\n` }, 'env.yaml (PYTHONWARNINGS)'],
    ['a variable in quotes', { 'env.yaml': 'overrides:\n  "BROWSER": x\n' }, 'env.yaml (BROWSER)'],
    ['another value', { 'env.yaml': 'overrides:\n  PATH: /tmp\n' }, 'env.yaml (PATH)'],
    ['all in one line', { 'env.yaml': 'overrides: { A: b }\n' }, 'env.yaml (overrides)'],
    ['a whole map', { 'env.yaml': '{overrides: {A: b}}\n' }, 'env.yaml ({overrides: {A: b}})'],
    [
      'no purge',
      { 'env.yaml': 'purge: false\noverrides:\n  LC_ALL: C.UTF-8\n' },
      'env.yaml (purge)',
    ],
    [
      'a value over several lines',
      { 'env.yaml': 'overrides:\n  A: |\n    b\n    C: d\n  PATH: /usr/bin\n' },
      'env.yaml (A)',
    ],
    [
      'lines between the marks of somebody else',
      { 'env.yaml': '# BEGIN lava-play other\nA: b\n# END lava-play other\n' },
      'env.yaml (A)',
    ],
    [
      'a dispatcher key',
      { 'dispatcher.yaml': 'dispatcher_ip: 1\nx:\n- y\n' },
      'dispatcher.yaml (x)',
    ],
    ['another file', { 'env-dut.yaml': 'x' }, 'env-dut.yaml'],
  ])('%s is found', (_, files, evidence) => expect(judged(files)).toEqual([evidence]));

  test('what is ours, common or to be kept is not', () => {
    const ours = '  # BEGIN lava-play proxy\n  http_proxy: "x"\n  # END lava-play proxy\n';
    expect(judged({ 'env.yaml': `# a comment\n${common}${ours}` })).toEqual([]);
    expect(judged({ 'dispatcher.yaml': 'dispatcher_ip: 192.0.2.21\n' })).toEqual([]);
    expect(judged({ 'dispatcher.yaml': 'x:\n- y\n' }, ['x'])).toEqual([]);
    expect(judged({})).toEqual([]);
  });
});

describe('what the inventory wants the master to tell workers', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const own = labWith(
    { here: ['master'], worker01: ['workers'] },
    { worker01: { lava: { proxy: 'http://192.0.2.5:3128/', master: '192.0.2.10' } } },
  );
  const common = 'overrides:\n  LC_ALL: C.UTF-8\n';
  const env = environment('', common, {
    proxy: 'http://192.0.2.5:3128/',
    direct: ['localhost', '127.0.0.1', '192.0.2.10', '192.0.2.11'],
  });
  const judged = (dispatcher: string, text: string): readonly string[] => {
    const files = { 'dispatcher.yaml': dispatcher, 'env.yaml': text };
    const lines = Object.entries(files).map(([name, each]) => `worker01/${name} ${base64(each)}`);
    const output = [`common ${base64(common)}`, ...lines, ''].join('\n');
    return findingsOf(queriesOf(workers, {}, own), { 'lava_workers.wanted-settings': output }).map(
      ([id, finding]) => lineOf(id, finding),
    );
  };

  test('is there', () => expect(judged('dispatcher_ip: 192.0.2.11\n', env)).toEqual([]));

  test('and is another address', () => {
    expect(judged('dispatcher_ip: 192.0.2.99\n', env)).toEqual([
      'problem lava_workers.wanted-settings [address of worker01] the jobs of worker01 give its boards another address of the worker than the inventory | /etc/lava-server/dispatcher.d/worker01/dispatcher.yaml: dispatcher_ip: 192.0.2.99; the inventory says 192.0.2.11',
    ]);
    expect(judged('', env)[0]).toMatch(/no dispatcher_ip; the inventory says 192\.0\.2\.11$/);
  });

  test('and is no proxy, or another', () => {
    const address = 'dispatcher_ip: "192.0.2.11"\n';
    expect(judged(address, common)[0]).toMatch(
      /do not download through the proxy .*: no http_proxy$/,
    );
    expect(judged(address, env.replaceAll(':3128', ':8080'))[0]).toMatch(/no_proxy are others$/);
  });
});

test('a device on one of our workers that the inventory does not have, unless it is retired', () => {
  const device = {
    ...{ hostname: 'by-hand', type: 'qemu', worker: 'worker01', health: 0, description: '' },
    ...{ tags: [], ours: false, last_word: '', jobs: [] },
  };
  const judged = (changes: object): readonly string[] =>
    told(devices, { devices: [{ ...device, ...changes }], types: [], states: [] }).filter((line) =>
      line.includes('strangers'),
    );
  expect(judged({})).toEqual([
    expect.stringMatching(/^note lava_devices\.strangers \[device by-hand\] .*run as root there/),
  ]);
  for (const changes of [{ health: 5 }, { worker: 'elsewhere' }, { hostname: 'qemu-01' }])
    expect(judged(changes)).toEqual([]);
});

describe('device dictionaries', () => {
  const judged = (output: string): readonly string[] =>
    findingsOf(queriesOf(devices, {}, lab), { 'lava_devices.dictionary': output }).map(
      ([id, finding]) => lineOf(id, finding),
    );
  const found = (text: string): string =>
    `640 1 1 lavaserver lavaserver regular file\n2:1 2:2\n\n${Buffer.from(text).toString('base64')}\n\nnext dictionary\n`;
  const wanted =
    '{% extends "qemu.jinja2" %}\n{# Written by lava-play from the inventory; changes made here are lost. #}\n';

  test('one as the inventory says', () => expect(judged(found(wanted))).toEqual([]));

  test('one that somebody has changed', () => {
    expect(judged(found(`${wanted}{% set power_on_command = "evil" %}\n`))).toEqual([
      expect.stringMatching(
        /^problem lava_devices\.dictionary \[dictionary of qemu-01\] .*run as root on worker01 \| .*power_on_command = "evil"/,
      ),
    ]);
  });

  test('one that is missing', () => {
    expect(judged('missing\n\nnext dictionary\n')[0]).toMatch(/LAVA has no dictionary/);
  });
});
