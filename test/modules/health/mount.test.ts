import { expect, test } from 'vitest';
import module from '../../../modules/sshfs_mount/module.ts';
import { findingsOf, labWith, lineOf, queriesOf, thingsOf } from '../../support/health.ts';

const ID = 'sshfs_mount.mount';
const SOURCE = 'lavashare-here@192.0.2.10:/srv/share';
const lab = labWith({ master: ['master'], here: ['workers'] });
const MOUNT = `unit\nmount fuse.sshfs ${SOURCE} rw,nosuid,nodev,noexec\n`;
const WORKS = 'answer No such file or directory\nanswer space 100 50\n';

function told(output: string): readonly string[] {
  const questions = queriesOf(module, { folder: '/srv/share' }, lab);
  return findingsOf(questions, { [ID]: output }).map(([id, finding]) => lineOf(id, finding));
}

test('a mount that works', () => {
  expect(told(`${MOUNT}${WORKS}`)).toEqual([]);
});

test('one that is not wanted is not asked for', () => {
  expect(queriesOf(module, { folder: '/srv/share', state: 'absent' }, lab)).toEqual([]);
});

test('a master that the inventory does not have, or that is this host, leaves nothing to ask', () => {
  const of = (args: object) => queriesOf(module, { folder: '/srv/share', ...args }, lab, 'master');
  expect(of({})).toEqual([]);
  expect(of({ where: '/mnt' })).not.toEqual([]);
  expect(of({ master: 'nobody' })).toEqual([]);
});

test.each([
  ['absent', 'unit\n', 'not mounted'],
  ['dead', `${MOUNT}answer Transport endpoint is not connected\n`, 'dead: its sshfs has ended'],
  ['stale', `${MOUNT}answer none\n`, 'stale'],
  ['stacked', `${MOUNT}mount fuse.sshfs ${SOURCE}\n`, 'mounted 2 times, one over the other'],
  ['foreign', 'mount ext4 /dev/sdb1\n', 'a mount of /dev/sdb1 (ext4)'],
])('one that is %s', (verdict, output, words) => {
  expect(told(output)).toEqual([
    `problem ${ID} [mount /srv/share] /srv/share is ${words} | ${SOURCE}: ${verdict}`,
  ]);
});

test('one that sshfs was not allowed to make says so in its words', () => {
  const words =
    "fusermount3: option allow_other only allowed if 'user_allow_other' is set in /etc/fuse.conf";
  expect(told(`unit\nsaid ${words}\n`)).toEqual([
    `problem ${ID} [mount /srv/share] /srv/share is not mounted | ${SOURCE}: absent; ${words}`,
  ]);
});

test('one that honours setuid bits', () => {
  expect(told(`${MOUNT.replace('nosuid,', '')}${WORKS}`)).toEqual([
    expect.stringMatching(/^problem .* a setuid file in \/srv\/share of the master is honoured/),
  ]);
});

test('one whose master refuses connections says so', () => {
  expect(told(`${MOUNT}answer none\nmaster 1 Connection refused\n`)).toEqual([
    expect.stringMatching(/stale; 192\.0\.2\.10 port 22: refuses connections$/),
  ]);
});

test('one whose master is full', () => {
  const full = WORKS.replace('100 50', '100 0');
  expect(told(`${MOUNT}${full}`)).toEqual([expect.stringMatching(/file system is full$/)]);
});

test('it is shown with its source, whether it works or not', () => {
  const shown = (output: string) =>
    thingsOf(queriesOf(module, { folder: '/srv/share' }, lab), { [ID]: output });
  expect(shown(`${MOUNT}${WORKS}`)).toEqual([
    {
      ...{ kind: 'mount', name: '/srv/share', state: 'mounted', status: 'good' },
      details: { source: SOURCE },
    },
  ]);
  expect(shown(`${MOUNT}answer none\n`)).toMatchObject([{ state: 'stale', status: 'bad' }]);
  expect(shown('unit\n')).toMatchObject([{ state: 'not mounted', status: 'bad' }]);
});
