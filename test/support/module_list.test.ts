import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAst } from 'vitest/node';
import { loadAll, moduleList, moduleNames } from './module_list.ts';
import { testFolder } from './temp_folder.ts';
import { writeFiles } from './write_files.ts';

test('a folder without module.ts is not a module', async () => {
  const folder = testFolder();
  mkdirSync(join(folder, 'leftover'));
  await writeFiles(folder, {
    'index.ts': '',
    'b/module.ts': "export default { name: 'b' };",
    'a/module.ts': "export default { name: 'a' };",
  });
  expect(moduleNames(folder)).toEqual(['a', 'b']);
  expect(await loadAll(folder)).toMatchObject([{ name: 'a' }, { name: 'b' }]);
});

test('a module without a default export is named, and what it lacks', async () => {
  const folder = testFolder();
  await writeFiles(folder, { 'a/module.ts': 'export const a = 1;' });
  await expect(loadAll(folder)).rejects.toThrow(
    `${folder}/a/module.ts has no default export: export default defineModule({ … })`,
  );
});

test('the list can be read whatever its modules are called', () => {
  const names = ['await', 'any_module', 'class', 'modules', 'x1', 'x_1'];
  const list = moduleList(names);
  expect(() => parseAst(list, { lang: 'ts' })).not.toThrow();
  const identifiers = [...list.matchAll(/^import (\w+) from/gm)].map(([, each]) => each);
  expect(new Set(identifiers).size).toBe(names.length);
  expect(identifiers).not.toContain('modules');
});
