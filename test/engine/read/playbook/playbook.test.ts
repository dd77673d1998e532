import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../../engine/read/modules/load_modules.ts';
import { batchesOf } from '../../../../engine/read/playbook/batches.ts';
import { readPlaybook } from '../../../../engine/read/playbook/read_playbook.ts';
import { isChosen, tagsOf } from '../../../../engine/read/playbook/tags.ts';
import { modules } from '../../../../modules/index.ts';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const INVENTORY = `
all: { vars: { lava: { layout: debian }, ports: [1, 2], bad: many } }
database: { hosts: { db: } }
workers: { hosts: { "w[1:4]": , w5: { special: true } } }
`;

/** Mistakes in a playbook, one line each. */
async function mistakes(playbook: string, options: Parameters<typeof labOf>[2] = {}) {
  return linesOf(await mistakesOf(() => labOf(INVENTORY, playbook, options)));
}

describe('a broken playbook', () => {
  test.each([
    ['', /^1:1 not-a-playbook .* is empty \| begin with a play/],
    [
      'hosts: all\n',
      '1:1 not-a-playbook a playbook is a list of plays, and this file is a map | begin with a play: - hosts: workers',
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
      '- hosts: all\n  roles: [x]\n',
      "2:3 unknown-key play 1 has no key 'roles' | write the tasks into the play",
    ],
    [
      '- hosts: all\n  gather_facts: false\n',
      "2:3 unknown-key play 1 has no key 'gather_facts' | modules ask for the facts that they need",
    ],
    [
      '- hosts: all\n  handlers: []\n',
      "2:3 unknown-key play 1 has no key 'handlers' | modules restart what they change by themselves",
    ],
    [
      '- import_playbook: x.yaml\n',
      "1:3 unknown-key play 1 has no key 'import_playbook' | write the plays into one file",
      "1:3 missing-key play 1 needs 'hosts'",
    ],
    [
      '- hosts: wrokers\n',
      "1:10 unknown-host no host or group is called 'wrokers' | did you mean 'workers'?",
    ],
    [
      '- { hosts: all, needs: databse }\n',
      "1:3 unknown-host no host or group is called 'databse' | did you mean 'database'?",
    ],
    ['- { hosts: all, serial: 0 }\n', '1:25 out-of-range play 1.serial must be at least 1, not 0'],
    [
      '- { hosts: all, serial: "120%" }\n',
      '1:25 not-allowed play 1.serial cannot be the text "120%" | a share of the hosts such as \'25%\'',
    ],
    [
      '- { hosts: all, max_fail_percentage: 101 }\n',
      '1:38 out-of-range play 1.max_fail_percentage must be at most 100, not 101',
    ],
    ['- { hosts: all, vars: [a] }\n', '1:23 wrong-type play 1.vars must be a map, not a list'],
    [
      '- hosts: db\n  tasks:\n    - sample\n',
      '3:7 wrong-type task 1 of play 1 must be a map, not the text "sample" | write sample: {}',
    ],
    [
      '- hosts: db\n  tasks:\n    - name: x\n',
      '3:7 no-module task 1 of play 1 names no module | modules: sample, another',
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
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      notify: restart\n',
      "4:7 unknown-key task 1 of play 1: 'notify' is neither a module nor a keyword | modules restart what they change by themselves",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      become: true\n',
      /^4:7 unknown-key .*'become'.* \| every task runs as root/,
    ],
    [
      '- hosts: db\n  tasks:\n    - ansible.builtin.debug: { msg: x }\n',
      /^3:7 unknown-key .* \| lava-play inventory --list shows the variables/,
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      another: { text: x }\n',
      "4:7 two-modules task 1 of play 1 names two modules, 'sample' and 'another' | write two tasks",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: hello\n',
      '3:15 wrong-type the arguments of sample must be a map, not the text "hello"',
    ],
    ['- hosts: db\n  tasks:\n    - sample:\n', "3:7 missing-key sample needs 'text' (host db)"],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: lava.layuot == "x"\n',
      "4:13 unknown-name 'lava' has no 'layuot' (host db) | did you mean 'layout'?",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: a = b\n',
      "4:15 bad-condition a single '=' compares nothing | write '=='",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: [true, 5]\n',
      /^4:20 wrong-type task 1 of play 1\.when\[1\] must be true or false or text, not the number 5/,
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      loop: "{{ lava }}"\n',
      "4:13 wrong-type 'loop' must be a list, not a map (host db)",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      retries: many\n',
      /^4:16 wrong-type task 1 of play 1\.retries must be a whole number/,
    ],
    [
      '- hosts: workers\n  tasks:\n    - sample: { text: "{{ nothing }}" }\n',
      "3:27 unknown-name nothing is called 'nothing' here (host w1 and 4 more hosts)",
    ],
    [
      '- hosts: workers\n  tasks:\n    - sample: { text: x, count: "{{ bad }}" }\n',
      '2:62 wrong-type sample.count must be a whole number, not the text "many" (host w1 and 4 more hosts)',
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: !secret none }\n',
      "3:31 unknown-secret there is no secret 'none' | define it: secrets: { none: { file: … } }",
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

  test('is reported together with the inventory', async () => {
    const action = () =>
      labOf(
        'workers: { hosts: { w1: { port: 0 } } }\n',
        '- hosts: workers\n  rolse: []\n  tasks:\n    - sample: {}\n',
      );
    expect(linesOf(await mistakesOf(action))).toEqual([
      '1:33 out-of-range port must be at least 1, not 0 (host w1)',
      expect.stringMatching(/^2:3 unknown-key play 1 has no key 'rolse'/),
      "4:7 missing-key sample needs 'text' (host w1)",
    ]);
  });
});

describe('plays made ready', () => {
  test('have the arguments of each host, the play being stronger than the inventory', async () => {
    const { plays, warnings } = await labOf(
      INVENTORY,
      `
- name: first
  hosts: w1:w5
  needs: database
  max_fail_percentage: 20
  vars: { bad: good, who: "{{ inventory_hostname }}/{{ bad }}" }
  tasks:
    - name: greet {{ who }}
      sample: { text: "{{ who }}", count: "{{ ports.[1] }}", mode: "{{ optional mode }}" }
      retries: 2
      become_user: lava-{{ bad }}
`,
    );
    expect(warnings).toEqual([]);
    const [play] = plays;
    expect(play).toMatchObject({
      name: 'first',
      hosts: ['w1', 'w5'],
      batches: [['w1', 'w5']],
      needs: ['db'],
      maxFailPercentage: 20,
    });
    expect(play?.tasks.get('w5')).toEqual([
      expect.objectContaining({
        label: 'greet w5/good',
        args: { text: 'w5/good', count: 2 },
        retries: 2,
        becomeUser: 'lava-good',
      }),
    ]);
  });

  test('have a task for every item of a loop, told apart by its item', async () => {
    const { plays } = await labOf(
      INVENTORY,
      `
- hosts: db
  tasks:
    - sample: { text: "p{{ item }}" }
      loop: "{{ ports }}"
      when: item != 1
    - name: say {{ item.name }}
      another: { text: "{{ item.name }}" }
      loop: [{ name: a }, { name: "{{ lava.layout }}" }]
    - another: { text: x }
      loop: [{ name: b }]
`,
    );
    const tasks = plays[0]?.tasks.get('db') ?? [];
    expect(tasks.map(({ label, args }) => [label, (args as { text: string }).text])).toEqual([
      ['sample (2)', 'p2'],
      ['say a', 'a'],
      ['say debian', 'debian'],
      ['another (b)', 'x'],
    ]);
  });

  test('leave a task out where its conditions do not hold', async () => {
    const { plays } = await labOf(
      INVENTORY,
      `
- hosts: workers
  tasks:
    - sample: { text: a }
      when: special is defined and special
    - sample: { text: b }
      when: [true, 'inventory_hostname in ["w1"]']
    - sample: { text: c }
      when: false
`,
    );
    const texts = (host: string) =>
      plays[0]?.tasks.get(host)?.map(({ args }) => (args as { text: string }).text);
    expect([texts('w1'), texts('w2'), texts('w5')]).toEqual([['b'], [], ['a']]);
  });

  test('touch only the hosts of the limit, and know the tasks of all others', async () => {
    const { plays } = await labOf(
      INVENTORY,
      '- hosts: all\n  serial: 2\n  tasks: [{ sample: { text: x } }]\n',
      {
        limit: 'workers:!w2',
      },
    );
    expect(plays[0]?.batches).toEqual([
      ['w1', 'w3'],
      ['w4', 'w5'],
    ]);
    expect([...(plays[0]?.tasks.keys() ?? [])]).toEqual(['db', 'w1', 'w2', 'w3', 'w4', 'w5']);
  });

  test('refuse a limit that is misspelt or leaves nothing', async () => {
    expect(await mistakes('- hosts: all\n', { limit: 'wrokers' })).toEqual([
      "- unknown-host no host or group is called 'wrokers' | did you mean 'workers'?",
    ]);
    expect(await mistakes('- hosts: all\n', { limit: 'w1:&w2' })).toEqual([
      '- no-host --limit w1:&w2 leaves no host | lava-play inventory --graph shows all names',
    ]);
  });

  test('warn of a play that has no host', async () => {
    const { warnings } = await labOf(INVENTORY, '- { name: m, hosts: master }\n');
    expect(linesOf(warnings)).toEqual([
      "1:21 no-host no host is in 'master': the play 'm' does nothing",
    ]);
  });

  test('warn with the name of the group that is nearly the one they want', async () => {
    const { warnings } = await labOf('workerz: { hosts: { w1: } }\n', '- hosts: workers\n');
    expect(linesOf(warnings)).toEqual([
      "1:10 no-host no host is in 'workers': the play 'workers' does nothing | the inventory has a group 'workerz': is 'workers' meant?",
    ]);
  });

  test('have only the tasks whose tags are asked for', async () => {
    const playbook = `
- hosts: db
  tags: base
  tasks:
    - { name: a, sample: { text: x }, tags: [one] }
    - { name: b, sample: { text: x }, tags: "two, three" }
    - { name: c, sample: { text: x }, tags: always }
    - { name: d, sample: { text: x }, tags: [never, debug] }
`;
    const labels = async (options: Parameters<typeof labOf>[2]) => {
      const { plays } = await labOf(INVENTORY, playbook, options);
      return plays[0]?.tasks.get('db')?.map(({ label }) => label);
    };
    expect(await labels({})).toEqual(['a', 'b', 'c']);
    expect(await labels({ tags: ['one'] })).toEqual(['a', 'c']);
    expect(await labels({ tags: ['three', 'debug'] })).toEqual(['b', 'c', 'd']);
    expect(await labels({ tags: ['base'], skipTags: ['two', 'always'] })).toEqual(['a', 'd']);
    expect(await labels({ skipTags: ['base'] })).toEqual([]);
  });

  test('know which secrets they need, and mask passwords in clear', async () => {
    const { secrets, inventory, warnings } = await labOf(
      `
all: { vars: { p: !secret one } }
secrets: { one: { env: A }, two: { env: B }, three: { env: C } }
db: { hosts: { d: } }
`,
      '- hosts: db\n  vars: { api_token: hunter22 }\n  tasks: [{ sample: { text: !secret two } }]\n',
    );
    expect([...secrets.keys()]).toEqual(['one', 'two']);
    expect(inventory.sensitive).toEqual(['hunter22']);
    expect(linesOf(warnings)).toEqual([expect.stringMatching(/^2:\d+ clear-password 'api_token'/)]);
  });
});

describe('a run that no host has a part in', () => {
  const one = '- hosts: workers\n  tags: base\n  tasks: [{ sample: { text: x }, tags: one }]\n';
  const plays = `${one}- hosts: proxy\n  tasks: [{ sample: { text: x }, tags: [squid] }]\n`;
  const refusals = async (
    inventory: string,
    playbook: string,
    options: Parameters<typeof labOf>[2] = {},
  ) => {
    const action = () => labOf(inventory, playbook, { idle: 'refused', ...options });
    const lines = linesOf(await mistakesOf(action));
    return lines.map((line) => line.replaceAll(/\/\S*\/(\w+\.yaml)/g, '$1'));
  };

  test.each([
    [
      'worker: { hosts: { a: } }\n',
      plays,
      {},
      "- no-host no host of inventory.yaml is in a play of playbook.yaml: nothing would be done | the inventory has a group 'worker': is 'workers' meant?",
    ],
    [
      'web: { hosts: { a: } }\nmail: { hosts: { b: } }\n',
      plays,
      {},
      /nothing would be done \| the plays are for workers, proxy; the inventory has the groups web, mail$/,
    ],
    ['all: { hosts: { a: } }\n', plays, {}, /the inventory has no groups$/],
    ['all: { hosts: { a: } }\n', '[]\n', {}, '- no-host playbook.yaml has no play'],
    [
      INVENTORY,
      plays,
      { limit: 'db' },
      '- no-host --limit db leaves no host that a play is for | plays are for w1, w2, w3, w4, w5',
    ],
    [
      INVENTORY,
      plays,
      { tags: ['squid'] },
      '- no-task --tags squid leaves no task | such tasks are for proxy, and no host is left there',
    ],
    [
      INVENTORY,
      one,
      { tags: ['base'], skipTags: ['one'] },
      '- no-task --tags base --skip-tags one leaves no task | the tags are: base, one',
    ],
    [INVENTORY, one, { skipTags: ['all'] }, /^- no-task --skip-tags all leaves no task/],
    [INVENTORY, '- hosts: workers\n', {}, '- no-task playbook.yaml has no task'],
  ])('%j with %j and %j is refused', async (inventory, playbook, options, wanted) => {
    const found = await refusals(inventory, playbook, options);
    expect(found).toEqual([typeof wanted === 'string' ? wanted : expect.stringMatching(wanted)]);
    await labOf(inventory, playbook, options);
  });

  test('is one with any host, and with conditions that rule all tasks out, with a warning', async () => {
    const some = await labOf(INVENTORY, plays, { idle: 'refused', limit: 'w1' });
    expect(some.warnings).toEqual([]);
    const never = '- hosts: workers\n  tasks: [{ sample: { text: x }, when: false }]\n';
    const { warnings } = await labOf(INVENTORY, never, { idle: 'refused' });
    expect(linesOf(warnings)).toEqual([expect.stringMatching(/^- no-task nothing is to do/)]);
  });

  test.each([
    [
      { tags: ['nonsense'] },
      ["- unknown-tag --tags: no task has the tag 'nonsense' | the tags are: base, one, squid"],
    ],
    [
      { tags: ['one', 'squdi'], skipTags: ['bsae'] },
      [
        "- unknown-tag --tags: no task has the tag 'squdi' | did you mean 'squid'? the tags are: base, one, squid",
        "- unknown-tag --skip-tags: no task has the tag 'bsae' | did you mean 'base'? the tags are: base, one, squid",
      ],
    ],
  ])('%j: a tag that no task has is a mistake', async (options, wanted) => {
    expect(await mistakes(plays, options)).toEqual(wanted);
  });

  test('says so where no task has tags, and knows the words with a meaning of their own', async () => {
    const bare = '- hosts: workers\n  tasks: [{ sample: { text: x } }]\n';
    expect(await mistakes(bare, { tags: ['one'] })).toEqual([
      expect.stringMatching(/no task has the tag 'one' \| no task of \S+ has tags$/),
    ]);
    const tags = ['all', 'always', 'never', 'tagged', 'untagged'];
    await labOf(INVENTORY, bare, { tags, idle: 'refused' });
    await labOf(INVENTORY, plays, { skipTags: ['never', 'untagged'], idle: 'refused' });
  });
});

describe('the playbook of a lab', () => {
  test('has tags for every task, and its documentation says what each is for', async () => {
    const root = join(import.meta.dirname, '../../../..');
    const { playbook } = await readPlaybook(
      join(root, 'playbooks/lab.yaml'),
      await loadRegistry({ builtin: modules, dirs: [], sdk: {} }),
    );
    const untagged = playbook.plays.flatMap(({ tasks }) =>
      tasks.filter(({ tags }) => tags.length === 0),
    );
    expect(untagged).toEqual([]);
    const page = await readFile(join(root, 'docs/playbooks.md'), 'utf8');
    const told = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, tag]) => tag);
    expect(told.toSorted()).toEqual(tagsOf(playbook).toSorted());
  });
});

