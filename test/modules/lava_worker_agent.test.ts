import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fact, Resource } from '../../engine/sdk.ts';
import { programFolder } from '../../lab/heartbeat/program_folder.ts';
import { dispatcherPrograms, serverPrograms, upstreamOf } from '../../lab/packages/programs.ts';
import { classicDevices, writtenDevices } from '../../modules/lava_worker_agent/classic_devices.ts';
import { folderGone } from '../../modules/lava_worker_agent/folder_gone.ts';
import { HEARTBEAT } from '../../modules/lava_worker_agent/heartbeat/places.ts';
import { programFiles } from '../../modules/lava_worker_agent/heartbeat/program_files.ts';
import { hostFiles } from '../../modules/lava_worker_agent/host_files.ts';
import {
  type DaemonSettings,
  editDaemonSettings,
  maskDaemonSettings,
} from '../../modules/lava_worker_agent/settings_text.ts';
import { debianShells, isRoot, type TestHost, testHost } from '../support/run_resource.ts';

const SETTINGS: DaemonSettings = {
  ...{ name: 'worker01', url: 'http://192.0.2.10/', wsUrl: 'http://192.0.2.10/ws/' },
  ...{ logLevel: 'INFO', httpTimeout: 40, pingInterval: 20 },
};

/** What a fact says on a host whose folders of this name lie in the test's own. */
function ask<T>(host: TestHost, fact: Fact<T>, folder?: string): T {
  const probe =
    folder === undefined ? fact.probe : fact.probe.replaceAll(folder, `${host.folder}${folder}`);
  return host.read({ id: 'fact', probe, parse: fact.parse, change: () => undefined });
}

function put(host: TestHost, path: string, text: string): string {
  const whole = join(host.folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

describe.each(debianShells)('with %s', (...shell) => {
  test('the versions that are here and that apt offers, as dpkg and apt of Debian 12 say them', () => {
    const host = testHost(shell);
    host.install('dpkg-query', "printf 'install ok installed\\n'");
    host.install(
      'apt-cache',
      `case $2 in
lava-dispatcher) printf '%s\\n' 'lava-dispatcher | 2023.01-2 | http://mirror.example.org/debian bookworm/main amd64 Packages' \\
  'lava-dispatcher | 2023.01-2 | http://mirror/debian bookworm/main amd64 Packages' \\
  'lava-dispatcher | 2022.11-1~bpo11+1 | http://mirror.example.org/debian bullseye-backports/main amd64 Packages' \\
  '      lava | 2023.01-2 | http://mirror.example.org/debian bookworm/main Sources' ;;
esac`,
    );
    const folder = '/usr/lib/python3/dist-packages/lava_common';
    put(host, `${folder}/VERSION`, '2023.01');
    expect(ask(host, dispatcherPrograms, folder)).toMatchObject({
      ...{ version: '2023.01', isInstalled: true },
      offered: ['2023.01-2', '2022.11-1~bpo11+1'],
    });
    expect(ask(host, serverPrograms, folder)).toMatchObject({ offered: [] });
  });

  test('a host without LAVA, dpkg and apt has nothing and offers nothing', () => {
    const host = testHost(shell);
    for (const name of ['dpkg-query', 'apt-cache']) host.install(name, 'exit 127');
    expect(ask(host, dispatcherPrograms, '/')).toMatchObject({
      ...{ version: undefined, offered: [], isInstalled: false, isFresh: false },
      ...{ has: undefined, installs: 'unknown', hasRead: false },
    });
  });

  test("lists of packages are fresh when apt has read them since a source was added, not when Debian's image came without", () => {
    const host = testHost(shell);
    host.install('apt-cache', 'exit 127');
    const lists = '/var/lib/apt/lists';
    const fresh = (): boolean => {
      const { isFresh } = host.read({
        ...{ id: 'fact', parse: dispatcherPrograms.parse, change: () => undefined },
        probe: dispatcherPrograms.probe,
      });
      return isFresh;
    };
    mkdirSync(join(host.root, lists, 'partial'), { recursive: true });
    expect(fresh()).toBe(false);
    writeFileSync(
      join(host.root, lists, 'mirror.example.org_dists_bookworm_main_Packages.lz4'),
      '',
    );
    expect(fresh()).toBe(true);
    const aMinuteAgo = Date.now() / 1000 - 60;
    utimesSync(join(host.root, lists, 'partial'), aMinuteAgo, aMinuteAgo);
    expect(fresh()).toBe(true);
    mkdirSync(join(host.root, 'etc/apt'), { recursive: true });
    writeFileSync(
      join(host.root, 'etc/apt/sources.list'),
      'deb https://deb.example.org lava main\n',
    );
    expect(fresh()).toBe(false);
  });

  test('which files of a worker are here, empty ones not counted', () => {
    const host = testHost(shell);
    const look = () => ask(host, hostFiles, '/srv');
    expect(look()).toEqual({ token: 'no', key: 'no', authority: 'no', classicWorkers: new Set() });
    const state = join(host.root, 'var/lib/lava/dispatcher/worker');
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, 'token'), '');
    put(host, '/srv/lava/instances/lab-1/etc/lava-server/worker.conf', "HEARTBEAT_TIMEOUT='300'\n");
    put(host, '/srv/lava/instances/lab-2/etc/lava-server/instance.conf', '');
    expect(look()).toMatchObject({ token: 'no', classicWorkers: new Set(['lab-1']) });
  });
});

