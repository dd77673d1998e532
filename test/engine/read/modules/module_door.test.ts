import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { testFolder } from '../../../support/temp_folder.ts';

const run = promisify(execFile);
const dist = join(import.meta.dirname, '../../../../dist/engine/read/modules/module_door.js');
let folder: string;

beforeEach(() => {
  folder = testFolder();
});

/** What a module of this text says to a process whose door is open; a door opens once in a process. */
async function said(text: string): Promise<string> {
  writeFileSync(join(folder, 'module.mjs'), text);
  const program = `
    import { openModuleDoor } from ${JSON.stringify(pathToFileURL(dist).href)};
    openModuleDoor({ answer: 42 });
    openModuleDoor({ answer: 43 });
    await import(${JSON.stringify(join(folder, 'module.mjs'))})
      .catch((error) => console.log(error.message));`;
  const args = ['--input-type=module', '--eval', program];
  return (await run(process.execPath, args)).stdout.trim();
}

test('a module gets the exports of the copy that opened the door first', async () => {
  expect(await said("import { answer } from 'lava-play/module'; console.log(answer);")).toBe('42');
});

test('also where another lava-play lies beside it', async () => {
  const other = join(folder, 'node_modules/lava-play');
  mkdirSync(other, { recursive: true });
  writeFileSync(
    join(other, 'package.json'),
    '{ "name": "lava-play", "exports": { "./module": "./m.mjs" } }',
  );
  writeFileSync(join(other, 'm.mjs'), 'export const answer = 1;');
  expect(await said("import { answer } from 'lava-play/module'; console.log(answer);")).toBe('42');
});

test('nothing else of lava-play comes through', async () => {
  expect(await said("import 'lava-play/dist/main.js';")).toBe(
    "there is no 'lava-play/dist/main.js': modules import 'lava-play/module', and nothing else of lava-play",
  );
});

test('packages of other names are none of its business', async () => {
  expect(await said("import 'lava-player';")).toContain("Cannot find package 'lava-player'");
  expect(await said("import { sep } from 'node:path'; console.log(sep);")).toBe('/');
});
