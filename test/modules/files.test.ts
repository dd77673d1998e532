import {
  chmodSync,
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
import { check } from '../../engine/read/schema/schema_check.ts';
import type { AnyModule, ControllerFiles, Resource } from '../../engine/sdk.ts';
import copyModule from '../../modules/copy/module.ts';
import fileModule from '../../modules/file/module.ts';
import templateModule from '../../modules/template/module.ts';
import { RUN, shells, type TestHost, testHost } from '../support/run_resource.ts';

/** Applies a task in a real shell, until nothing is left to do; returns how many resources were changed. */
function apply(
  host: TestHost,
  module: AnyModule,
  args: object,
  controller: Readonly<Record<string, string | Buffer>> = {},
): number {
  const { value, diagnostics } = check(module.schema, args, 'arguments');
  expect(diagnostics).toEqual([]);
  const files: ControllerFiles = Object.fromEntries(
    Object.entries(controller).map(([path, given]) => [
      path,
      { source: path, bytes: Buffer.from(given), mode: '0755' },
    ]),
  );
  const desired = module.desired as (input: object) => readonly Resource[];
  const resources = desired({ args: value, facts: {}, host: {}, lab: {}, files });
  return resources.filter((resource) => host.converge(resource) !== undefined).length;
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o7777).toString(8);
}

