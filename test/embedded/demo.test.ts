import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';

const packageFolder = join(import.meta.dirname, '../..');
const built = join(packageFolder, '.build_demo');

interface Demo {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

function startDemo(temporary: string): Demo {
  const child = spawn(process.execPath, [join(built, 'test/embedded/demo.js')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary },
  });
  let said = '';
  const answersTo = (chunk: Buffer): void => {
    said += chunk.toString();
  };
  child.stdout.on('data', answersTo);
  child.stderr.on('data', answersTo);
  return { child, said: () => said, ended: once(child, 'close') };
}

describe('npm run demo', () => {
  let folder: TempFolder;

  beforeAll(() => {
    const compiler = join(packageFolder, 'node_modules/.bin/tsc');
    const project = join(packageFolder, 'tsconfig.tools.json');
    execFileSync(compiler, ['-p', project, '--outDir', built]);
  });
  beforeEach(async () => {
    folder = await tempFolder();
  });

  test('shows plan, apply, a second apply without changes and one more worker, and leaves nothing behind', async () => {
    const { child, said, ended } = startDemo(folder.path);
    await ended;
    expect(said()).not.toContain('this should not have happened');
    expect(child.exitCode).toBe(0);
    const inOrder = [
      '$ lava-play plan inventory.yaml',
      "+LAVA_DB_PASSWORD='********'",
      '$ lava-play apply inventory.yaml',
      'proved: PostgreSQL login as lavaserver',
      '4 hosts, 4 unchanged; 0 changes made',
      '+    worker03: {',
      'host lavaserver lavaserver 192.0.2.23/32 scram-sha-256',
    ];
    const places = inOrder.map((words) => said().indexOf(words));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('cleans up after Ctrl-C', async () => {
    const { child, said, ended } = startDemo(folder.path);
    await eventually(() => expect(said()).toContain('play: database'));
    child.kill('SIGINT');
    await ended;
    expect(child.exitCode).toBe(130);
    expect(said()).not.toContain('One more worker');
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('says what went wrong and ends with 1', async () => {
    const odd = join(folder.path, 'a folder');
    await mkdir(odd);
    const { child, said, ended } = startDemo(odd);
    await ended;
    expect(child.exitCode).toBe(1);
    expect(said()).toContain('must be a plain path (TMPDIR)');
  });
});
