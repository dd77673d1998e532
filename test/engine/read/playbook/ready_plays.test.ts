import { describe, expect, test } from 'vitest';
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

describe('a play that cannot be made ready', () => {
  test.each([
    [
      '- hosts: wrokers\n',
      "1:10 unknown-host no host or group is called 'wrokers' | did you mean 'workers'?",
    ],
    [
      '- { hosts: all, needs: databse }\n',
      "1:3 unknown-host no host or group is called 'databse' | did you mean 'database'?",
    ],
    ['- hosts: db\n  tasks:\n    - sample:\n', "3:7 missing-key sample needs 'text' (host db)"],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: lava.layuot == "x"\n',
      "4:13 unknown-name 'lava' has no 'layuot' (host db) | did you mean 'layout'?",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      loop: "{{ lava }}"\n',
      "4:13 wrong-type 'loop' must be a list, not a map (host db)",
    ],
    [
      '- hosts: workers\n  tasks:\n    - sample: { text: "{{ nothing }}" }\n',
      "3:27 unknown-name 'nothing' is not defined here (host w1 and 4 more hosts)",
    ],
    [
      '- hosts: workers\n  tasks:\n    - sample: { text: x, count: "{{ bad }}" }\n',
      '2:62 wrong-type sample.count must be a whole number, not the text "many" (host w1 and 4 more hosts)',
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: !secret none }\n',
      "3:31 unknown-secret there is no secret 'none' | define it: secrets: { none: { file: … } }",
    ],
  ])('%j', async (playbook, wanted) => {
    expect(await mistakes(playbook)).toEqual([wanted]);
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
      '- no-host --limit w1:&w2 matches no host | lava-play inventory --graph shows all names',
    ]);
  });

  test('warn of a play that has no host', async () => {
    const { warnings } = await labOf(INVENTORY, '- { name: m, hosts: master }\n');
    expect(linesOf(warnings)).toEqual([
      "1:21 no-host no host matches 'master': the play 'm' does nothing",
    ]);
  });

  test('are none for a group that many labs do without, while it is empty', async () => {
    const playbook = '- hosts: proxy\n- hosts: workers\n';
    const without = await labOf(INVENTORY, playbook);
    expect(without.plays.map(({ name }) => name)).toEqual(['workers']);
    expect(without.warnings).toEqual([]);
    const { plays } = await labOf(`${INVENTORY}proxy: { hosts: { p: } }\n`, playbook);
    expect(plays.map(({ name }) => name)).toEqual(['proxy', 'workers']);
  });

  test('warn with the name of the group that is nearly the one they want', async () => {
    const { warnings } = await labOf('workerz: { hosts: { w1: } }\n', '- hosts: workers\n');
    expect(linesOf(warnings)).toEqual([
      "1:10 no-host no host matches 'workers': the play 'workers' does nothing | did you mean the group 'workerz' of the inventory?",
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
});
