import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from './support/temp_folder.ts';
import { writeFiles } from './support/write_files.ts';

const root = join(import.meta.dirname, '..');
const script = join(root, 'scripts/remove_stale.js');

test('what has no source any more goes from the output, and nothing else', async () => {
  const folder = testFolder();
  const kept = ['main.js', 'main.js.map', 'main.d.ts', 'modules/kept/module.js'];
  const stale = ['old.js', 'modules/kept/part.js.map', 'modules/gone/module.js', 'older/x/y.d.ts'];
  await writeFiles(folder, {
    'main.ts': '',
    'modules/kept/module.ts': '',
    ...Object.fromEntries([...kept, ...stale].map((path) => [`dist/${path}`, ''])),
  });
  execFileSync(process.execPath, [script, 'dist'], { cwd: folder });
  const left = readdirSync(join(folder, 'dist'), { recursive: true });
  expect(left.toSorted()).toEqual([...kept, 'modules', 'modules/kept'].toSorted());
  execFileSync(process.execPath, [script, '.build'], { cwd: folder });
});

test('each build does so before it compiles', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(scripts.build).toMatch(/^node scripts\/remove_stale\.js dist && tsc /);
  expect(scripts['build:tools']).toMatch(/^node scripts\/remove_stale\.js \.build && tsc /);
});
