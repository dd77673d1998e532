import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { absent } from '../../../engine/resources/absent.ts';
import type { FoundPath } from '../../../engine/resources/path_state.ts';
import { testHost } from '../../support/run_resource.ts';

const folder: FoundPath = {
  ...{ kind: 'found', type: 'directory', mode: '755', owner: 'root', group: 'root' },
  ...{ uid: '0', gid: '0' },
};

test('an empty folder goes, and one with something in it stays and is named', () => {
  const host = testHost();
  const path = join(host.folder, 'left');
  mkdirSync(path);
  writeFileSync(join(path, '.hidden'), '');
  expect(() => host.plan(absent({ path }))).toThrow('is a folder that is not empty: .hidden');
  const empty = join(host.folder, 'empty');
  mkdirSync(empty);
  host.converge(absent({ path: empty }));
  expect(existsSync(empty)).toBe(false);
});

test('a folder stays while a file system is mounted on it', () => {
  const path = '/srv/media';
  expect(() => absent({ path }).change({ ...folder, inside: '/mounted' })).toThrow(
    '/srv/media should be absent but a file system is mounted there',
  );
});

test('a pipe or a device is not removed', () => {
  expect(() => absent({ path: '/dev/x' }).change({ ...folder, type: 'fifo' })).toThrow(
    'is a fifo, which is not removed',
  );
});
