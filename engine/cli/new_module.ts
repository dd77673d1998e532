import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { InvalidInput } from '../contract/errors.ts';
import { packageRoot } from '../read/installed/package_root.ts';
import { type Command, EXIT, type World } from './command.ts';
import { refuseMore } from './read_lab.ts';

/** How a module is called: a key of YAML, and the name of a folder. */
const NAME = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Begins a module: one that works, with a case and a page. */
export const newModule: Command = {
  name: 'new-module',
  summary: 'create a module of your own, with a test case and a documentation page',
  positionals: 'NAME',
  details:
    'The new module works as created; edit it to fit. Without --dir it is added to the lava-play\n' +
    'source tree in the current folder. Existing files are never overwritten.',
  options: {
    dir: { type: 'string', value: 'DIR', text: 'module folder, as given to --modules later' },
  },
  async run(call, world) {
    const [name] = call.positionals;
    if (name === undefined) {
      const hint = 'lava-play new-module NAME --dir DIR';
      throw new InvalidInput([{ code: 'usage', message: 'no module name given', hint }]);
    }
    refuseMore(call, 1);
    refuseName(name, world);
    const dir = call.text('dir');
    const { files, next } = dir === undefined ? ofProject(name, world) : ofFolder(name, dir, world);
    await writeAll(files);
    for (const path of files.keys()) world.write(`${path}\n`);
    world.write(`\n${next}\n`);
    return EXIT.done;
  },
};

/** What is written, by path, and what to do then. */
interface Beginning {
  readonly files: ReadonlyMap<string, string>;
  readonly next: string;
}

function ofProject(name: string, { environment: { cwd } }: World): Beginning {
  if (!isProject(cwd)) {
    throw new InvalidInput([
      {
        code: 'usage',
        message:
          'this folder is not the source tree of lava-play: give the module a folder with --dir',
        hint: `lava-play new-module ${name} --dir modules`,
      },
    ]);
  }
  return {
    files: new Map([
      [`modules/${name}/module.ts`, template('module.ts', name)],
      [`test/modules/${name}/first.yaml`, template('case.yaml', name)],
      [`docs/modules/${name}.md`, template('page.md', name)],
    ]),
    next: `npm run generate registers it; npx vitest run test/modules/cases.test.ts -t ${name} runs its case.`,
  };
}

function ofFolder(name: string, dir: string, { environment: { cwd } }: World): Beginning {
  if (dir === '') {
    const hint = `lava-play new-module ${name} --dir modules`;
    throw new InvalidInput([{ code: 'usage', message: '--dir is empty', hint }]);
  }
  const folder = resolve(cwd, dir);
  refuseTwin(name, folder);
  const code = template('module.ts', name).replace('../../engine/sdk.ts', 'lava-play/module');
  const hasPackage = existsSync(join(folder, 'package.json'));
  return {
    files: new Map([
      [join(dir, name, 'module.js'), code],
      [join(dir, name, 'cases/first.yaml'), template('case.yaml', name)],
      [join(dir, name, 'README.md'), template('page.md', name)],
      ...(hasPackage ? [] : [[join(dir, 'package.json'), PACKAGE] as const]),
    ]),
    next: `lava-play test-modules ${dir} runs its case; lava-play plan --modules ${dir} uses it.`,
  };
}

/** By which Node.js takes the files of a folder for ES modules. */
const PACKAGE = '{\n  "private": true,\n  "type": "module"\n}\n';

function template(file: string, name: string): string {
  const text = readFileSync(join(packageRoot(), 'templates/module', file), 'utf8');
  return text.replaceAll('my_module', name);
}

function isProject(folder: string): boolean {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return name === 'lava-play' && existsSync(join(folder, 'modules/index.ts'));
  } catch {
    return false;
  }
}

function refuseName(name: string, { program }: World): void {
  if (!NAME.test(name)) {
    const plain = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^[_\d]+|_+$/g, '');
    const hint = NAME.test(plain) ? `for example: ${plain}` : 'for example: lab_time';
    const message = `'${name}' is not a valid module name: use lowercase letters, digits and single underscores, starting with a letter`;
    throw new InvalidInput([{ code: 'bad-name', message, hint }]);
  }
  if (program.modules.some((module) => module.name === name)) {
    const message = `a built-in module '${name}' already exists`;
    const hint = 'choose another name, or start from its source in modules/';
    throw new InvalidInput([{ code: 'module-clash', message, hint }]);
  }
}

/** A module of this name in a file of its own, beside which a folder would be a second one. */
function refuseTwin(name: string, folder: string): void {
  const twin = ['js', 'mjs', 'ts']
    .map((extension) => join(folder, `${name}.${extension}`))
    .find((file) => existsSync(file));
  if (twin === undefined) return;
  const message = `a module '${name}' already exists: ${twin}`;
  throw new InvalidInput([{ code: 'module-clash', message, hint: 'choose another name' }]);
}

/** All files or none: what is there already is left alone, and what was begun goes again. */
async function writeAll(files: ReadonlyMap<string, string>): Promise<void> {
  const folders: string[] = [];
  const written: string[] = [];
  try {
    for (const [path, text] of files) {
      await makeFolder(dirname(path), folders);
      await writeFile(path, text, { flag: 'wx' });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    for (const path of folders.reverse()) await rmdir(path).catch(() => {});
    const message = `nothing was written: ${reasonOf(error as NodeJS.ErrnoException)}`;
    throw new InvalidInput([
      { code: 'not-written', message, hint: 'choose another name or --dir' },
    ]);
  }
}

/** Step by step: `mkdir` of Node.js 20 with `recursive` never returns where a folder such as /proc takes no new ones. */
async function makeFolder(path: string, made: string[]): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path), made);
  await mkdir(path);
  made.push(path);
}

function reasonOf({ code, path = '', message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST') return `${path} already exists`;
  if (code === 'ENOTDIR') return `${dirname(path)} is not a folder`;
  if (code === 'EACCES' || code === 'EROFS') return `${path}: permission denied`;
  return message;
}
