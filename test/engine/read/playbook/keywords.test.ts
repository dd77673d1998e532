import { describe, expect, test } from 'vitest';
import type { Schema } from '../../../../engine/contract/schema.ts';
import { ansibleHints, playSchema } from '../../../../engine/read/playbook/keywords.ts';
import {
  blockSchema,
  includeSchema,
  taskSchema,
} from '../../../../engine/read/playbook/task_keywords.ts';
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
    ['- { hosts: all, strategy: free }\n', "1:17 unknown-key play 1 has no key 'strategy' | hosts"],
    ['- { hosts: all, remote_user: x }\n', "play 1 has no key 'remote_user' | set user: for"],
    ['- { hosts: all, force_handlers: true }\n', '| handlers of a host that failed stay pending'],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      async: 5\n',
      "4:7 unknown-key task 1 of play 1: 'async' is neither a module nor a keyword | a task runs until",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      with_fileglob: "*"\n',
      "'with_fileglob' is neither a module nor a keyword | name the files in loop:",
    ],
    [
      '- hosts: db\n  tasks:\n    - sample: { text: x }\n      with_lines: ls\n',
      "| 'with_lines' is not supported: write the items in 'loop'",
    ],
    ['- hosts: db\n  tasks:\n    - include: x.yml\n', '| write import_tasks for a file of tasks'],
  ])('%j', async (playbook, wanted) => {
    expect(await mistakes(playbook)).toEqual([expect.stringContaining(wanted)]);
  });

  test('and is no keyword', () => {
    const keywords = [playSchema, taskSchema, blockSchema, includeSchema].flatMap(
      ({ properties }) => Object.keys(properties),
    );
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
});
