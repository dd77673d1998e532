import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NOT_NOW } from '../../../engine/contract/resource.ts';
import { absent } from '../../../engine/resources/absent.ts';
import { directory } from '../../../engine/resources/directory.ts';
import { symlink } from '../../../engine/resources/symlink.ts';
import { isRoot, me, RUN, shells, testHost } from '../../support/run_resource.ts';

const label = `${me.owner}:${me.group}`;

describe.each(shells)('a folder, made by %s', (...shell) => {
  test.each(['plain', 'a b', "it's $HOME", '-p'])('can be called %s', (name) => {
    const host = testHost(shell);
    const path = join(host.folder, name);
    const change = host.converge(directory({ path, ...me }));
    expect(change?.labels).toEqual(['missing', `0755 ${label}`]);
    expect(statSync(path).mode & 0o7777).toBe(0o755);
  });

  test('gets another mode without touching what is in it', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf.d');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), '', { mode: 0o640 });
    const change = host.converge(directory({ path, mode: '2770', ...me }));
    expect(change?.labels).toEqual([`0755 ${label}`, `2770 ${label}`]);
    expect(statSync(path).mode & 0o7777).toBe(0o2770);
    expect(statSync(join(path, 'inside')).mode & 0o777).toBe(0o640);
  });

  test.runIf(isRoot)('gets another owner, by name or number', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'conf.d');
    host.converge(directory({ path, owner: 'daemon', group: '12345' }));
    expect(statSync(path).gid).toBe(12345);
    expect(host.plan(directory({ path, owner: 'daemon', group: '12345' }))).toBeUndefined();
  });

  test('is closed until it has its owner', () => {
    const host = testHost(['sh']);
    const path = join(host.folder, 'secret');
    host.install('chown', `stat -c %a "$2" >${host.folder}/mode`);
    host.converge(directory({ path, ...me }));
    expect(readFileSync(join(host.folder, 'mode'), 'utf8')).toBe('700\n');
  });

  test.each(['mkdir', 'chown', 'chmod', 'mv', 'readlink'])(
    'is not there half-made when %s is killed',
    (program) => {
      const host = testHost(['sh']);
      const path = join(host.folder, 'folder');
      const change = host.plan(directory({ path, ...me }));
      host.install(program, 'exit 137');
      expect(host.run(...(change?.steps.map(({ script }) => script) ?? [])).status).not.toBe(0);
      expect(existsSync(path)).toBe(false);
    },
  );

  test('is refused where a file or a link to nowhere is', () => {
    const host = testHost(shell);
    writeFileSync(join(host.folder, 'file'), '');
    symlinkSync('nowhere', join(host.folder, 'link'));
    const plan = (name: string) => () => host.plan(directory({ path: join(host.folder, name) }));
    expect(plan('file')).toThrow('should be a directory but is a regular file');
    expect(plan('link')).toThrow('a symbolic link to nowhere, which does not exist');
  });

  test('needs its parent', () => {
    const host = testHost(shell);
    const change = host.plan(directory({ path: join(host.folder, 'a/b'), ...me }));
    const { status, output } = host.run(...(change?.steps.map(({ script }) => script) ?? []));
    expect([status, output]).toEqual([
      1,
      `${host.folder}/a does not exist: an earlier task must create the folder\n`,
    ]);
  });

  test('may have been made by something else in the meantime', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'made by a package');
    const change = host.plan(directory({ path, mode: '0700', ...me }));
    mkdirSync(path);
    expect(host.run(...(change?.steps.map(({ script }) => script) ?? [])).status).toBe(0);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });
});

