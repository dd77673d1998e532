import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { program } from '../support/program.ts';
import { testFolder } from '../support/temp_folder.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A block of code of the guide: commands to run, or the text of the file that the lines before it name. */
interface Block {
  readonly language: string;
  readonly text: string;
  readonly file: string | undefined;
}

const IN_PROJECT = '\n### In the project itself\n';

let outside: readonly Block[];
let inside: readonly Block[];

beforeAll(async () => {
  const guide = await readFile(join(root, 'docs/writing-a-module.md'), 'utf8');
  const [begin = '', project = ''] = (guide.split('\n## 3.')[0] ?? '').split(IN_PROJECT);
  outside = blocksOf(begin);
  inside = blocksOf(project);
});

/** Does what the guide says, in its order; resolves with all that the commands have printed. */
async function follow(
  blocks: readonly Block[],
  folder: string,
  path = process.env.PATH,
): Promise<string> {
  let said = '';
  for (const { language, text: code, file } of blocks) {
    if (language === 'sh') {
      const env = { ...process.env, PATH: path, CI: '' };
      const { stdout } = await run('sh', ['-ec', code], { cwd: folder, env });
      said += stdout;
    } else if (file !== undefined) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), code);
    }
  }
  return said;
}

/** A `PATH` on which lava-play is, as after its installation. */
async function pathWithProgram(): Promise<string> {
  const bin = testFolder();
  const text = `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`;
  await writeFile(join(bin, 'lava-play'), text, { mode: 0o755 });
  return `${bin}:${process.env.PATH}`;
}

describe('docs/writing-a-module.md runs as it is printed', () => {
  test('in the folder of an inventory', async () => {
    const folder = testFolder();
    await writeFile(join(folder, 'inventory.yaml'), 'all: { hosts: { here: {} } }\n');
    await installTypes(join(folder, 'modules'));
    const said = await follow(outside, folder, await pathWithProgram());
    expect(said).toContain('passed  modules/lab_time/cases/first.yaml\n1 case, 0 failed\n');
    expect(said).toContain('passed  modules/lab_time/cases/taken_over.yaml\n3 cases, 0 failed\n');
    expect(said).toContain('lab_time: systemd-timesyncd with the time servers of the lab\n');
    expect(said).toContain('inventory.yaml: 1 host, 1 play, 1 task: all right\n');
  });

  test('with types that find a mistake', async () => {
    const folder = testFolder();
    await installTypes(folder);
    const files = outside.filter(({ file }) => /module\.js$|tsconfig/.test(file ?? ''));
    for (const { file = '', text } of files)
      await writeFile(join(folder, basename(file)), text.replace('args.servers', 'args.server'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    const { stdout } = await run('npx', ['tsc'], { cwd: folder }).catch((error) => error);
    expect(stdout).toMatch(/^module\.js\(\d+,\d+\): error TS\d+: Property 'server' does not exist/);
  });

  test('in the project itself, with the module and the case of the guide', async () => {
    const folder = testFolder();
    const parts = [
      'bin',
      'docs',
      'engine',
      'lab',
      'modules',
      'playbooks',
      'schema',
      'scripts',
      'templates',
    ];
    const files = [
      'main.ts',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'vitest.config.ts',
    ];
    const tests = ['modules', 'support', 'generated.test.ts'].map((part) => `test/${part}`);
    for (const part of [...parts, 'dist', ...files, ...tests])
      await cp(join(root, part), join(folder, part), { recursive: true });
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const [commands] = inside;
    const [begin = '', ...rest] = (commands?.text ?? '').split('\n');
    const moved = outside
      .filter(({ file }) => file?.startsWith('modules/lab_time/'))
      .map(({ language, text, file = '' }) => ({
        language,
        text: text.replace("'lava-play/module'", "'../../engine/sdk.ts'"),
        file: file
          .replace('module.js', 'module.ts')
          .replace('modules/lab_time/cases', 'test/modules/lab_time'),
      }));
    const shell = (text: string): Block => ({ language: 'sh', text, file: undefined });
    const said = await follow(
      [
        shell(begin),
        ...moved,
        shell('rm test/modules/lab_time/first.yaml'),
        shell(rest.join('\n')),
      ],
      folder,
    );
    expect(said).toContain('docs/modules/lab_time.md\n');
    expect(said).toMatch(/3 passed/);
    expect(said).toContain('lab_time: systemd-timesyncd with the time servers of the lab\n');
    expect(await readFile(join(folder, 'modules/index.ts'), 'utf8')).toContain(
      "import labTimeModule from './lab_time/module.ts';",
    );
    expect(await readFile(join(folder, 'docs/modules/README.md'), 'utf8')).toContain(
      '| [lab_time](lab_time.md) | systemd-timesyncd with the time servers of the lab |',
    );
    expect(await readFile(join(folder, 'schema/playbook.schema.json'), 'utf8')).toContain(
      'lab_time',
    );
  });
});

/** What `npm i -D` of the guide leaves in a folder: lava-play and TypeScript, and no types of Node.js. */
async function installTypes(folder: string): Promise<void> {
  const installed = join(folder, 'node_modules');
  await mkdir(join(installed, '.bin'), { recursive: true });
  await mkdir(join(installed, 'lava-play'));
  await symlink(join(root, 'node_modules/.bin/tsc'), join(installed, '.bin/tsc'));
  for (const part of ['package.json', 'dist'])
    await cp(join(root, part), join(installed, 'lava-play', part), { recursive: true });
}

/** The blocks with what they are for: a path that the sentence before a block ends with is that of its file. */
function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/([^\n]*\n?)\n*```(\w+)\n([\s\S]*?)```/g)].map(
    ([, before = '', language = '', code = '']) => ({
      language,
      text: code,
      file: /`([\w./]+)`[.:]\s*$/.exec(before)?.[1],
    }),
  );
}
