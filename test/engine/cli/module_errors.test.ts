import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { lavaPlay, type ProgramResult } from '../../support/program.ts';
import { testFolder } from '../../support/temp_folder.ts';

const LAB = ['--modules', 'mine', '--playbook', 'play.yaml'];
const STACK = /^[ |]+at .*mine\/lab_note\/module\.js:\d+/m;

let folder: string;

beforeEach(() => {
  folder = testFolder();
  write('inventory.yaml', 'all: { hosts: { here: { connection: local, become: false } } }\n');
  write('play.yaml', '- hosts: all\n  tasks: [{ lab_note: {} }]\n');
  write('mine/package.json', '{ "type": "module" }\n');
  write('mine/lab_note/cases/one.yaml', 'summary: nothing\nexpect: { resources: [] }\n');
});

function write(name: string, text: string): void {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A module with one part of its own; what it says stands in line 4. */
function writeModule(part: string): void {
  write(
    'mine/lab_note/module.js',
    `const nothing = undefined;
const resource = { id: 'note x', probe: 'echo x', parse: String, change: () => undefined };
const parts = {
  ${part}
};
export default {
  name: 'lab_note', summary: 's', example: '', desired: () => [resource], ...parts,
  schema: { type: 'object', additionalProperties: false, properties: {} },
};
`,
  );
}

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ProgramResult> {
  return lavaPlay(args, { cwd: folder, env });
}

describe('an error in a module is told with its line, and with a stack when asked for', () => {
  const said = "Cannot read properties of undefined (reading 'x') (lab_note/module.js:4)\n";

  test.each([
    ['desired', 'desired: () => nothing.x,', 'here: lab_note: '],
    [
      'change',
      'desired: () => [{ ...resource, change: () => nothing.x }],',
      'here: lab_note: note x: ',
    ],
    [
      'parse of a fact',
      "facts: { one: { probe: ':', parse: () => nothing.x } },",
      'here: lab_note: fact one: ',
    ],
  ])('in %s', async (_, part, where) => {
    writeModule(part);
    const plain = await run(['plan', ...LAB]);
    expect(plain.stdout).toContain(
      `failed: ${where}${said}  hint: lava-play plan -v shows where it came from\n`,
    );
    expect(plain).toMatchObject({ code: 1 });
    expect((await run(['plan', '-v', ...LAB])).stdout).toMatch(STACK);
    const applied = await run(['apply', ...LAB], { LAVA_PLAY_STACKS: '1' });
    expect(applied.stdout).toMatch(STACK);
  });

  test('in the judge of a check, which is not a success', async () => {
    writeModule("health: () => [{ id: 'lab_note.odd', probe: ':', judge: () => nothing.x }],");
    const { code, stdout } = await run(['check', ...LAB]);
    expect(stdout).toContain(
      `  problem  the check lab_note.odd of the module lab_note failed to evaluate the answer\n           ${said}`,
    );
    expect(code).toBe(1);
    const shown = await run(['check', ...LAB], { LAVA_PLAY_STACKS: '1' });
    expect(shown.stdout).toMatch(STACK);
  });

  test('in a case', async () => {
    writeModule('desired: () => nothing.x,');
    const { code, stdout } = await run(['test-modules', 'mine']);
    expect(stdout).toContain(`failed  mine/lab_note/cases/one.yaml\n  ${said}`);
    expect(code).toBe(1);
    const shown = await run(['test-modules', 'mine'], { LAVA_PLAY_STACKS: '1' });
    expect(shown.stdout).toMatch(STACK);
  });

  test.each([
    ['desired: () => [;],', "error: the module cannot be loaded: Unexpected token ';'\n"],
    ['desired: nowhere,', 'error: the module cannot be loaded: nowhere is not defined\n'],
  ])('while it is loaded: %s', async (part, words) => {
    writeModule(part);
    const { code, stderr } = await run(['modules', '--modules', 'mine']);
    expect(stderr).toMatch(/^mine\/lab_note\/module\.js:4:\d+: error: /);
    expect(stderr).toContain(`${words}    ${part}\n`);
    expect(code).toBe(2);
  });
});

test.each([
  ['[resource, nothing]', 'returned something that is not a resource (item 2: undefined)'],
  [
    '[{ ...resource, id: nothing }]',
    "returned something that is not a resource (item 1: a map without 'id')",
  ],
  ['[{ id: "a b" }]', "returned something that is not a resource (item 1: a b without 'probe')"],
  ['resource', 'returned a map, which is not a list of resources'],
])('what is not a resource is named: %s', async (given, words) => {
  writeModule(`desired: () => ${given},`);
  const sentence = `desired of lab_note ${words}\n`;
  expect((await run(['plan', ...LAB])).stdout).toContain(`failed: here: lab_note: ${sentence}`);
  expect((await run(['test-modules', 'mine'])).stdout).toContain(`  ${sentence}`);
});
