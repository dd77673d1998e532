import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GroupOptions, group } from '../../../engine/resources/group.ts';
import { type UserOptions, user } from '../../../engine/resources/user.ts';
import { shells, type TestHost, testHost } from '../../support/run_resource.ts';

/** What getent and id of Debian 12 print. */
const entry = `lava:x:998:998:LAVA lab:/var/lib/lava:/usr/sbin/nologin
lava dialout
`;

/** Tools that write down their arguments, one a line. */
function accountHost(
  shell: readonly string[],
  { groupExists }: { groupExists: boolean },
): TestHost {
  const host = testHost(shell);
  for (const tool of ['useradd', 'usermod', 'groupadd', 'groupmod']) {
    host.install(tool, `printf '%s\\n' ${tool} "$@" >${host.folder}/said`);
  }
  host.install('getent', groupExists ? 'exit 0' : 'exit 2');
  return host;
}

function said(host: TestHost): readonly string[] {
  return readFileSync(join(host.folder, 'said'), 'utf8').trimEnd().split('\n');
}

describe('a user', () => {
  const plan = (options: Omit<UserOptions, 'name'>, now = entry) => {
    const resource = user({ name: 'lava', ...options });
    const change = resource.change(resource.parse(now));
    if (change?.next) expect(resource.change(change.next)).toBeUndefined();
    return change;
  };

  test.each<Omit<UserOptions, 'name'>>([
    {},
    { system: true, createHome: true },
    { home: '/var/lib/lava', shell: '/usr/sbin/nologin', comment: 'LAVA lab' },
    { groups: ['dialout'] },
    { groups: ['lava', 'dialout'] },
  ])('needs nothing for %j', (options) => {
    expect(plan(options)).toBeUndefined();
  });

  test('is shown with what differs, and only that', () => {
    const change = plan({ home: '/srv/lava', shell: '/usr/sbin/nologin', groups: ['plugdev'] });
    expect([change?.before, change?.after]).toEqual([
      'home: /var/lib/lava\ngroups: lava dialout\n',
      'home: /srv/lava\ngroups: lava dialout plugdev\n',
    ]);
  });

  test('is shown whole when missing', () => {
    const change = plan({ home: '/srv/lava', groups: ['fuse'] }, '');
    expect([change?.before, change?.after]).toEqual(['', 'home: /srv/lava\ngroups: fuse\n']);
    expect(change?.labels).toEqual(['missing', 'user']);
  });
});

describe('a group', () => {
  const plan = (options: Omit<GroupOptions, 'name'>, now: string) => {
    const resource = group({ name: 'lab', ...options });
    const change = resource.change(resource.parse(now));
    if (change?.next) expect(resource.change(change.next)).toBeUndefined();
    return change && [change.before, change.after];
  };

  test.each<[Omit<GroupOptions, 'name'>, string, readonly string[] | undefined]>([
    [{}, 'lab:x:4242:\n', undefined],
    [{ gid: 4242 }, 'lab:x:4242:me,you\n', undefined],
    [{ gid: 1 }, 'lab:x:4242:\n', ['gid 4242\n', 'gid 1\n']],
    [{ gid: 1 }, '', ['', 'gid 1\n']],
    [{ system: true }, '', ['', 'gid chosen by the host\n']],
  ])('wanted as %j and found as %j', (options, now, shown) => {
    expect(plan(options, now)).toEqual(shown);
  });
});

describe.each(shells)('accounts, made by %s', (...shell) => {
  const run = (host: TestHost, resource: ReturnType<typeof user>, now: string) => {
    const change = resource.change(resource.parse(now));
    return host.run(...(change?.steps.map(({ script }) => script) ?? []));
  };

  test.each([
    [false, ['--user-group']],
    [true, ['--gid', 'lava']],
  ])('a user takes the group of the same name where there is one: %s', (groupExists, words) => {
    const host = accountHost(shell, { groupExists });
    run(
      host,
      user({ name: 'lava', system: true, comment: "it's two words", groups: ['a', 'b'] }),
      '',
    );
    expect(said(host)).toEqual(
      ['useradd', '--system', '--no-create-home', '--comment', "it's two words"].concat(
        ['--groups', 'a,b'],
        words,
        ['--', 'lava'],
      ),
    );
  });

  test('a person gets a home folder', () => {
    const host = accountHost(shell, { groupExists: false });
    run(host, user({ name: 'me' }), '');
    expect(said(host)).toEqual(['useradd', '--create-home', '--user-group', '--', 'me']);
  });

  test('a user is changed in one go and keeps other groups', () => {
    const host = accountHost(shell, { groupExists: true });
    run(host, user({ name: 'lava', shell: '/bin/sh', groups: ['x', 'dialout'] }), entry);
    expect(said(host)).toEqual([
      'usermod',
      '--shell',
      '/bin/sh',
      '--append',
      '--groups',
      'x',
      '--',
      'lava',
    ]);
  });

  test('groups are made and changed', () => {
    const host = accountHost(shell, { groupExists: false });
    const steps = (now: string) => {
      const resource = group({ name: 'lab', system: true, gid: 77 });
      return resource.change(resource.parse(now))?.steps.map(({ script }) => script) ?? [];
    };
    host.run(...steps(''));
    expect(said(host)).toEqual(['groupadd', '--system', '--gid', '77', '--', 'lab']);
    host.run(...steps('lab:x:1:\n'));
    expect(said(host)).toEqual(['groupmod', '--gid', '77', '--', 'lab']);
  });
});

describe.each(shells)('accounts of this machine, read by %s', (...shell) => {
  test('are known or not', () => {
    const host = testHost(shell);
    expect(host.read(user({ name: 'root' }))).toMatchObject({
      home: '/root',
      groups: expect.arrayContaining(['root']),
    });
    expect(host.read(user({ name: 'no-such-user' }))).toBeUndefined();
    expect(host.read(group({ name: 'root' }))).toEqual({ gid: 0 });
    expect(host.read(group({ name: 'no-such-group' }))).toBeUndefined();
  });
});
