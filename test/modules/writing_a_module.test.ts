import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { testFolder } from '../support/temp_folder.ts';
import type { CaseFile } from './case_file.ts';
import { outcome } from './case_outcome.ts';

const root = join(import.meta.dirname, '../..');

test('the module in docs/writing-a-module.md passes the case in docs/writing-a-module.md', async () => {
  const guide = await readFile(join(root, 'docs/writing-a-module.md'), 'utf8');
  const [, code = ''] = /```ts\n(import [\s\S]*?)```/.exec(guide) ?? [];
  const [, data = ''] = /```yaml\n(summary:[\s\S]*?)```/.exec(guide) ?? [];
  const engine = pathToFileURL(join(root, 'engine/sdk.ts')).href;
  const path = join(testFolder(), 'lab_time.ts');
  await writeFile(path, code.replace('../engine/sdk.ts', engine));
  const { default: module } = await import(path);
  const example: CaseFile = parse(data);
  expect(outcome(module, example)).toEqual(example.expect);
});
