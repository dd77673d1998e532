import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import { type TempFolder, tempFolder } from '../support/temp_folder.ts';
import { writeFiles } from '../support/write_files.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';

const root = join(import.meta.dirname, '../..');

/** Where modules of a lab take the door from: as they should, and with a copy of it that came along with them. */
const DOORS = {
  modules: 'lava-play/module',
  bundled: '../global/lib/node_modules/lava-play/dist/engine/sdk.js',
};

/** A module as somebody writes it for their own lab. */
function moduleText(name: string, door: string, desired: string): string {
  return `import { defineModule, Pending, pkg, Refused, Deferred } from '${door}';
export default defineModule({
  name: '${name}', summary: 'one of a lab', example: '',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => { ${desired} },
});
`;
}

function modulesOf([folder, door]: readonly [string, string]): Readonly<Record<string, string>> {
  const change =
    "{ before: 'old\\n', after: 'new\\n', steps: [{ title: 'renew', script: 'true' }] }";
  const wait = `() => { throw new Deferred('somebody listens', ${change}); }`;
  const desired = {
    early: "throw new Pending('there is no radio yet', [pkg({ name: 'radio' })]);",
    careful: "throw new Refused('it is full', 'empty it');",
    patient: `return [{ id: 'radio', probe: 'echo on', parse: (text) => text, change: ${wait} }];`,
  };
  return Object.fromEntries(
    Object.entries(desired).map(([name, text]) => [
      `${folder}/${name}.js`,
      moduleText(name, door, text),
    ]),
  );
}

const FILES = {
  ...modulesOf(['modules', DOORS.modules]),
  ...modulesOf(['bundled', DOORS.bundled]),
  'package.json': '{ "type": "module" }',
  'modules/node_modules/lava-play/package.json':
    '{ "name": "lava-play", "version": "0.0.1", "exports": { "./module": "./old.js" } }',
  'modules/node_modules/lava-play/old.js': "throw new Error('this is an older copy');",
  'stranger/a.js': "import { file } from 'lava-play/resources';",
  'stranger/b.js':
    "import { createRequire } from 'node:module'; createRequire(import.meta.url)('lava-play/module');",
  'play.yaml': `
- hosts: worker01
  tasks: [early: {}]
- hosts: worker02
  tasks: [careful: {}]
- hosts: worker03
  tasks: [patient: {}]
`,
};

let scratch: TempFolder;
let lab: EmbeddedLab;

beforeAll(async () => {
  scratch = await tempFolder();
  await writeFiles(scratch.path, { ...FILES, 'project/package.json': '{ "private": true }' });
  const packed = await npm('pack', '--json', '--pack-destination', scratch.path);
  const tarball = join(scratch.path, JSON.parse(packed)[0].filename);
  await npm('install', '--global', '--prefix', join(scratch.path, 'global'), tarball);
  await npm('install', '--prefix', join(scratch.path, 'project'), tarball);
  lab = await startEmbeddedLab({ workers: 3 });
});
afterAll(async () => {
  await lab?.stop();
});

/** Runs npm with the registry and the cache of whoever runs the tests; no script of any package runs. */
async function npm(...args: readonly string[]): Promise<string> {
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--silent'];
  const { stdout } = await promisify(execFile)('npm', [...args, ...quiet], { cwd: root });
  return stdout;
}

describe.each([
  ['from a clone', undefined],
  ['that npm has installed globally', 'global/bin/lava-play'],
  ['that npm has installed as a dependency', 'project/node_modules/.bin/lava-play'],
])('lava-play %s', (_how, path) => {
  const run = (...args: readonly string[]) =>
    lavaPlay(args, { ...(path && { command: join(scratch.path, path) }), cwd: scratch.path });

  test.each(Object.entries(DOORS))('knows what %s throw that import %s', async (folder) => {
    const options = ['--playbook', 'play.yaml', '--modules', folder, '--json'];
    const { code, stdout, stderr } = await run('plan', lab.inventoryFile, ...options);
    expect(stderr).toBe('');
    const events = eventsOf(stdout);
    const plans = Object.fromEntries(ofType(events, 'host-planned').map((it) => [it.host, it]));
    expect(plans.worker01?.pending).toMatchObject([{ reason: 'there is no radio yet' }]);
    expect(plans.worker01?.changes).toMatchObject([{ resource: 'package radio' }]);
    expect(plans.worker03?.deferred).toMatchObject([
      { resource: 'radio', reason: 'somebody listens' },
    ]);
    expect(ofType(events, 'host-failed')).toMatchObject([
      {
        host: 'worker02',
        failure: { code: 'module-refused', message: 'it is full', hint: 'empty it' },
      },
    ]);
    expect(code).toBe(1);
  });

  test('says of a module that knocks elsewhere which door there is', async () => {
    const { code, stderr } = await run('modules', '--modules', 'stranger');
    expect(stderr).toBe(
      [
        "error: stranger/a.js cannot be loaded: there is no 'lava-play/resources': modules import 'lava-play/module', and nothing else of lava-play",
        "stranger/b.js:1:76: error: the module cannot be loaded: Cannot find module 'lava-play/module'",
        `  ${FILES['stranger/b.js']}`,
        `  ${' '.repeat(75)}^`,
        "  hint: modules of lava-play are ES modules: import { … } from 'lava-play/module'",
        '',
      ].join('\n'),
    );
    expect(code).toBe(2);
  });
});

test('the package has all that a lab, its check and its page are made of', async () => {
  const command = join(scratch.path, 'global/bin/lava-play');
  const apply = await lavaPlay(['apply', lab.inventoryFile, '--yes', '--no-diff'], { command });
  expect(apply.code, apply.stdout + apply.stderr).toBe(0);
  const page = join(scratch.path, 'page.html');
  const report = await lavaPlay(['report', lab.inventoryFile, '-o', page], { command });
  expect(report.stderr).toBe('');
  expect(await readFile(page, 'utf8')).toContain('</html>');
});
