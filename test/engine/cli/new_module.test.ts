import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { readCase } from '../../../engine/cases/case_file.ts';
import { outcome } from '../../../engine/cases/outcome.ts';
import template from '../../../templates/module/module.ts';
import { lavaPlay, type ProgramResult } from '../../support/program.ts';
import { testFolder } from '../../support/temp_folder.ts';

const root = join(import.meta.dirname, '../../..');
let folder: string;

beforeEach(() => {
  folder = testFolder();
});

function program(...args: readonly string[]): Promise<ProgramResult> {
  return lavaPlay(args, { cwd: folder });
}

describe('a module is begun', () => {
  test('and works as it stands', async () => {
    const begun = await program('new-module', 'figures', '--dir', 'mine');
    expect(begun).toMatchObject({ code: 0, stderr: '' });
    expect(begun.stdout).toBe(
      'mine/figures/module.js\nmine/figures/cases/first.yaml\nmine/figures/README.md\nmine/package.json\n\n' +
        'lava-play test-modules mine runs its case; lava-play plan --modules mine uses it.\n',
    );
    expect(await program('test-modules', 'mine')).toMatchObject({
      code: 0,
      stdout: 'passed  mine/figures/cases/first.yaml\n1 case, 0 failed\n',
    });
    const { stdout } = await program('modules', 'figures', '--modules', 'mine');
    expect(stdout).toContain('listen (string, default ":9100")');
    const second = await program('new-module', 'other_figures', '--dir', 'mine');
    expect(second.stdout).not.toContain('package.json');
  });

  test('from a template that passes its case', async () => {
    const text = await readFile(join(root, 'templates/module/case.yaml'), 'utf8');
    const { value: example, errors } = readCase(text, 'case.yaml');
    expect(errors).toEqual([]);
    expect(outcome(template, example)).toEqual(example.expect);
  });

  test('or nothing is written, when a file of it is there', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    await writeFile(join(folder, 'mine/figures/module.js'), 'mine\n');
    const { code, stderr } = await program('new-module', 'figures', '--dir', 'mine');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: nothing was written: mine/figures/module.js already exists\n  hint: choose another name or --dir\n',
    );
    expect(await readFile(join(folder, 'mine/figures/module.js'), 'utf8')).toBe('mine\n');
  });

  test('in a folder named from the root, as often as one likes', async () => {
    const dir = join(folder, 'mine');
    expect(await program('new-module', 'one', '--dir', dir)).toMatchObject({ code: 0 });
    expect(await program('new-module', 'two', '--dir', dir)).toMatchObject({ code: 0, stderr: '' });
  });

  test('or no folder is left of it', async () => {
    await mkdir(join(folder, 'mine/figures'), { recursive: true });
    await writeFile(join(folder, 'mine/figures/README.md'), 'mine\n');
    expect(await program('new-module', 'figures', '--dir', 'mine')).toMatchObject({ code: 2 });
    expect(await readdir(join(folder, 'mine/figures'))).toEqual(['README.md']);
  });

  test('but not in a file, beside a module in one file, where nothing can be made, or nowhere', async () => {
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'file'), '');
    await writeFile(join(folder, 'mine/figures.js'), '');
    const said = async (dir: string): Promise<string> =>
      (await program('new-module', 'figures', '--dir', dir)).stderr;
    expect(await said('file')).toContain('nothing was written: file is not a folder');
    expect(await said('mine')).toContain("a module 'figures' already exists: ");
    expect(await said('/proc/x')).toContain('nothing was written: ');
    expect(await said('')).toContain('--dir is empty');
  });

  test.each([
    [[], 'error: no module name given\n  hint: lava-play new-module NAME --dir DIR\n'],
    [
      ['figures'],
      'error: this folder is not the source tree of lava-play: give the module a folder with --dir\n  hint: lava-play new-module figures --dir modules\n',
    ],
    [
      ['Lab-Time', '--dir', 'mine'],
      "error: 'Lab-Time' is not a valid module name: use lowercase letters, digits and single underscores, starting with a letter\n  hint: for example: lab_time\n",
    ],
    [
      ['../x', '--dir', 'mine'],
      "error: '../x' is not a valid module name: use lowercase letters, digits and single underscores, starting with a letter\n  hint: for example: x\n",
    ],
    [
      ['ser2net', '--dir', 'mine'],
      "error: a built-in module 'ser2net' already exists\n  hint: choose another name, or start from its source in modules/\n",
    ],
  ])('not by %j', async (args, said) => {
    expect(await program('new-module', ...args)).toMatchObject({ code: 2, stderr: said });
  });
});

