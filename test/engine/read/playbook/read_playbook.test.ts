import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPlaybook } from '../../../../engine/read/playbook/read_playbook.ts';
import { labOf, linesOf, mistakesOf, nobody, sample } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const INVENTORY = 'database: { hosts: { db: } }\n';

/** Mistakes in a playbook, one line each. */
async function mistakes(playbook: string) {
  return linesOf(await mistakesOf(() => labOf(INVENTORY, playbook)));
}

describe('a broken playbook', () => {
  test.each([
    ['', /^1:1 not-a-playbook .* is empty \| start with a play/],
    [
      'hosts: all\n',
      '1:1 not-a-playbook a playbook must be a list of plays, but this file is a map | start with a play: - hosts: workers',
    ],
    ['- all\n', '1:3 wrong-type play 1 must be a map, not the text "all"'],
    [
      '- tasks: []\n',
      "1:3 missing-key play 1 needs 'hosts' | Host pattern: a group, names, a glob.",
    ],
    [
      '- host: all\n',
      "1:3 unknown-key play 1 has no key 'host' | did you mean 'hosts'?",
      "1:3 missing-key play 1 needs 'hosts'",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample\n',
      '3:7 wrong-type task 1 of play 1 must be a map, not the text "sample" | write sample: {}',
    ],
    [
      '- hosts: db\n  tasks:\n    - name: x\n',
      '3:7 no-module task 1 of play 1 does not name a module | modules: sample, another',
    ],
    [
      '- hosts: db\n  tasks:\n    - sampel: { text: x }\n',
      "3:7 unknown-key task 1 of play 1: 'sampel' is neither a module nor a keyword | did you mean 'sample'?",
    ],
    [
      '- hosts: db\n  tasks:\n    - zebra: { text: x }\n',
      "3:7 unknown-key task 1 of play 1: 'zebra' is neither a module nor a keyword | lava-play modules lists the modules; --modules DIR adds those of a folder",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      another: { text: x }\n',
      "4:7 two-modules task 1 of play 1 names two modules, 'sample' and 'another' | write two tasks",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: hello\n',
      `3:15 wrong-type the arguments of sample must be a map, not the text "hello" | write it below the module: 'text: …', or as 'text=…'`,
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: a = b\n',
      "4:15 bad-condition a single '=' is not a comparison | write '=='",
    ],
    [
      '- hosts: db\n  constructor: 1\n',
      "2:3 unknown-key play 1 has no key 'constructor' | known here: name, hosts, needs",
    ],
  ])('%j', async (playbook, ...wanted) => {
    const found = await mistakes(playbook);
    expect(found.length).toBe(wanted.length);
    for (const line of wanted) {
      const pattern =
        typeof line === 'string' ? expect.stringContaining(line) : expect.stringMatching(line);
      expect(found).toContainEqual(pattern);
    }
  });
});

describe('a playbook as it is read', () => {
  async function read(text: string) {
    const folder = testFolder();
    await writeFiles(folder, { 'playbook.yaml': text });
    const found = await readPlaybook(
      join(folder, 'playbook.yaml'),
      new Map([['sample', sample]]),
      nobody,
    );
    return { plays: found.playbook.plays, errors: found.errors };
  }

  test('has in every play what it leaves unsaid', async () => {
    const { plays } = await read('- hosts: workers\n  tasks:\n    - sample:\n');
    expect(plays).toMatchObject([{ name: 'workers', needs: undefined, vars: {}, rolling: {} }]);
    expect(plays[0]?.tasks).toMatchObject([{ args: {}, when: [], tags: [], retries: 0 }]);
    expect(plays[0]?.tasks[0]).not.toHaveProperty('loop');
  });

  test('gives each task the tags of its play before its own, however they are written', async () => {
    const { plays } = await read(
      '- hosts: a\n  tags: "x, y"\n  tasks:\n    - { sample: {}, tags: [z] }\n    - sample: {}\n',
    );
    expect(plays[0]?.tasks.map(({ tags }) => tags)).toEqual([
      ['x', 'y', 'z'],
      ['x', 'y'],
    ]);
  });

  test('knows where its conditions and the name of each module stand', async () => {
    const { plays } = await read(
      '- hosts: a\n  tasks:\n    - name: n\n      sample: {}\n      when:\n        - b\n        - true\n',
    );
    const [task] = plays[0]?.tasks ?? [];
    expect(task?.place).toMatchObject({ line: 4, column: 7 });
    expect(task?.when.map(({ place: { line, column } }) => [line, column])).toEqual([
      [6, 11],
      [7, 11],
    ]);
  });

  test('keeps what can be read beside what is wrong', async () => {
    const { plays, errors } = await read(
      '- hosts: a\n  tasks:\n    - simple: {}\n    - sample: { n: 2 }\n- 5\n- hosts: b\n',
    );
    expect(errors.map(({ code }) => code)).toEqual(['unknown-key', 'wrong-type']);
    expect(plays.map(({ hosts }) => hosts)).toEqual(['a', 'b']);
    expect(plays[0]?.tasks.map(({ args }) => args)).toEqual([{ n: 2 }]);
  });

  test('has no play where there is no such file, and says so once', async () => {
    const file = join(testFolder(), 'none.yaml');
    const { playbook, errors } = await readPlaybook(file, new Map(), nobody);
    expect(playbook.plays).toEqual([]);
    expect(errors).toEqual([expect.objectContaining({ code: 'no-file' })]);
  });
});