describe('tags', () => {
  test.each([
    [[], [], [], true],
    [['a'], ['tagged'], [], true],
    [[], ['tagged'], [], false],
    [[], ['untagged'], [], true],
    [['never'], ['all'], [], false],
    [['a'], ['all'], [], true],
    [['always'], ['b'], [], true],
    [['always'], [], ['all'], true],
    [['a'], [], ['tagged'], false],
  ] as const)('%j with --tags %j --skip-tags %j: %s', (own, tags, skipTags, wanted) => {
    expect(isChosen(own, { tags, skipTags })).toBe(wanted);
  });
});

describe('batches', () => {
  const ten = Array.from({ length: 10 }, (_, i) => `h${i}`);

  test.each([
    [[], [10]],
    [[3], [3, 3, 3, 1]],
    [['25%'], [2, 2, 2, 2, 2]],
    [['1%'], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]],
    [
      [1, 5, '100%'],
      [1, 5, 4],
    ],
    [[20], [10]],
  ])('%j', (serial, wanted) => {
    expect(batchesOf(ten, serial).map(({ length }) => length)).toEqual(wanted);
  });

  test('always hold every host once, in order', () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 100 }).map((n) => `${n}%`),
    );
    fc.assert(
      fc.property(fc.array(size, { maxLength: 4 }), fc.nat(30), (serial, count) => {
        const hosts = Array.from({ length: count }, (_, i) => `h${i}`);
        expect(batchesOf(hosts, serial).flat()).toEqual(hosts);
      }),
    );
  });
});
