import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { finishTree, plantTree } from '../../../../engine/read/inventory/group_tree.ts';
import { readInventoryProgram } from '../../../../engine/read/inventory/inventory_program.ts';
import { runProgram } from '../../../../engine/read/programs/run_program.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { linesOf } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

/** What a shell script prints as an inventory. */
async function read(script: string) {
  const folder = testFolder();
  await writeFiles(folder, { inv: `#!/bin/sh\n${script}\n` });
  await chmod(join(folder, 'inv'), 0o755);
  const problems = noProblems();
  const start = { file: 'inv', line: 1, column: 1, length: 1, text: '' };
  const tree = plantTree(start, problems);
  const values = await readInventoryProgram('./inv', { cwd: folder, run: runProgram }, tree);
  return { ...finishTree(tree), values, problems };
}

describe('a program', () => {
  test('prints groups, and the variables of hosts beside them', async () => {
    const { groups, hosts, problems, values } = await read(
      `echo '{"g": {"hosts": ["h"], "vars": {"a": 1.10}, "children": ["c"]}, "c": ["i"], "_meta": {"hostvars": {"h": {"x": 1}}}}'`,
    );
    expect([...problems.errors, ...problems.warnings]).toEqual([]);
    expect([...hosts].map(([name, { vars }]) => [name, vars])).toEqual([
      ['h', [{ x: 1 }]],
      ['i', []],
    ]);
    expect(groups.get('g')).toMatchObject({ vars: [{ a: 1.1 }], children: new Set(['c']) });
    expect(values).toHaveLength(1);
  });

  test('has places in what it printed', async () => {
    const { hosts } = await read(
      `printf '{"g": ["h"],\\n\\t"_meta": {"hostvars":\\n\\t\\t{"h": {"x": 1}}}}'`,
    );
    expect(placeOf(hosts.get('h')?.vars[0], 'x')).toMatchObject({
      file: './inv --list',
      line: 3,
      column: 15,
    });
  });

  test('is asked for each host where it prints no variables of hosts', async () => {
    const { hosts } = await read(
      `if [ "$1" = --list ]; then echo '{"g": ["a", "b"]}'; elif [ "$2" = a ]; then echo '{"x": 1}'; fi`,
    );
    expect(hosts.get('a')?.vars).toEqual([{ x: 1 }]);
    expect(hosts.get('b')?.vars).toEqual([{}]);
  });

  test('may complain all the same', async () => {
    const { problems } = await read(`echo slow >&2; echo '{}'`);
    expect(linesOf(problems.warnings)).toEqual(["1:1 program-said './inv --list' said: slow"]);
  });
});

describe('a program is refused', () => {
  test.each([
    ['exit 3', "1:1 inventory-program './inv --list' ended with status 3"],
    [
      'echo no network >&2; exit 1',
      "1:1 inventory-program './inv --list' ended with status 1 | no network",
    ],
    ['', "1:1 inventory-program './inv --list' did not print JSON: it printed nothing"],
    [
      'echo hello; echo x',
      "1:1 inventory-program './inv --list' did not print JSON: it begins with 'hello'",
    ],
    ['echo "[1]"', "1:1 inventory-program '--list' must print a map of groups, not a list"],
    [
      `echo '{"g": 5}'`,
      "1:2 inventory-program the group 'g' must be a map or a list of hosts, not the number 5",
    ],
    [
      `echo '{"g": {"hosts": {"h": 1}}}'`,
      "1:17 inventory-program 'hosts' of the group 'g' must be a list, not a map",
    ],
    [
      `echo '{"g": {"vars": []}}'`,
      "1:16 inventory-program 'vars' of the group 'g' must be a map, not a list",
    ],
    [
      `echo '{"g": {"children": {}}}'`,
      "1:20 inventory-program 'children' of the group 'g' must be a list, not a map",
    ],
    [
      `echo '{"g": ["a b"]}'`,
      "1:8 bad-name 'a b' is not a valid host name | use letters, digits, '-', '_' and '.': a-b",
    ],
    [
      `echo '{"g": ["h"], "_meta": {"hostvars": {"h": 1}}}'`,
      "1:42 inventory-program the variables of 'h' must be a map, not the number 1",
    ],
  ])('%s', async (script, wanted) => {
    const { problems } = await read(script);
    expect(linesOf(problems.errors)).toEqual([wanted]);
  });
});
