import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../../engine/read/modules/load_modules.ts';
import * as sdk from '../../../../engine/sdk.ts';
import { modules } from '../../../../modules/index.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';
import { tempFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

function moduleText(name: string, extra = ''): string {
  return `export default {
    name: '${name}', summary: 's', example: '', desired: () => [],
    schema: { type: 'object', additionalProperties: false, properties: {} }, ${extra}
  };\n`;
}

function schemaOf(one: unknown): string {
  const properties = { one };
  return JSON.stringify({ type: 'object', additionalProperties: false, properties });
}

async function registryOf(files: Readonly<Record<string, string>>, ...dirs: readonly string[]) {
  const folder = await tempFolder();
  try {
    await writeFiles(folder.path, files);
    return await loadRegistry({
      builtin: modules,
      dirs: dirs.map((dir) => join(folder.path, dir)),
      sdk,
    });
  } finally {
    await folder.remove();
  }
}

describe('the registry of modules', () => {
  test('has every built-in module under the name of its file', async () => {
    const registry = await loadRegistry({ builtin: modules, dirs: [], sdk });
    expect([...registry.keys()]).toEqual(modules.map(({ name }) => name));
    expect(registry.has('postgres_allow_remote')).toBe(true);
    expect(registry.has('write_instance_conf')).toBe(true);
  });

  test('takes modules from folders, and passes over what is none', async () => {
    const registry = await registryOf(
      {
        'a/one.mjs': moduleText('one'),
        'b/two.mjs': moduleText('two'),
        'a/x.d.ts': '',
        'a/README.md': '',
      },
      'a',
      'b',
    );
    expect([...registry.keys()].slice(-2)).toEqual(['one', 'two']);
  });

  test.each([
    ['x.mjs', moduleText('y'), "FILE defines the module 'y' | name both the same: x"],
    [
      'postgres_allow_remote.mjs',
      moduleText('postgres_allow_remote'),
      "FILE: a module 'postgres_allow_remote' already exists, in the built-in modules | rename the file and the module",
    ],
    [
      'x.mjs',
      'export const a = 1;',
      'FILE has no default export | export default defineModule({ … })',
    ],
    [
      'x.mjs',
      'export default [];',
      'FILE is not a module: the default export is a list | see docs/writing-a-module.md',
    ],
    [
      'x.mjs',
      'export default { name: "x" };',
      "FILE is not a module: 'summary' must be text | see docs/writing-a-module.md",
    ],
    [
      'x.mjs',
      moduleText('x', 'desired: 1'),
      "FILE is not a module: 'desired' must be a function | see docs/writing-a-module.md",
    ],
    [
      'x.mjs',
      moduleText('x', 'schema: { type: "object", properties: {} }'),
      "FILE is not a module: 'schema' must set additionalProperties: false | see docs/writing-a-module.md",
    ],
    [
      'x.mjs',
      moduleText('x', `schema: ${schemaOf({ type: 'int' })}`),
      'FILE has an invalid schema: schema.properties.one.type is one of array, boolean, integer, null, number, object, string, not the text "int" | see docs/writing-a-module.md',
    ],
    [
      'x.mjs',
      moduleText(
        'x',
        `schema: ${schemaOf({ type: 'array', items: { type: 'string', pattern: '[' } })}`,
      ),
      expect.stringMatching(
        /^FILE has an invalid schema: schema\.properties\.one\.items\.pattern: Invalid regular expression: .* \| see docs/,
      ),
    ],
    [
      'x.mjs',
      moduleText('x', `example: 'oen: 1', schema: ${schemaOf({ type: 'integer' })}`),
      "FILE has an invalid example: example has no key 'oen' | did you mean 'one'?",
    ],
    [
      'x.mjs',
      moduleText('x', "example: '['"),
      expect.stringMatching(/^FILE has an invalid example: /),
    ],
    ['x.mjs', 'throw new Error("no luck\\nat all");', 'the module cannot be loaded: no luck'],
  ])('refuses %s that says %j', async (name, text, wanted) => {
    const found = linesOf(await mistakesOf(() => registryOf({ [`d/${name}`]: text }, 'd')));
    expect(
      found.map((line) =>
        line
          .replace(/^\S+ bad-module |^- \S+ (?=\S*\/d\/)/, '')
          .replace(/^\S*\/d\/[^\s:]+/, 'FILE'),
      ),
    ).toEqual([wanted]);
  });

  test('refuses a folder that is not there and one without modules', async () => {
    const found = linesOf(
      await mistakesOf(() => registryOf({ 'empty/x.txt': '' }, 'none', 'empty')),
    );
    expect(found).toEqual([
      expect.stringMatching(/^- no-module there is no folder .*none$/),
      expect.stringMatching(
        /^- no-module there is no module in .*empty \| a module is a file NAME\.js/,
      ),
    ]);
  });
});
