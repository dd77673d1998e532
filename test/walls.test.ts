import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readTree } from './support/source_tree.ts';
import { testFolder } from './support/temp_folder.ts';
import { breachesOf, readWalls } from './support/walls.ts';
import { writeFiles } from './support/write_files.ts';

const root = join(import.meta.dirname, '..');
const walls = readWalls(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
const houses = ['main.ts', 'engine', 'lab', 'modules'];
const tree = readTree(root, houses);
const known = new Set(breachesOf(tree, walls));

/** What comes of more lines in a file, or of a file that was not there. */
function planted(file: string, text: string): readonly string[] {
  return plantedAll({ [file]: text });
}

function plantedAll(files: Readonly<Record<string, string>>): readonly string[] {
  const sources = new Map(tree.sources);
  for (const [file, text] of Object.entries(files)) {
    sources.set(file, `${text}\n${sources.get(file) ?? ''}`);
  }
  return breachesOf({ ...tree, sources }, walls).filter((line) => !known.has(line));
}

test('the tables are read', () => {
  expect(walls.ranks.get('values')).toBe(0);
  expect(walls.ranks.get('cli')).toBe(8);
  expect(walls.ranks.size).toBe(14);
  expect(walls.importers.get('node-ssh')).toBe('engine/transport');
  expect(walls.importers.size).toBe(8);
  expect(walls.allowed.get('engine/script')).toEqual(['node:crypto']);
  expect(walls.allowed.get('modules')).toEqual([]);
  expect(walls.doors.get('engine/sdk.ts')).toContain('engine/read/installed');
  expect(walls.finders.size).toBe(1);
  expect(walls.others).toEqual(['lab/page/browser.js', 'lab/page/style.css', 'modules/*/files']);
  expect(walls.vague).toEqual(['utils', 'common', 'shared', 'helpers', 'core', 'layers']);
  expect(() => readWalls('')).toThrow("has no table that begins with 'folder'");
  expect(tree.sources.size).toBeGreaterThan(300);
});

test('no import goes through a wall', () => {
  expect([...known]).toEqual([]);
});

describe('what goes through a wall is found:', () => {
  test.each([
    [
      'module to module',
      'modules/ser2net/module.ts',
      "import { x } from '../proxy/clients.ts';",
      'a module imports no other module',
    ],
    [
      'a module, three folders deep, to the middle of the engine',
      'modules/x/y/z.ts',
      "import type { Session } from '../../../engine/transport/session.ts';",
      'a module enters the engine by engine/sdk.ts',
    ],
    [
      'a module to the door of lab/',
      'modules/x/module.ts',
      "export { run } from '../../engine/extend.ts';",
      'a module enters the engine by engine/sdk.ts',
    ],
    [
      'a pure folder to the disk',
      'engine/plan/compare.ts',
      "import { readFileSync } from 'node:fs';",
      'engine/plan/ may import nothing of Node.js',
    ],
    [
      'a module to the disk, in a call',
      'modules/x/health/deep/y.ts',
      "const fs = await import('node:fs');",
      'modules/ may import nothing of Node.js',
    ],
    [
      'what has only data to the disk',
      'engine/events/event.ts',
      "import { readFileSync } from 'node:fs';",
      'engine/events/ may import nothing of Node.js',
    ],
    [
      'lab to processes',
      'lab/status/kinds.ts',
      "import { spawn } from 'node:child_process';",
      'lab/ may import .*node:util of Node.js',
    ],
    [
      'the door for modules to the loop',
      'engine/sdk.ts',
      "export { run } from './apply/run.ts';",
      'this door does not show it',
    ],
    [
      'the door for modules to more of what reads files than it shows',
      'engine/sdk.ts',
      "export { loadModules } from './read/modules/load_modules.ts';",
      'this door does not show it',
    ],
    [
      'the loop to processes',
      'engine/apply/run.ts',
      "import { spawn } from 'node:child_process';",
      'engine/apply/ may import node:crypto of Node.js',
    ],
    [
      'the door for lab/ to resources',
      'engine/extend.ts',
      "export { file } from './resources/file.ts';",
      'this door does not show it',
    ],
    [
      'engine to lab',
      'engine/read/load.ts',
      "import type { Thing } from '../../lab/status/kinds.ts';",
      'the engine knows neither lab/ nor modules/',
    ],
    [
      'engine to modules',
      'engine/cli/facts.ts',
      "import { modules } from '../../modules/index.ts';",
      'the engine knows neither lab/ nor modules/',
    ],
    [
      'upward',
      'engine/values/pool.ts',
      "import {\n  run,\n  type RunOptions,\n} from '../apply/run.ts';",
      'rank 0 imports ranks below it only',
    ],
    [
      'sideways',
      'engine/resources/file.ts',
      "import { connect } from '../transport/connect.ts';",
      'rank 3 imports ranks below it only',
    ],
    [
      'from inside to a door',
      'engine/health/causes.ts',
      "import type { LabView } from '../sdk.ts';",
      'the doors are for those outside',
    ],
    [
      'lab to the middle of the engine',
      'lab/a/b/c.ts',
      "import { sh } from '../../../engine/script/shell.ts';",
      'lab/ enters the engine by its doors',
    ],
    [
      'lab to a module',
      'lab/board/mistakes.ts',
      "import ser2net from '../../modules/ser2net/module.ts';",
      'lab/ serves the modules',
    ],
    [
      'a second importer of a library',
      'engine/read/load.ts',
      "import { parse } from 'yaml';",
      'its one importer is engine/read/yaml/yaml.ts',
    ],
    [
      'a second importer of a part of a library',
      'lab/page/page.ts',
      "import type { Options } from 'ajv/dist/core.js';",
      'its one importer is engine/read/schema/compiled_schema.ts',
    ],
    [
      'a library that nobody has',
      'engine/cli/main.ts',
      "import 'left-pad';",
      'no file may import this library',
    ],
  ])('%s', (_, file, text, why) => {
    expect(planted(file, text)).toContainEqual(
      expect.stringMatching(new RegExp(`^${file} imports .*: ${why}$`)),
    );
  });

  test.each([
    ['lab/board/jinja.ts', "export { run } from '../../engine/extend.ts';"],
    ['lab/board/jinja.ts', "export type * from '../../engine/extend.ts';"],
    ['engine/health/causes.ts', "export { connect } from '../transport/connect.ts';"],
    ['engine/read/yaml/yaml.ts', "export { parse } from 'yaml';"],
  ])('%s, which is no door, passes on what it imports: %s', (file, text) => {
    const [, name] = /from '(.*)'/.exec(text) ?? [];
    expect(planted(file, text)).toContain(`${file} exports from ${name}: only a door does`);
  });

  test('a circle of files, and one of folders', () => {
    expect(planted('engine/values/values.ts', "import type { Place } from './places.ts';")).toEqual(
      [],
    );
    const circle = planted(
      'engine/contract/brand.ts',
      "import { isDeferred } from './resource.ts';",
    );
    expect(circle).toEqual([
      'circle of files: engine/contract/resource.ts -> engine/contract/brand.ts -> engine/contract/resource.ts',
    ]);
    const folders = planted('lab/board/jinja.ts', "import { lavaLab } from '../field.ts';");
    expect(folders).toContainEqual(expect.stringMatching(/^circle of folders: .*lab\/board/));
  });

  test('a circle of folders that is closed by their subfolders only', () => {
    const circle = plantedAll({
      'lab/status/one/a.ts': "import '../../page/b.ts';",
      'lab/page/b.ts': "import '../status/two/c.ts';",
      'lab/status/two/c.ts': '',
    });
    expect(circle).toEqual([
      expect.stringMatching(/^circle of folders: .*lab\/(status|page) -> lab\/(page|status)/),
    ]);
  });

  test('a file in the hall, a folder without a rank, and files that are too long', () => {
    expect(planted('engine/text.ts', '')).toEqual([
      'engine/text.ts stands in the hall: engine/ has folders and engine/sdk.ts, engine/extend.ts',
    ]);
    expect(planted('lab/text.ts', '')).toEqual([
      'lab/text.ts stands in the hall: lab/ has folders and lab/field.ts',
    ]);
    expect(planted('lab/page/all.d.ts', 'interface A {}')).toEqual([
      'lab/page/all.d.ts declares what no import shows',
    ]);
    expect(planted('modules/helper.ts', '')).toEqual([
      'modules/helper.ts stands in the hall: modules/ has folders and modules/index.ts',
    ]);
    expect(planted('engine/text/x.ts', '')).toEqual([
      'engine/text/x.ts: engine/text/ has no rank in CONTRIBUTING.md',
    ]);
    expect(planted('modules/x/module.ts', '\n'.repeat(120))).toEqual([
      'modules/x/module.ts has 121 lines, 120 are the most',
    ]);
    expect(planted('lab/page/x.ts', '\n'.repeat(300))).toEqual([
      'lab/page/x.ts has 301 lines, 300 are the most',
    ]);
  });

  test('a second file of the name of its module, and a module without module.ts', () => {
    expect(planted('modules/proxy/proxy.ts', '')).toEqual([
      'modules/proxy/proxy.ts has the name of its module, which is module.ts',
    ]);
    expect(planted('modules/x/deep/y.ts', '')).toEqual(['modules/x/ has no module.ts']);
    expect(planted('modules/lab-time/module.ts', '')).toEqual([
      'modules/lab-time/ is not a name of a module',
    ]);
  });

  test.each(['utils', 'common', 'shared', 'helpers', 'core', 'layers'])(
    'a folder called %s',
    (name) => {
      expect(planted(`lab/page/${name}/x.ts`, '')).toEqual([
        `lab/page/${name}/ says nothing: call it by what it is about`,
      ]);
    },
  );

  test('files that are no TypeScript, links and empty folders', async () => {
    const folder = testFolder();
    await writeFiles(folder, {
      ...Object.fromEntries(
        ['mts', 'cts', 'mjs', 'cjs', 'js', 'tsx', 'json'].map((end) => [`lab/page/x.${end}`, '']),
      ),
      'lab/page/browser.js': '',
      'modules/x/module.ts': '',
      'modules/x/files/deep/app.py': '',
      'engine/plan/plan.ts': '',
      'elsewhere/y.ts': '',
    });
    mkdirSync(join(folder, 'modules/leftover'));
    symlinkSync('../elsewhere', join(folder, 'lab/away'));
    symlinkSync('../../elsewhere/y.ts', join(folder, 'modules/x/y.ts'));
    symlinkSync('/etc', join(folder, 'modules/x/files/etc'));
    expect(breachesOf(readTree(folder, houses), walls).toSorted()).toEqual([
      'lab/away is a link',
      'lab/page/x.cjs is not a TypeScript file',
      'lab/page/x.cts is not a TypeScript file',
      'lab/page/x.js is not a TypeScript file',
      'lab/page/x.json is not a TypeScript file',
      'lab/page/x.mjs is not a TypeScript file',
      'lab/page/x.mts is not a TypeScript file',
      'lab/page/x.tsx is not a TypeScript file',
      'modules/leftover/ has no module.ts',
      'modules/x/files/etc is a link',
      'modules/x/y.ts is a link',
    ]);
    symlinkSync('lab', join(folder, 'main.ts'));
    expect(breachesOf(readTree(folder, houses), walls)).toContain('main.ts is a link');
  });

  test.each([
    ['`./x.ts`', 'import(`./x.ts`)'],
    ["'./a' + '.ts'", "import('./a' + '.ts')"],
    ['name', 'import(name)'],
  ])('an import of %s', (argument, words) => {
    expect(planted('lab/page/page.ts', `await import(${argument});`)).toEqual([
      `lab/page/page.ts loads what the walls cannot see: ${words}`,
    ]);
  });

  test('what one file may import without a name, in another file', () => {
    const [[finder = '', [words = ''] = []] = []] = walls.finders;
    expect(tree.sources.get(finder)).toContain(words);
    expect(planted('engine/read/load.ts', `await ${words};`)).toHaveLength(1);
  });
});
