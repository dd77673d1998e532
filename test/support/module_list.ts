import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyModule } from '../../engine/sdk.ts';

/** The names of the modules in a folder: its folders that have a `module.ts`. */
export function moduleNames(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'module.ts')))
    .sort();
}

/** The default export of each module in a folder. */
export function loadAll(folder: string): Promise<readonly AnyModule[]> {
  return Promise.all(
    moduleNames(folder).map(async (name) => {
      const file = join(folder, name, 'module.ts');
      const { default: module } = await import(pathToFileURL(file).href);
      if (module !== undefined) return module;
      throw new Error(`${file} has no default export: export default defineModule({ … })`);
    }),
  );
}

/** The text of `modules/index.ts`. */
export function moduleList(names: readonly string[]): string {
  return [
    "import type { AnyModule } from '../engine/sdk.ts';",
    ...names.map((name) => `import ${identifier(name)} from './${name}/module.ts';`),
    '',
    '/** The modules that come with the program; `npm run generate` makes this list. */',
    'export const modules: readonly AnyModule[] = [',
    ...names.map((name) => `  ${identifier(name)},`),
    '];',
    '',
  ].join('\n');
}

/** No word of the language and no other name in the list ends in this way, and no two modules get the same. */
function identifier(name: string): string {
  return `${name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}Module`;
}
