import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { describe, expect, onTestFinished, test } from 'vitest';
import { check } from '../../engine/read/schema/schema_check.ts';
import { sha256 } from '../../engine/script/digest.ts';
import type { AnyModule, ControllerFiles, Resource } from '../../engine/sdk.ts';
import copyModule from '../../modules/copy/module.ts';
import fileModule from '../../modules/file/module.ts';
import getUrlModule from '../../modules/get_url/module.ts';
import lineinfile from '../../modules/lineinfile/module.ts';
import slurpModule from '../../modules/slurp/module.ts';
import statModule from '../../modules/stat/module.ts';
import templateModule from '../../modules/template/module.ts';
import { RUN, shells, type TestHost, testHost } from '../support/run_resource.ts';

/** Applies a task in a real shell, until nothing is left to do; returns how many resources were changed. */
function apply(
  host: TestHost,
  module: AnyModule,
  args: object,
  controller: Readonly<Record<string, string | Buffer>> = {},
): number {
  const resources = resourcesOf(module, args, controller);
  return resources.filter((resource) => host.converge(resource) !== undefined).length;
}

function resourcesOf(
  module: AnyModule,
  args: object,
  controller: Readonly<Record<string, string | Buffer>> = {},
): readonly Resource[] {
  const { value, diagnostics } = check(module.schema, args, 'arguments');
  expect(diagnostics).toEqual([]);
  const files: ControllerFiles = Object.fromEntries(
    Object.entries(controller).map(([path, given]) => [
      path,
      { source: path, bytes: Buffer.from(given), mode: '0755' },
    ]),
  );
  const desired = module.desired as (input: object) => readonly Resource[];
  return desired({ args: value, facts: {}, host: {}, lab: {}, files });
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

  test('stat tells what stat(1) and sha1sum(1) tell', () => {
    const host = testHost(shell);
    const path = join(host.folder, 'a b');
    writeFileSync(path, 'hello\n');
    symlinkSync('a b', join(host.folder, 'link'));
    const read = (args: object): Readonly<Record<string, unknown>> => {
      const [resource] = resourcesOf(statModule, args);
      const result = resource?.result?.(host.read(resource));
      return result?.stat as Readonly<Record<string, unknown>>;
    };
    const { size, mtimeMs, ino } = statSync(path);
    expect(read({ path })).toMatchObject({
      ...{ exists: true, isreg: true, size, mtime: Math.floor(mtimeMs / 1000), inode: ino },
      ...{
        readable: true,
        executable: false,
        checksum: 'f572d396fae9206628714fb2ce00f72e94f2258f',
      },
    });
    const link = join(host.folder, 'link');
    expect(read({ path: link })).toMatchObject({ islnk: true, lnk_target: 'a b' });
    expect(read({ path: link, follow: true })).toMatchObject({ isreg: true, size });
    expect(read({ path: `${path}/x` })).toEqual({ exists: false });
    expect(read({ path: host.folder })).toMatchObject({ isdir: true });
  });

  test('slurp gives the content', () => {
    const host = testHost(shell);
    const src = join(host.folder, 'a');
    writeFileSync(src, Buffer.alloc(200, 255));
    const [resource] = resourcesOf(slurpModule, { src });
    expect(resource?.result?.(host.read(resource))).toEqual({
      ...{ content: Buffer.alloc(200, 255).toString('base64'), encoding: 'base64', source: src },
    });
  });

  test('get_url downloads what has the checksum, and nothing else gets the name', async () => {
    const host = testHost(shell);
    const dest = join(host.folder, 'image');
    const url = `${await serve()}/image`;
    const download = (checksum: string) =>
      resourcesOf(getUrlModule, { url, dest, checksum, headers: { 'X-Key': 'open' } }).at(-1);
    const right = download(`sha256:${sha256('content\n')}`) as Resource;
    const wrong = download(`sha256:${sha256('other\n')}`) as Resource;
    const steps = host.plan(wrong)?.steps.map(({ script }) => script) ?? [];
    const { status, output } = host.run(...steps);
    expect([status, existsSync(dest)]).toEqual([1, false]);
    expect(output).toContain('has another checksum');
    expect(host.converge(right)).toBeDefined();
    expect(readFileSync(dest, 'utf8')).toBe('content\n');
    expect(host.converge(right)).toBeUndefined();
    const closed = resourcesOf(getUrlModule, { url, dest, checksum: `sha1:${'0'.repeat(40)}` }).at(
      -1,
    );
    const refused = host.run(...(host.plan(closed as Resource)?.steps ?? []).map((s) => s.script));
    expect(refused.output).toContain('403');
    expect(readFileSync(dest, 'utf8')).toBe('content\n');
  });
});

test('two tasks may edit one file', () => {
  const host = testHost();
  const path = join(host.folder, 'conf');
  writeFileSync(path, 'a\n');
  const [first, second] = ['b', 'c'].map((line) => resourcesOf(lineinfile, { path, line })[0]);
  const change = first?.change(host.read(first));
  const next = second?.change(change?.next);
  expect([change?.after, next?.before, next?.after]).toEqual(['a\nb\n', 'a\nb\n', 'a\nb\nc\n']);
  const scripts = [change, next].flatMap((each) => each?.steps.map(({ script }) => script) ?? []);
  expect(host.run(...scripts).status).toBe(0);
  expect(readFileSync(path, 'utf8')).toBe('a\nb\nc\n');
  expect([first, second].map((each) => each && host.plan(each))).toEqual([undefined, undefined]);
});

/** A web server in a process of its own, as steps block this one; it is open to those who bring a header. */
async function serve(): Promise<string> {
  const program = `require('node:http').createServer((request, response) => {
    response.statusCode = request.headers['x-key'] === 'open' ? 200 : 403;
    response.end('content\\n');
  }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const server = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    server.kill();
  });
  const [port] = await once(server.stdout, 'data');
  return `http://127.0.0.1:${String(port).trim()}`;
}
