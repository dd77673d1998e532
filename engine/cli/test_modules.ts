import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { readCase } from '../cases/case_file.ts';
import { outcome } from '../cases/outcome.ts';
import { type Diagnostic, InvalidInput } from '../contract/errors.ts';
import type { AnyModule } from '../contract/module.ts';
import { saidBy, stackOf } from '../contract/module_error.ts';
import { suggest } from '../contract/problems.ts';
import type { Registry } from '../contract/registry.ts';
import { loadRegistry, MODULE_IN_FOLDER } from '../read/modules/load_modules.ts';
import { plural } from '../report/text.ts';
import { nearest } from '../values/nearest.ts';
import { type Command, EXIT, STACKS } from './command.ts';

/** Runs the cases of modules of one's own. */
export const testModules: Command = {
  name: 'test-modules',
  summary: 'run the cases of your own modules: DIR/NAME/cases/*.yaml; makes no connections',
  positionals: 'DIR [NAME...]',
  details: 'With module names, only the cases of these modules.',
  options: {},
  async run(call, world) {
    const [dir, ...names] = call.positionals;
    if (dir === undefined) {
      const hint = 'lava-play test-modules DIR';
      throw new InvalidInput([{ code: 'usage', message: 'no module folder given', hint }]);
    }
    const { sdk } = world.program;
    const registry = await loadRegistry({ builtin: [], dirs: [dir], sdk });
    const chosen = chosenOf(registry, names, dir);
    if (names.length === 0) await refuseStrayCases(dir, registry);
    const failed: string[] = [];
    const untried: string[] = [];
    let count = 0;
    const stacks = world.environment.variable(STACKS) ? 'shown' : 'hidden';
    for (const module of chosen) {
      const files = await casesOf(dir, module.name);
      if (files.length === 0) untried.push(module.name);
      for (const file of files) {
        count += 1;
        const flaw = await flawOf(module, file, stacks);
        world.write(`${flaw === undefined ? 'passed' : 'failed'}  ${file}\n${flaw ?? ''}`);
        if (flaw !== undefined) failed.push(file);
      }
    }
    if (count === 0) {
      throw new InvalidInput([await noCase(dir, names)]);
    }
    for (const name of untried) world.write(`no case ${join(dir, name, 'cases')}\n`);
    world.write(`${plural(count, 'case')}, ${failed.length} failed\n`);
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  },
};

function chosenOf(registry: Registry, names: readonly string[], dir: string): readonly AnyModule[] {
  if (names.length === 0) return [...registry.values()];
  const known = [...registry.keys()];
  const strange = names.filter((name) => !registry.has(name));
  if (strange.length > 0) {
    throw new InvalidInput(
      strange.map((name) => ({
        code: 'unknown-module',
        message: `there is no module '${name}' in ${dir}`,
        hint: suggest(nearest(name, known), known),
      })),
    );
  }
  return [...new Set(names)].flatMap((name) => registry.get(name) ?? []);
}

async function noCase(dir: string, names: readonly string[]): Promise<Diagnostic> {
  const of = names.length > 0 ? ` of ${names.join(', ')}` : '';
  const files = await readdir(dir);
  const [folder, name] = [dirname(resolve(dir)), basename(resolve(dir))];
  return {
    code: 'no-case',
    message: `there is no case${of} in ${dir}`,
    hint: files.some((file) => MODULE_IN_FOLDER.test(file))
      ? `DIR is the folder above: lava-play test-modules ${relative('', folder) || '.'} ${name}`
      : `write ${names[0] ?? 'NAME'}/cases/first.yaml; docs/writing-a-module.md shows one`,
  };
}

/** Cases that no module passes would look as if they held. */
async function refuseStrayCases(dir: string, registry: Registry): Promise<void> {
  const folders = (await readdir(dir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !registry.has(entry.name))
    .map(({ name }) => name);
  for (const name of folders) {
    const [stray] = await casesOf(dir, name);
    if (stray === undefined) continue;
    const message = `${stray} does not belong to a module: there is no module '${name}' in ${dir}`;
    const hint = suggest(nearest(name, [...registry.keys()]), [...registry.keys()]);
    throw new InvalidInput([{ code: 'no-module', message, hint }]);
  }
}

async function casesOf(dir: string, name: string): Promise<readonly string[]> {
  const folder = join(dir, name, 'cases');
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** A case that holds gives nothing; of another what was expected and what came, a line each. */
async function flawOf(
  module: AnyModule,
  file: string,
  stacks: 'shown' | 'hidden',
): Promise<string | undefined> {
  const { value, errors } = readCase(await textOf(file), file);
  if (errors.length > 0) throw new InvalidInput(errors);
  try {
    const seen = outcome(module, value);
    if (isDeepStrictEqual(seen, value.expect)) return undefined;
    return indented(`expected: ${shown(value.expect)}\ncame:     ${shown(seen)}`);
  } catch (error) {
    const stack = stacks === 'shown' ? stackOf(error) : undefined;
    return indented(stack ?? saidBy(error, module.name));
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const message = `${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`;
    throw new InvalidInput([{ code: 'no-file', message }]);
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function indented(text: string): string {
  return `${text.trimEnd().replace(/^/gm, '  ')}\n`;
}
