import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { lavaPlay, type ProgramResult } from '../../support/program.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';

/** A module with a fact and a survey, whose probes print where they run and a password. */
const moduleText = `export default {
  name: 'note', summary: 'knows a colour', example: '',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  facts: { sky: { probe: 'echo blue', parse: (output) => output.trim() } },
  surveys: { colours: {
    summary: 'all its colours',
    probe: 'echo red hunter22',
    report: (output, { host, lab }) => ({
      text: host.name + ' of ' + Object.keys(lab.hosts).length + ': ' + output,
      data: { found: output.trim() },
    }),
  } },
  desired: () => [],
};
`;

let folder: TempFolder;

beforeEach(async () => {
  folder = await tempFolder();
  const files = {
    'note.js': moduleText,
    'package.json': '{ "type": "module" }',
    'inventory.yaml':
      'all: { hosts: { here: { connection: local, become: false, lava: { db: { password: hunter22 } } } } }\n',
    'play.yaml': '- hosts: all\n  tasks:\n    - note: {}\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);
});

function facts(...args: readonly string[]): Promise<ProgramResult> {
  const options = ['--modules', '.', '--playbook', 'play.yaml'];
  return lavaPlay(['facts', ...args, ...options], { cwd: folder.path });
}

test('a host alone shows the facts of its tasks', async () => {
  const expected = { code: 0, stdout: '{\n  "note.sky": "blue"\n}\n', stderr: '' };
  expect(await facts('here')).toEqual(expected);
  expect(await facts('here', 'inventory.yaml')).toEqual(expected);
});

test('a survey shows its text, the inventory named after it or not, its secrets hidden', async () => {
  const shown = await facts('here', 'colours');
  expect(shown).toMatchObject({ code: 0, stderr: expect.not.stringContaining('hunter22') });
  expect(shown.stdout).toMatch(/^here of 1: red (?!hunter22).+\n$/);
  expect(await facts('here', 'colours', 'inventory.yaml')).toEqual(shown);
});

test('with --json a survey is data, its secrets hidden as well', async () => {
  const { code, stdout } = await facts('here', 'colours', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout).found).toMatch(/^red (?!hunter22)/);
});

test('a survey with a mistyped name is refused with the right one, before anything is read', async () => {
  const { code, stderr } = await facts('here', 'colors');
  expect(code).toBe(2);
  expect(stderr).toContain(
    "no survey or inventory is called 'colors'\n  hint: did you mean 'colours'?",
  );
});

test('a host that is not there is refused with its neighbour', async () => {
  const { code, stderr } = await facts('hare', 'colours');
  expect(code).toBe(2);
  expect(stderr).toContain("no host 'hare'\n  hint: did you mean 'here'?");
});

test('more than host, survey and inventory is too much', async () => {
  const { code, stderr } = await facts('here', 'colours', 'inventory.yaml', 'more');
  expect(code).toBe(2);
  expect(stderr).toContain("unexpected argument 'more'");
});

test('the help names the surveys that come with the program', async () => {
  const { stdout } = await lavaPlay(['facts', '--help']);
  expect(stdout).toContain('The survey serial shows its serial ports on USB');
});
