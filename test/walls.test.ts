import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, sourcesOf } from './support/import_graph.ts';
import { breachesOf, readWalls } from './support/walls.ts';

const root = join(import.meta.dirname, '..');
const walls = readWalls(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
const sources = sourcesOf(root, ['main.ts', 'engine', 'lab', 'modules']);

/** What comes of more lines in a file, or of a file that was not there. */
function planted(file: string, text: string): readonly string[] {
  const known = new Set(breachesOf(sources, walls));
  const more = new Map(sources).set(file, `${text}\n${sources.get(file) ?? ''}`);
  return breachesOf(more, walls).filter((line) => !known.has(line));
}

test('the tables are read', () => {
  expect(walls.ranks.get('values')).toBe(0);
  expect(walls.ranks.get('cli')).toBe(8);
  expect(walls.importers.get('node-ssh')).toBe('engine/transport');
  expect(walls.pure.get('engine/script')).toEqual(['node:crypto']);
  expect(sources.size).toBeGreaterThan(300);
});

test('no import goes through a wall', () => {
  expect(breachesOf(sources, walls)).toEqual([]);
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
      'engine/plan/ is pure',
    ],
    [
      'a module to the disk, in a call',
      'modules/x/health/deep/y.ts',
      "const fs = await import('node:fs');",
      'modules/ is pure',
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
      'its one importer is engine/read/schema/schema_check.ts',
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

  test('a circle of files, and one of folders', () => {
    expect(planted('engine/values/values.ts', "import type { Place } from './places.ts';")).toEqual(
      [],
    );
    const circle = planted('engine/contract/brand.ts', "import { isWaits } from './resource.ts';");
    expect(circle).toEqual([
      'circle of files: engine/contract/resource.ts -> engine/contract/brand.ts -> engine/contract/resource.ts',
    ]);
    const folders = planted('lab/board/jinja.ts', "import { lavaLab } from '../field.ts';");
    expect(folders).toContainEqual(expect.stringMatching(/^circle of folders: .*lab\/board/));
  });

  test('a file in the hall, a folder without a rank, and files that are too long', () => {
    expect(planted('engine/utils.ts', '')).toEqual([
      'engine/utils.ts stands in the hall: engine/ has folders and two doors',
    ]);
    expect(planted('engine/shared/x.ts', '')).toEqual([
      'engine/shared/x.ts: engine/shared/ has no rank in CONTRIBUTING.md',
    ]);
    expect(planted('modules/x/module.ts', '\n'.repeat(120))).toEqual([
      'modules/x/module.ts has 121 lines, 120 are the most',
    ]);
    expect(planted('lab/x.ts', '\n'.repeat(300))).toEqual([
      'lab/x.ts has 301 lines, 300 are the most',
    ]);
  });
});

test('an import is seen in whatever form it is written', () => {
  const text = [
    "import a from './a.ts';",
    "import b, { type c } from '../b.ts';",
    "import * as d from 'node:fs';",
    "import 'bare';",
    "export * from './e.ts';",
    "export type { F } from './f.ts';",
    "type G = import('./g.ts').G;",
    'const text = "import x from \'./not.ts\'";',
    "// import y from './commented.ts'",
  ].join('\n');
  expect(importsOf('lab/x/y.ts', text)).toEqual([
    ...['lab/x/a.ts', 'lab/b.ts', 'node:fs', 'lab/x/e.ts', 'lab/x/f.ts'],
    ...['bare', 'lab/x/g.ts'],
  ]);
});
