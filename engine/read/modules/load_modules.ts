import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import type { AnyModule } from '../../contract/module.ts';
import type { Registry } from '../../contract/registry.ts';
import type { ObjectSchema } from '../../contract/schema.ts';
import type { Place } from '../../values/places.ts';
import { describe, field, isMap } from '../../values/values.ts';
import { check } from '../schema/schema_check.ts';
import { schemaFlaw } from '../schema/schema_flaw.ts';
import { parseYaml } from '../yaml/yaml.ts';
import { placeOfFailure } from './failure_place.ts';
import { openModuleDoor, REQUIRED } from './module_door.ts';

/** Module files as they are imported: built JavaScript, or TypeScript where the runtime reads it. */
const MODULE_FILE = /^(?!.*\.(d|test)\.)[^.].*\.(m?js|ts)$/;

/** The file of a module in a folder of its own. */
export const MODULE_IN_FOLDER = /^module\.(m?js|ts)$/;

/** Which modules there are. */
export interface ModuleSources {
  /** Those that come with the program. */
  readonly builtin: readonly AnyModule[];
  /** Folders with others. */
  readonly dirs: readonly string[];
  /** The exports of `lava-play/module`, for those others. */
  readonly sdk: Readonly<Record<string, unknown>>;
}

/** The built-in modules and those of custom folders; throws InvalidInput with everything that is wrong with them. */
export async function loadRegistry({ builtin, dirs, sdk }: ModuleSources): Promise<Registry> {
  const registry = new Map(builtin.map((module) => [module.name, module]));
  const origin = new Map(builtin.map(({ name }) => [name, 'the built-in modules']));
  const errors: Diagnostic[] = [];
  if (dirs.length > 0) openModuleDoor(sdk);
  for (const dir of dirs) {
    for (const file of await moduleFiles(dir, errors)) {
      const module = await importModule(file, errors);
      if (!module) continue;
      const first = origin.get(module.name);
      if (first !== undefined) {
        const message = `${file}: a module '${module.name}' already exists, in ${first}`;
        errors.push({ code: 'module-clash', message, hint: 'rename the file and the module' });
        continue;
      }
      registry.set(module.name, module);
      origin.set(module.name, file);
    }
  }
  if (errors.length > 0) throw new InvalidInput(errors);
  return registry;
}

/** The file of each module: NAME.js, or module.js in a folder NAME. */
async function moduleFiles(dir: string, errors: Diagnostic[]): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const files = await Promise.all(
      entries.map(async (entry) => {
        if (!entry.isDirectory()) return MODULE_FILE.test(entry.name) ? entry.name : [];
        const inside = await readdir(join(dir, entry.name)).catch(() => []);
        return inside
          .filter((name) => MODULE_IN_FOLDER.test(name))
          .map((name) => join(entry.name, name));
      }),
    );
    const names = files.flat().sort();
    if (names.length === 0) {
      const hint = 'a module is a file NAME.js with a default export, or NAME/module.js';
      errors.push({ code: 'no-module', message: `there is no module in ${dir}`, hint });
    }
    return names.map((name) => join(dir, name));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    const reason = code === 'ENOENT' ? 'there is no folder' : 'cannot read the folder';
    errors.push({ code: 'no-module', message: `${reason} ${dir}` });
    return [];
  }
}

async function importModule(file: string, errors: Diagnostic[]): Promise<AnyModule | undefined> {
  const refuse = (message: string, hint?: string, place?: Place): undefined => {
    const whole = place ? `the module ${message}` : `${file} ${message}`;
    errors.push({ code: 'bad-module', message: whole, hint, place });
    return undefined;
  };
  let exports: unknown;
  try {
    exports = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const code = field(error, 'code');
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const hint = 'compile it to a .js file, or run lava-play with Node.js 22.18 or newer';
      return refuse('is TypeScript, which this Node.js cannot load', hint);
    }
    const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    const isRequired = code === 'MODULE_NOT_FOUND' && said.includes("'lava-play/module'");
    const hint = isRequired ? REQUIRED : undefined;
    return refuse(`cannot be loaded: ${said}`, hint, await placeOfFailure(error, file));
  }
  const module = (exports as { readonly default?: unknown }).default;
  if (module === undefined) {
    return refuse('has no default export', 'export default defineModule({ … })');
  }
  const flaw = flawOf(module);
  if (flaw) return refuse(`is not a module: ${flaw}`, 'see docs/writing-a-module.md');
  const { name, schema, example } = module as AnyModule;
  const wanted = MODULE_IN_FOLDER.test(basename(file))
    ? basename(dirname(resolve(file)))
    : basename(file).replace(/\.(m?js|ts)$/, '');
  if (name !== wanted) {
    return refuse(`defines the module '${name}'`, `name both the same: ${wanted}`);
  }
  const wrong = schemaFlaw(schema);
  if (wrong !== undefined) {
    return refuse(`has an invalid schema: ${wrong}`, 'see docs/writing-a-module.md');
  }
  const misfit = exampleFlaw(schema, example);
  if (misfit) return refuse(`has an invalid example: ${misfit.message}`, misfit.hint);
  return module as AnyModule;
}

/** What is wrong with an example; one with templates or secrets only fits once they are filled in. */
function exampleFlaw(schema: ObjectSchema, example: string): Diagnostic | undefined {
  const { value, errors } = parseYaml(example, 'example');
  const [grave] = errors.filter(({ code }) => code !== 'placeholder-value');
  if (grave || /\{\{|!secret|!file/.test(example)) return grave;
  return check(schema, value ?? {}, 'example').diagnostics[0];
}

function flawOf(module: unknown): string | undefined {
  if (!isMap(module)) return `the default export is ${describe(module)}`;
  for (const key of ['name', 'summary', 'example']) {
    if (typeof module[key] !== 'string') return `'${key}' must be text`;
  }
  if (typeof module.desired !== 'function') return "'desired' must be a function";
  const { schema } = module;
  if (!isMap(schema) || schema.type !== 'object' || !isMap(schema.properties)) {
    return "'schema' must be the schema of a map";
  }
  return schema.additionalProperties === false
    ? undefined
    : "'schema' must set additionalProperties: false";
}