describe('the settings of lava-worker', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '# WORKER_NAME="--name <hostname.fqdn>"',
          'URL=http://localhost/',
          "URL='http://localhost/'",
          ' LOGLEVEL = DEBUG',
          'TOKEN="--token abc"',
          'HTTP_TIMEOUT="--http-timeout 40 --ping-interval 20" ',
          'JOB_LOG_INTERVAL="--job-log-interval 5"',
        ),
        fc.string({ maxLength: 12 }).map((line) => line.replace(/[\r\n]/g, '')),
      ),
    )
    .map((lines) => lines.map((line) => `${line}\n`).join(''));

  test('are right after one edit, whatever stood there; lines of others stay in their order', () => {
    fc.assert(
      fc.property(text, (before) => {
        const after = editDaemonSettings(before, SETTINGS);
        expect(editDaemonSettings(after, SETTINGS)).toBe(after);
        const ours = /^\s*(WORKER_NAME|LOGLEVEL|URL|TOKEN|WS_URL|HTTP_TIMEOUT)\s*=/;
        const others = (all: string): readonly string[] =>
          all.split('\n').filter((line) => !ours.test(line));
        expect(others(after)).toEqual(others(before));
        for (const key of ['URL="http://192.0.2.10/"', 'TOKEN=""'])
          expect(after.split('\n').filter((line) => line === key)).toHaveLength(1);
      }),
    );
  });

  test.each(['TOKEN="--token 0123456789abcdef"', '# TOKEN=--token=0123456789abcdef'])(
    'never show a token: %s',
    (line) => {
      expect(maskDaemonSettings(`URL="http://x/"\n${line}\n`)).not.toContain('0123456789abcdef');
    },
  );
});

test.each([
  ['2023.01-2', '2023.01'],
  ['2023.01-2+deb12u1', '2023.01'],
  ['2023.01-2~bpo11+1', '2023.01'],
  ['2024.05+11+bookworm', '2024.05'],
  ['1:2023.10.0015.g0123abc+11+bookworm', '2023.10.0015.g0123abc'],
])('dpkg calls %s what lava-worker calls %s', (version, upstream) => {
  expect(upstreamOf(version)).toBe(upstream);
});

test('only files of devices that we have written are ours to remove', () => {
  const host = testHost();
  const folder = '/srv/lava/instances/lab/etc/lava-dispatcher/devices';
  const board = { name: 'panda01', device_type: 'panda' };
  const [, device] = classicDevices([folder], [board], []);
  put(host, `${folder}/panda02.conf`, 'device_type = panda\n');
  expect(ask(host, writtenDevices, '/srv')).toEqual([]);
  const ours = put(host, `${folder}/panda01.conf`, deviceText(device));
  expect(ask(host, writtenDevices, '/srv')).toEqual([ours]);
  const left = classicDevices([folder], [], [`${folder}/panda01.conf`]);
  expect(left.map(({ id }) => id)).toContain(`absent ${folder}/panda01.conf`);
});

function deviceText(resource: Resource | undefined): string {
  const change = resource?.change({ kind: 'missing' });
  return change?.after ?? '';
}

test('a folder of ours goes with our files, and stays with those of others', () => {
  const host = testHost();
  const folder = join(host.folder, 'etc/lava-heartbeat');
  const gone = folderGone(folder, ['config.json', 'credentials']);
  expect(host.converge(gone)).toBeUndefined();
  put(host, 'etc/lava-heartbeat/config.json', '{}');
  expect(host.converge(gone)).toMatchObject({ before: 'config.json\n', after: '' });
  put(host, 'etc/lava-heartbeat/credentials', 'a:b');
  const other = put(host, 'etc/lava-heartbeat/of somebody', '');
  expect(host.converge(gone)).toMatchObject({ before: 'credentials\n' });
  expect(readFileSync(other, 'utf8')).toBe('');
  expect(host.converge(gone)).toBeUndefined();
});

test.skipIf(!isRoot)('the program of the heartbeat comes whole, and is fixed file by file', () => {
  const host = testHost();
  const folder = join(host.folder, 'lava-heartbeat');
  mkdirSync(folder);
  const move = (script: string): string => script.replaceAll(HEARTBEAT.program, folder);
  const program = programFolder({ path: HEARTBEAT.program, files: programFiles(), onChange: [] });
  const moved = { ...program, probe: move(program.probe) };
  const apply = (): string | undefined => {
    const change = host.plan(moved);
    if (!change) return undefined;
    const { status, output } = host.run(...change.steps.map(({ script }) => move(script)));
    expect([status, output]).toEqual([0, '']);
    return `${change.before}${change.after}`;
  };
  expect(apply()).toMatch(/^__main__\.py [0-9a-f]{12}\nbeating\.py/);
  expect(apply()).toBeUndefined();
  const original = readFileSync(join(folder, 'watch.py'), 'utf8');
  writeFileSync(join(folder, 'watch.py'), '');
  expect(apply()).toMatch(/^watch\.py e3b0c44298fc 644 root:root\nwatch\.py [0-9a-f]{12}\n$/);
  expect(readFileSync(join(folder, 'watch.py'), 'utf8')).toBe(original);
  writeFileSync(join(folder, 'of_an_older_release.py'), '');
  expect(apply()).toBe('of_an_older_release.py\n');
  expect(apply()).toBeUndefined();
});
