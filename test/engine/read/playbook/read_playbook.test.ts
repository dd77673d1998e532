import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlaybook } from '../../../../engine/read/playbook/read_playbook.ts';
import { labOf, linesOf, mistakesOf, nobody, sample } from '../../../support/lab_files.ts';
import { playbookOf } from '../../../support/playbook_files.ts';
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

describe('a playbook of several files', () => {
  test('has the plays of those that it imports, with what is said of them', async () => {
    const { plays, tasks, errors } = await playbookOf({
      'playbook.yaml': [
        '- import_playbook: sub/one.yml',
        '  when: a',
        '  tags: t',
        '  vars: { v: said, f: two }',
        '- hosts: last',
        '',
      ].join('\n'),
      'sub/one.yml':
        '- { hosts: first, vars: { v: own, w: own }, roles: [r] }\n- ansible.builtin.import_playbook: "{{ f }}.yml"\n  when: b\n',
      'sub/roles/r/tasks/main.yml': '- { sample: {}, when: c }\n',
      'sub/two.yml': '- { hosts: second, tasks: [{ sample: {} }] }\n',
    });
    expect(errors).toEqual([]);
    expect(plays.map(({ hosts }) => hosts)).toEqual(['first', 'second', 'last']);
    expect(plays.map(({ vars }) => vars)).toEqual([
      { v: 'said', w: 'own', f: 'two' },
      { v: 'said', f: 'two' },
      {},
    ]);
    const found = tasks.map(({ when, tags }) => [
      when.map(({ condition: { text } }) => text),
      tags,
    ]);
    expect(found).toEqual([
      [['a', 'c'], ['t']],
      [['a', 'b'], ['t']],
    ]);
  });

  test.each([
    ['import_playbook: none.yml', 'playbook.yaml:1:20 no-file there is no playbook none.yml'],
    ['import_playbook: playbook.yaml', '1:20 import-cycle playbook.yaml imports itself'],
    ['import_playbook: "{{ x }}"', '| a playbook is named without variables of a host'],
    ['{ import_playbook: a.yml, hosts: all }', "1:29 unknown-key play 1 has no key 'hosts'"],
    ['{ import_playbook: a.yml, when: a = b }', 'bad-condition'],
  ])('that cannot be: %s', async (entry, wanted) => {
    const { errors } = await playbookOf({ 'playbook.yaml': `- ${entry}\n`, 'a.yml': '[]' });
    expect(errors).toEqual([expect.stringContaining(wanted)]);
  });

  test('tells all mistakes of all files', async () => {
    const { errors } = await playbookOf({
      'playbook.yaml': '- hosts: all\n  rolse: []\n  tasks: [{ import_tasks: a.yml }]\n',
      'a.yml': '- sampel: {}\n- import_role: { name: r }\n',
      'roles/r/tasks/main.yml': '- { sample: {}, notify: none }\n',
    });
    expect(errors.map((line) => line.split(' ')[0])).toEqual([
      'playbook.yaml:2:3',
      'a.yml:1:3',
      'roles/r/tasks/main.yml:1:25',
    ]);
  });
});

describe('a playbook in one file and the same one split into imports and roles', () => {
  interface Group {
    readonly as: 'block' | 'import_tasks' | 'include_tasks' | 'import_role' | 'include_role';
    readonly when: string | undefined;
    readonly tags: readonly string[];
    readonly items: readonly (Group | string)[];
  }
  const word = fc.constantFrom('a', 'b', 'c');
  const { group } = fc.letrec<{ group: Group; item: Group | string }>((tie) => ({
    item: fc.oneof({ maxDepth: 3, withCrossShrink: true }, word, tie('group')),
    group: fc.record({
      as: fc.constantFrom('block', 'import_tasks', 'include_tasks', 'import_role', 'include_role'),
      when: fc.option(word, { nil: undefined }),
      tags: fc.array(word, { maxLength: 2 }),
      items: fc.array(tie('item'), { maxLength: 3 }),
    }),
  }));

  /** The entries of a list of tasks as JSON, which is YAML; files that they take go to `files`. */
  function entries(
    items: readonly (Group | string)[],
    files: Record<string, string> | undefined,
    count: { n: number },
  ): string {
    const rendered = items.map((item) => {
      if (typeof item === 'string') return { sample: { text: item } };
      count.n += 1;
      const name = `g${count.n}`;
      const inner = entries(item.items, files, count);
      const keywords = {
        ...(item.when !== undefined && { when: item.when }),
        tags: item.tags,
        vars: { [name]: 1 },
      };
      if (!files || item.as === 'block') return { block: JSON.parse(inner), ...keywords };
      if (item.as.endsWith('role')) {
        files[`roles/${name}/tasks/main.yml`] = inner;
        return { [item.as]: { name }, ...keywords };
      }
      files[`parts/${name}.yml`] = inner;
      return { [item.as]: `parts/${name}.yml`, ...keywords };
    });
    return JSON.stringify(rendered);
  }

  async function meant(items: readonly Group[], files: Record<string, string> | undefined) {
    const tasks = entries(items, files, { n: 0 });
    const read = await playbookOf({
      ...files,
      'playbook.yaml': `[{ "hosts": "all", "tasks": ${tasks} }]`,
    });
    expect(read.errors).toEqual([]);
    return read.tasks.map((task) => {
      const { role_name: _name, role_path: _path, ...vars } = Object.assign({}, ...task.vars);
      const { place: _place, folders: _folders, role: _role, when, ...others } = task;
      return { ...others, vars, when: when.map(({ condition }) => condition.text) };
    });
  }

  test('mean the same tasks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(group, { maxLength: 3 }), async (items) => {
        expect(await meant(items, {})).toEqual(await meant(items, undefined));
      }),
      { numRuns: 60 },
    );
  });
});
