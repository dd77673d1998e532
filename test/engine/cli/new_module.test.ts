import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CaseFile } from '../../../engine/cases/case_file.ts';
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
        'lava-play test-modules mine runs its case; lava-play plan --modules mine knows it.\n',
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
    const example: CaseFile = parse(text);
    expect(outcome(template, example)).toEqual(example.expect);
  });

  test('or nothing is written, when a file of it is there', async () => {
    await program('new-module', 'figures', '--dir', 'mine');
    await writeFile(join(folder, 'mine/figures/module.js'), 'mine\n');
    const { code, stderr } = await program('new-module', 'figures', '--dir', 'mine');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: nothing was written: mine/figures/module.js is there already\n  hint: choose another name or --dir\n',
    );
    expect(await readFile(join(folder, 'mine/figures/module.js'), 'utf8')).toBe('mine\n');
  });

  test.each([
    [[], 'error: which name?\n  hint: lava-play new-module NAME --dir DIR\n'],
    [
      ['figures'],
      'error: this folder is not the source of lava-play, so a module needs a folder of its own\n  hint: lava-play new-module figures --dir modules\n',
    ],
    [
      ['Lab-Time', '--dir', 'mine'],
      "error: 'Lab-Time' cannot be the name of a module: small letters, digits and single underscores, a letter first\n  hint: for example: lab_time\n",
    ],
    [
      ['../x', '--dir', 'mine'],
      "error: '../x' cannot be the name of a module: small letters, digits and single underscores, a letter first\n  hint: for example: x\n",
    ],
    [
      ['ser2net', '--dir', 'mine'],
      "error: there is a module 'ser2net' already, among the built-in ones\n  hint: choose another name, or begin with its source in modules/\n",
    ],
  ])('not by %j', async (args, said) => {
    expect(await program('new-module', ...args)).toMatchObject({ code: 2, stderr: said });
  });
});

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

  test('are missing', async () => {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    expect(await program('test-modules', 'nowhere')).toMatchObject({
      code: 2,
      stderr: 'error: there is no folder nowhere\n',
    });
  });
});
