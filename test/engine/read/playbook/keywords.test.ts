import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { ansibleHints, playSchema, taskSchema } from '../../../../engine/read/playbook/keywords.ts';
import { check } from '../../../../engine/read/schema/schema_check.ts';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const INVENTORY = 'database: { hosts: { db: } }\n';

/** Mistakes in a playbook, one line each. */
async function mistakes(playbook: string) {
  return linesOf(await mistakesOf(() => labOf(INVENTORY, playbook)));
}

describe('a keyword with a value that it cannot have', () => {
  test.each([
    [
      '- { hosts: all, serial: -1 }\n',
      '1:25 out-of-range play 1.serial must be at least 0, not -1 | a number of hosts; 0: all that are left',
    ],
    [
      '- { hosts: all, serial: "120%" }\n',
      '1:25 not-allowed play 1.serial cannot be the text "120%" | a share of the hosts such as \'25%\'',
    ],
    [
      '- { hosts: all, max_fail_percentage: 101 }\n',
      '1:38 out-of-range play 1.max_fail_percentage must be at most 100, not 101 | the largest share of a batch that may fail, in per cent',
    ],
    [
      '- { hosts: all, vars: [a] }\n',
      '1:23 wrong-type play 1.vars must be a map, not a list | Variables of the play.',
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      when: [true, 5]\n',
      /^4:20 wrong-type task 1 of play 1\.when\[1\] must be true or false or text, not the number 5/,
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      retries: many\n',
      /^4:16 wrong-type task 1 of play 1\.retries must be a whole number/,
    ],
  ])('%j', async (playbook, wanted) => {
    expect(await mistakes(playbook)).toEqual([
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    ]);
  });
});

describe('a word of Ansible that means nothing here has a hint', () => {
  test.each([
    [
      '- hosts: all\n  roles: [x]\n',
      "2:3 unknown-key play 1 has no key 'roles' | put the tasks in the play",
    ],
    [
      '- hosts: all\n  gather_facts: false\n',
      "2:3 unknown-key play 1 has no key 'gather_facts' | modules query the facts that they need",
    ],
    [
      '- hosts: all\n  handlers: []\n',
      "2:3 unknown-key play 1 has no key 'handlers' | modules restart what they change themselves",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      notify: restart\n',
      "4:7 unknown-key task 1 of play 1: 'notify' is neither a module nor a keyword | modules restart what they change themselves",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      become: true\n',
      /^4:7 unknown-key .*'become'.* \| every task runs as root/,
    ],
    [
      '- hosts: db\n  tasks:\n    - ansible.builtin.debug: { msg: x }\n',
      /^3:7 unknown-key .* \| lava-play inventory --list shows the variables/,
    ],
  ])('%j', async (playbook, wanted) => {
    expect(await mistakes(playbook)).toEqual([
      typeof wanted === 'string' ? expect.stringContaining(wanted) : expect.stringMatching(wanted),
    ]);
  });

  test('and is no keyword', () => {
    const keywords = [playSchema, taskSchema].flatMap(({ properties }) => Object.keys(properties));
    expect(keywords.filter((word) => Object.hasOwn(ansibleHints, word))).toEqual([]);
  });
});

describe('the bounds', () => {
  test.each([
    ['serial', 1, true],
    ['serial', 0, true],
    ['serial', -1, false],
    ['serial', 1.5, false],
    ['serial', '1%', true],
    ['serial', '100%', true],
    ['serial', '0%', true],
    ['serial', '101%', false],
    ['serial', '5', true],
    ['serial', '1.5', false],
    ['serial', '-5', false],
    ['serial', [1, '50%'], true],
    ['serial', [1, 0], true],
    ['serial', [1, -1], false],
    ['serial', [], true],
    ['max_fail_percentage', 0, true],
    ['max_fail_percentage', 100, true],
    ['max_fail_percentage', -1, false],
    ['max_fail_percentage', '30', true],
    ['max_fail_percentage', '30%', true],
    ['max_fail_percentage', '130%', false],
    ['any_errors_fatal', true, true],
    ['any_errors_fatal', 'true', false],
    ['needs', '', false],
  ])('of a play: %s %j is accepted: %s', (key, value, accepted) => {
    const play = { hosts: 'all', [key]: value };
    const { diagnostics } = check(playSchema as unknown as Schema, play, 'play');
    expect(diagnostics.length === 0).toBe(accepted);
  });

  test.each([
    ['retries', 0, true],
    ['retries', -1, false],
    ['delay', 0.5, true],
    ['delay', -1, false],
    ['when', false, true],
    ['when', [true, 'a'], true],
    ['when', '', false],
    ['loop', [], true],
    ['loop', {}, false],
    ['tags', 'a', true],
    ['tags', ['a', ''], false],
    ['become_user', '', false],
  ])('of a task: %s %j is accepted: %s', (key, value, accepted) => {
    const { diagnostics } = check(taskSchema as unknown as Schema, { [key]: value }, 'task');
    expect(diagnostics.length === 0).toBe(accepted);
  });
});