const STOPPED = `summary: the exporter has failed
args: {}
files:
  /etc/default/prometheus-node-exporter: null
answers:
  figures.unit: |
    Id=prometheus-node-exporter.service
    LoadState=loaded
    ActiveState=failed
    SubState=failed
    UnitFileState=enabled
    Words=cannot listen
expect:
  steps: [write /etc/default/prometheus-node-exporter]
  findings:
    - id: figures.unit
      severity: problem
      what: prometheus-node-exporter.service is not running
`;

describe('cases of modules outside of the project', () => {
  test('fail with what was expected and what came', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    const file = join(folder, 'mine/figures/cases/second.yaml');
    await writeFile(
      file,
      'summary: nothing\nexpect: { resources: [package x] }\nargs: { listen: "<none>" }\n',
    );
    const { code, stdout } = await program('test-modules', 'mine');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'passed  mine/figures/cases/first.yaml\nfailed  mine/figures/cases/second.yaml\n  expected: {\n',
    );
    expect(stdout).toContain('2 cases, 1 failed\n');
  });

  test('that are no YAML are a mistake with its place', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    await writeFile(join(folder, 'mine/figures/cases/second.yaml'), 'summary: [\n');
    const { code, stderr } = await program('test-modules', 'mine');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^mine\/figures\/cases\/second\.yaml:\d+:\d+: error: /);
  });

  test.each([
    ['', "second.yaml:1:1: error: the case needs 'expect'"],
    ['- 1\n', 'second.yaml:1:1: error: the case must be a map, not '],
    ['summary: s\nexpect: {}\n', 'the case expects nothing'],
    ['summary: s\nexpct: { diff: x }\n', "2:1: error: the case has no key 'expct'"],
    ['summary: s\nexpect:\n', 'the case.expect must be a map'],
    ['summary: s\nhost: nobody\nexpect: { diff: x }\n', "host 'nobody', which is not in its lab"],
    ['summary: s\nfiles: { /x: { txt: a } }\nexpect: { diff: x }\n', "/x has no key 'txt'"],
  ])('that would prove nothing are a mistake: %j', async (text, said) => {
    await program('new-module', 'figures', '--dir', 'mine');
    await writeFile(join(folder, 'mine/figures/cases/second.yaml'), text);
    const { code, stderr } = await program('test-modules', 'mine');
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  test.each([
    ['facts: { nope: x }', 'the module has no fact called nope'],
    ['states: { file /y: x }', 'the module has no resource called file /y'],
    [
      'answers: { figures.unti: x }',
      "the module has no question or proof called figures.unti; did you mean 'figures.unit'?",
    ],
  ])('that speak of what the module does not have fail: %s', async (line, said) => {
    await program('new-module', 'figures', '--dir', 'mine');
    const file = join(folder, 'mine/figures/cases/second.yaml');
    await writeFile(file, `summary: s\n${line}\nexpect: { diff: '' }\n`);
    const { code, stdout } = await program('test-modules', 'mine');
    expect(stdout).toContain(said);
    expect(code).toBe(1);
  });

  test('may expect steps, and what is found in answers about health', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    const file = join(folder, 'mine/figures/cases/second.yaml');
    await writeFile(file, STOPPED);
    expect(await program('test-modules', 'mine')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 cases, 0 failed'),
    });
    await writeFile(file, STOPPED.replace(/ {2}findings:[\s\S]*/, ''));
    const { stdout } = await program('test-modules', 'mine');
    expect(stdout).toContain('failed  mine/figures/cases/second.yaml');
    expect(stdout).toContain('prometheus-node-exporter.service is not running');
  });

  test('of a module that is not there are a mistake, and a module without one is named', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    await program('new-module', 'bare', '--dir', 'mine');
    await rm(join(folder, 'mine/bare/cases'), { recursive: true });
    expect((await program('test-modules', 'mine')).stdout).toContain('no case mine/bare/cases\n');
    await rm(join(folder, 'mine/figures/module.js'));
    const { code, stderr } = await program('test-modules', 'mine');
    expect(stderr).toContain('mine/figures/cases/first.yaml does not belong to a module');
    expect(code).toBe(2);
  });

  test('are run for the modules that are named', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    await program('new-module', 'other', '--dir', 'mine');
    expect(await program('test-modules', 'mine', 'other')).toMatchObject({
      code: 0,
      stdout: 'passed  mine/other/cases/first.yaml\n1 case, 0 failed\n',
    });
    expect(await program('test-modules', 'mine', 'othr')).toMatchObject({
      code: 2,
      stderr: "error: there is no module 'othr' in mine\n  hint: did you mean 'other'?\n",
    });
    expect(await program('test-modules', 'mine/figures')).toMatchObject({
      code: 2,
      stderr:
        'error: there is no case in mine/figures\n  hint: DIR is the folder above: lava-play test-modules mine figures\n',
    });
  });

  test('are missing', async () => {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    expect(await program('test-modules', 'nowhere')).toMatchObject({
      code: 2,
      stderr: 'error: there is no folder nowhere\n',
    });
  });
});
