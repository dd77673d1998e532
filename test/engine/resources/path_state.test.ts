import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  type FoundPath,
  hasAttributes,
  isMounted,
  requirePlainPath,
  requireSafeWay,
  requireType,
} from '../../../engine/resources/path_state.ts';

const found: FoundPath = {
  ...{ kind: 'found', type: 'regular file', mode: '640', owner: 'lava', group: 'adm' },
  ...{ uid: '104', gid: '4' },
};
const wanted = { mode: '0640', owner: 'lava', group: 'adm' };

test('owner and group may be wanted by name or by number', () => {
  expect(hasAttributes(found, wanted)).toBe(true);
  expect(hasAttributes(found, { ...wanted, owner: '104', group: '4' })).toBe(true);
});

test.each([
  ['mode', { mode: '0644' }],
  ['mode with a bit of its own', { mode: '2640' }],
  ['owner', { owner: 'root' }],
  ['group', { group: 'root' }],
  ['group by number', { group: '104' }],
])('another %s is a difference', (_, other) => {
  expect(hasAttributes(found, { ...wanted, ...other })).toBe(false);
});

test.each(['/etc/ser2net.yaml', '/a b/c', '/..a/b..', '/a/.b'])('the path %s is plain', (path) => {
  expect(() => requirePlainPath(path)).not.toThrow();
});

test.each(['', '/', 'etc', '/etc/', '//etc', '/etc/../root', '/..', '/etc/.', '/./etc', '/a\nb'])(
  'the path %j is refused',
  (path) => {
    expect(() => requirePlainPath(path)).toThrow('is not a plain absolute path');
  },
);

test('nothing is done behind a link that others may have made, nor with another kind of thing', () => {
  const attributes = { mode: '1777', owner: 'root', group: 'root' };
  const unsafe = { kind: 'unsafe', link: '/tmp/x', folder: '/tmp', attributes } as const;
  expect(() => requireSafeWay('/tmp/x/conf', unsafe)).toThrow(
    "the symbolic link /tmp/x on the way to /tmp/x/conf is not followed: /tmp is not under root's control alone (1777 root:root)",
  );
  expect(() => requireSafeWay('/a', { kind: 'restless' })).toThrow(
    'was replaced while it was read',
  );
  expect(() => requireType('/a', found, 'directory')).toThrow('should be a directory but is a');
  expect(() => requireType('/a', { kind: 'dangling', target: '/b' }, 'directory')).toThrow(
    '/a is a symbolic link to /b, which does not exist',
  );
  expect(() => requireType('/a', found, 'regular file')).not.toThrow();
});

test('a mount is found by its whole path, with what the kernel writes in octal', () => {
  const table = [
    '10.0.0.1:/media /srv/media fuse.sshfs rw 0 0',
    '/dev/sdb1 /mnt/my\\040disk ext4 rw 0 0',
    '/dev/sdc1 /mnt/back\\134slash ext4 rw 0 0',
  ].join('\n');
  const mounted = (path: string): boolean => {
    const script = isMounted(path).replace(' /proc/self/mounts', '');
    return spawnSync('sh', ['-c', script], { input: `${table}\n` }).status === 0;
  };
  const paths = ['/srv/media', '/srv', '/srv/media/a', '/mnt/my disk', '/mnt/back\\slash', '/mnt'];
  expect(paths.filter(mounted)).toEqual(['/srv/media', '/mnt/my disk', '/mnt/back\\slash']);
});
