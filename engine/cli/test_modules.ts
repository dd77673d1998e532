import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { CaseFile } from '../cases/case_file.ts';
import { outcome } from '../cases/outcome.ts';
import type { InputCode } from '../contract/codes.ts';
import { InvalidInput } from '../contract/errors.ts';
import type { AnyModule } from '../contract/module.ts';
import { loadRegistry } from '../read/modules/load_modules.ts';
import { parseYaml } from '../read/yaml/yaml.ts';
import { plural } from '../report/text.ts';
import { type Command, EXIT } from './command.ts';
import { refuseMore } from './read_lab.ts';

/** Runs the cases of modules of one's own. */
export const testModules: Command = {
  name: 'test-modules',
  summary: 'run the cases of your own modules: DIR/NAME/cases/*.yaml; connects to nothing',
  positionals: 'DIR',
  options: {},
  async run(call, world) {
    const [dir] = call.positionals;
    if (dir === undefined) {
      const hint = 'lava-play test-modules DIR';
      throw new InvalidInput([{ code: 'usage', message: 'which folder of modules?', hint }]);
    }
    refuseMore(call, 1);
    const { sdk } = world.program;
    const registry = await loadRegistry({ builtin: [], dirs: [dir], sdk });
    const failed: string[] = [];
    let count = 0;
    for (const module of registry.values()) {
      for (const file of await casesOf(dir, module.name)) {
        count += 1;
        const flaw = await flawOf(module, file);
        world.write(`${flaw === undefined ? 'passed' : 'failed'}  ${file}\n${flaw ?? ''}`);
        if (flaw !== undefined) failed.push(file);
      }
    }
    if (count === 0) {
      const message = `there is no case in ${dir}`;
      const hint = 'write NAME/cases/first.yaml; docs/writing-a-module.md shows one';
      throw new InvalidInput([{ code: 'no-case', message, hint }]);
    }
    world.write(`${plural(count, 'case')}, ${failed.length} failed\n`);
    return failed.length === 0 ? EXIT.done : EXIT.failed;
  },
};

async function casesOf(dir: string, name: string): Promise<readonly string[]> {
  const folder = join(dir, name, 'cases');
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => /\.ya?ml$/.test(file))
    .sort()
    .map((file) => join(folder, file));
}

/** A case that holds gives nothing; of another what was expected and what came, a line each. */
async function flawOf(module: AnyModule, file: string): Promise<string | undefined> {
  const { value, errors } = parseYaml(await readFile(file, 'utf8'), file);
  const mistakes = errors.filter(({ code }) => !OF_INVENTORIES.includes(code));
  if (mistakes.length > 0) throw new InvalidInput(mistakes);
  const given = (value ?? {}) as Partial<CaseFile>;
  const { expect: expected = {}, summary = '', args = {} } = given;
  try {
    const seen = outcome(module, { ...given, summary, args, expect: expected });
    if (isDeepStrictEqual(seen, expected)) return undefined;
    return indented(`expected: ${shown(expected)}\ncame:     ${shown(seen)}`);
  } catch (error) {
    return indented(error instanceof Error ? error.message : String(error));
  }
}

/** What is a mistake in an inventory, and may well be what a host prints. */
const OF_INVENTORIES: readonly InputCode[] = ['placeholder-value', 'lost-number'];

function shown(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll('\\n', '\n').replaceAll('\\t', '\t');
}

function indented(text: string): string {
  return `${text.trimEnd().replace(/^/gm, '  ')}\n`;
}