describe.each(shells)('tasks about files, done by %s', (...shell) => {
  test('copy writes bytes of any kind, and again nothing', () => {
    const host = testHost(shell);
    const dest = join(host.folder, 'a/b/');
    const bytes = Buffer.from([0, 255, 10, 13, 127]);
    expect(
      apply(host, copyModule, { src: 'x.bin', dest, mode: 'preserve' }, { 'x.bin': bytes }),
    ).toBe(3);
    expect(readFileSync(join(dest, 'x.bin'))).toEqual(bytes);
    expect(modeOf(join(dest, 'x.bin'))).toBe('755');
    expect(
      apply(host, copyModule, { src: 'x.bin', dest, mode: 'preserve' }, { 'x.bin': bytes }),
    ).toBe(0);
  });

  test('copy keeps the mode of a file that is there, and template sets one', () => {
    const host = testHost(shell);
    const dest = join(host.folder, 'conf');
    writeFileSync(dest, 'old\n');
    chmodSync(dest, 0o640);
    expect(apply(host, copyModule, { content: 'new\n', dest })).toBe(1);
    expect([readFileSync(dest, 'utf8'), modeOf(dest)]).toEqual(['new\n', '640']);
    const template = { src: 'conf.j2', dest, mode: 'g-r' };
    expect(apply(host, templateModule, template, { 'conf.j2': 'new\n' })).toBe(1);
    expect(modeOf(dest)).toBe('600');
    expect(apply(host, templateModule, template, { 'conf.j2': 'new\n' })).toBe(0);
  });

  test('copy takes a folder with all that is in it', () => {
    const host = testHost(shell);
    const tree = { 'site/a': 'a\n', 'site/sub/b': 'b\n' };
    expect(apply(host, copyModule, { src: 'site', dest: host.folder }, tree)).toBe(4);
    expect(readFileSync(join(host.folder, 'site/sub/b'), 'utf8')).toBe('b\n');
    expect(apply(host, copyModule, { src: 'site/', dest: join(host.folder, 'site') }, tree)).toBe(
      0,
    );
  });

  test('copy copies on the host, a large file too, and keeps what was there', () => {
    const host = testHost(shell);
    const src = join(host.folder, 'large');
    const dest = join(host.folder, 'copy');
    writeFileSync(src, 'x'.repeat(300_000));
    chmodSync(src, 0o751);
    writeFileSync(dest, 'old\n');
    const args = { src, dest, remote_src: true, mode: 'preserve' };
    expect(apply(host, copyModule, args)).toBe(1);
    expect(readFileSync(dest)).toEqual(readFileSync(src));
    expect(modeOf(dest)).toBe('751');
    expect(readFileSync(join(host.root, 'var/lib/lava-play/backup', RUN, dest), 'utf8')).toBe(
      'old\n',
    );
    expect(apply(host, copyModule, args)).toBe(0);
    chmodSync(dest, 0o600);
    expect(apply(host, copyModule, { ...args, mode: '0644' })).toBe(1);
    expect(modeOf(dest)).toBe('644');
  });

  test('a copy of what an earlier task makes is made after it', () => {
    const host = testHost(shell);
    const src = join(host.folder, 'not_yet');
    const dest = join(host.folder, 'copy');
    const desired = copyModule.desired as unknown as (input: object) => readonly Resource[];
    const args = check(copyModule.schema, { src, dest, remote_src: true }, 'arguments').value;
    const [resource] = desired({ args, files: {} });
    const steps = resource && host.plan(resource)?.steps.map(({ script }) => script);
    expect(host.run(...(steps ?? [])).output).toContain('not_yet does not exist');
    writeFileSync(src, 'now\n');
    expect(host.run(...(steps ?? [])).status).toBe(0);
    expect(readFileSync(dest, 'utf8')).toBe('now\n');
  });

  test('file makes folders on the way, and clears the set-group-ID that a mode does not have', () => {
    const host = testHost(shell);
    chmodSync(host.folder, 0o2755);
    const path = join(host.folder, 'a/b');
    expect(apply(host, fileModule, { path, state: 'directory', mode: '0750' })).toBe(2);
    expect([modeOf(path), modeOf(join(host.folder, 'a'))]).toEqual(['750', '750']);
    expect(apply(host, fileModule, { path, state: 'directory' })).toBe(0);
  });

  test('file gives all in a folder its mode', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'tree');
    mkdirSync(join(path, 'sub'), { recursive: true });
    for (const name of ['a', 'sub/b c']) writeFileSync(join(path, name), '');
    symlinkSync('/etc/passwd', join(path, 'link'));
    chmodSync(path, 0o700);
    const args = { path, recurse: true, mode: 'u=rwX,g=rX,o=' };
    expect(apply(host, fileModule, args)).toBe(2);
    expect(['', 'sub', 'a', 'sub/b c'].map((name) => modeOf(join(path, name)))).toEqual([
      ...['750', '750', '640', '640'],
    ]);
    expect(apply(host, fileModule, args)).toBe(0);
  });

  test('file removes a folder with what is in it, keeps that, and follows no link', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'tree');
    const other = join(host.folder, 'other');
    mkdirSync(join(path, 'sub'), { recursive: true });
    mkdirSync(other);
    for (const at of [path, other]) writeFileSync(join(at, 'a'), 'text\n');
    symlinkSync(other, join(path, 'link'));
    expect(apply(host, fileModule, { path, state: 'absent' })).toBe(1);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(join(other, 'a'), 'utf8')).toBe('text\n');
    const kept = join(host.root, 'var/lib/lava-play/backup', RUN, path);
    expect(readFileSync(join(kept, 'a'), 'utf8')).toBe('text\n');
    expect(readlinkSync(join(kept, 'link'))).toBe(other);
    expect(apply(host, fileModule, { path, state: 'absent' })).toBe(0);
  });

  test('a folder in which something has come since the plan is not removed', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'tree');
    mkdirSync(path);
    writeFileSync(join(path, 'a'), '');
    const [resource] = fileModule.desired({
      args: check(fileModule.schema, { path, state: 'absent' }, 'arguments').value,
    } as never);
    const steps = resource && host.plan(resource)?.steps.map(({ script }) => script);
    writeFileSync(join(path, 'b'), '');
    expect(host.run(...(steps ?? [])).status).toBe(75);
    expect(existsSync(join(path, 'b'))).toBe(true);
  });

  test('file puts a link in the place of a file with force', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'link');
    writeFileSync(path, 'text\n');
    expect(apply(host, fileModule, { path, src: 'target', state: 'link', force: true })).toBe(1);
    expect([lstatSync(path).isSymbolicLink(), readlinkSync(path)]).toEqual([true, 'target']);
    expect(readFileSync(join(host.root, 'var/lib/lava-play/backup', RUN, path), 'utf8')).toBe(
      'text\n',
    );
  });

  test('file gives a large file its mode in place', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'image');
    writeFileSync(path, Buffer.alloc(100_000));
    const { ino } = statSync(path);
    expect(apply(host, fileModule, { path, mode: '0600' })).toBe(1);
    expect([modeOf(path), statSync(path).ino]).toEqual(['600', ino]);
    chmodSync(host.folder, 0o777);
    expect(apply(host, fileModule, { path, mode: '0640' })).toBe(1);
    expect([modeOf(path), statSync(path).size]).toEqual(['640', 100_000]);
  });
});