describe('a mount point', () => {
  test('is left alone while something is mounted there', () => {
    const host = testHost();
    expect(host.plan(directory({ path: '/proc', mode: '0700', mountPoint: true }))).toBeUndefined();
    expect(host.plan(directory({ path: '/proc', mode: '0700' }))).toBeDefined();
  });

  test('is a folder like any other while nothing is mounted', () => {
    const host = testHost();
    const path = join(host.folder, 'mnt');
    host.converge(directory({ path, mountPoint: true, ...me }));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  test('is found in the list of mounts also with a space in its name', () => {
    const { probe } = directory({ path: '/mnt/a b', mountPoint: true });
    expect(probe).toContain(String.raw`grep -qF ' /mnt/a\040b ' /proc/self/mounts`);
  });
});

describe.each(shells)('what should be absent, removed by %s', (...shell) => {
  test('is a file, whose text is kept for a rollback', () => {
    const host = testHost(shell);
    const path = join(host.folder, "it's");
    writeFileSync(path, 'text', { mode: 0o600 });
    const change = host.converge(absent({ path }));
    expect(change?.labels).toEqual([`0600 ${label}`, 'missing']);
    expect(existsSync(path)).toBe(false);
    const kept = join(host.folder, '../var/lib/lava-play/backup', RUN, path);
    expect(readFileSync(kept, 'utf8')).toBe('text');
  });

  test('is a link, not what it leads to', () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'full'));
    writeFileSync(join(host.folder, 'full/file'), '');
    symlinkSync('full', join(host.folder, 'link'));
    symlinkSync('nowhere', join(host.folder, 'dangling'));
    host.converge(absent({ path: join(host.folder, 'link') }));
    host.converge(absent({ path: join(host.folder, 'dangling') }));
    expect(existsSync(join(host.folder, 'full/file'))).toBe(true);
  });

  test('is an empty folder; a full one is refused', () => {
    const host = testHost(shell);
    mkdirSync(join(host.folder, 'full/empty'), { recursive: true });
    expect(() => host.plan(absent({ path: join(host.folder, 'full') }))).toThrow(
      'is a folder that is not empty: empty',
    );
    host.converge(absent({ path: join(host.folder, 'full/empty') }));
    host.converge(absent({ path: join(host.folder, 'full') }));
    expect(existsSync(join(host.folder, 'full'))).toBe(false);
  });

  test('is not a mount point and no device', () => {
    const host = testHost(shell);
    expect(() => host.plan(absent({ path: '/proc' }))).toThrow('a file system is mounted there');
    expect(() => host.plan(absent({ path: '/dev/null' }))).toThrow('character special file');
  });

  test('is nothing to do when it is', () => {
    const host = testHost(shell);
    expect(host.plan(absent({ path: join(host.folder, 'no/such/file') }))).toBeUndefined();
  });
});

describe.each(shells)('a symbolic link, made by %s', (...shell) => {
  test.each(['target', 'a b/../c', "it's", '-n', '/no/such/place'])('can lead to %s', (target) => {
    const host = testHost(shell);
    const path = join(host.folder, 'a link');
    const change = host.converge(symlink({ path, target }));
    expect([change?.before, change?.after]).toEqual(['', `-> ${target}\n`]);
    expect(readlinkSync(path)).toBe(target);
  });

  test('replaces another one, also one that leads to a folder', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'link');
    mkdirSync(join(host.folder, 'folder'));
    symlinkSync('folder', path);
    const change = host.converge(symlink({ path, target: 'elsewhere' }));
    expect([change?.before, change?.after]).toEqual(['-> folder\n', '-> elsewhere\n']);
    expect(readlinkSync(path)).toBe('elsewhere');
  });

  test('does not replace a file, neither planned nor met', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'link');
    const change = host.plan(symlink({ path, target: 'x' }));
    writeFileSync(path, 'precious');
    expect(() => host.plan(symlink({ path, target: 'x' }))).toThrow('but is a regular file');
    expect(host.run(...(change?.steps.map(({ script }) => script) ?? [])).status).toBe(NOT_NOW);
    expect(lstatSync(path).isFile()).toBe(true);
    expect(existsSync(`${path}.lava-play.tmp`)).toBe(false);
  });
});
