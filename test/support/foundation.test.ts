import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { tempFolder } from './temp_folder.ts';
import { writeFiles } from './write_files.ts';

const vitest = join(import.meta.dirname, '../../node_modules/vitest');

/** Tests of which the first never ends, as an apply on a machine that is too slow. */
const TESTS = `
import { expect, test } from '${vitest}/dist/index.js';
import { foundation } from '${join(import.meta.dirname, 'foundation.ts')}';
test('before', () => {});
foundation('one apply makes it', () => new Promise(() => {}));
test('a second apply changes nothing', () => new Promise(() => {}));
test('check is content', () => { expect(1).toBe(2); });
`;

test('what stands on a test that failed, if only by its time limit, is skipped at once with its name', async () => {
  const folder = await tempFolder();
  onTestFinished(() => folder.remove());
  await writeFiles(folder.path, { 'a.test.ts': TESTS });
  const args = ['run', '--root', folder.path, '--test-timeout', '200', '--reporter', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, [
    `${vitest}/vitest.mjs`,
    ...args,
  ]).catch((failed: { readonly stdout: string }) => failed);
  const [file] = JSON.parse(stdout).testResults;
  expect(
    file.assertionResults.map(({ title, status }: Record<string, string>) => `${title}: ${status}`),
  ).toEqual([
    'before: passed',
    'one apply makes it: failed',
    'a second apply changes nothing: skipped',
    'check is content: skipped',
  ]);
});
