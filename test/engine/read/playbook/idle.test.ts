import { describe, expect, test } from 'vitest';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const INVENTORY = `
database: { hosts: { db: } }
workers: { hosts: { "w[1:5]": } }
`;

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
      "- no-host no play of playbook.yaml is for a host of inventory.yaml: nothing to do | did you mean the group 'worker' of the inventory instead of 'workers'?",
    ],
    [
      'web: { hosts: { a: } }\nmail: { hosts: { b: } }\n',
      plays,
      {},
      /nothing to do \| the plays are for workers, proxy; the inventory has the groups web, mail$/,
    ],
    ['all: { hosts: { a: } }\n', plays, {}, /the inventory has no groups$/],
    ['all: { hosts: { a: } }\n', '[]\n', {}, '- no-host playbook.yaml has no play'],
    [
      INVENTORY,
      plays,
      { limit: 'db' },
      '- no-host --limit db matches no host of any play | plays are for w1, w2, w3, w4, w5',
    ],
    [
      INVENTORY,
      plays,
      { tags: ['squid'] },
      '- no-task --tags squid selects no task | matching tasks are for proxy, of which no host is left',
    ],
    [
      INVENTORY,
      one,
      { tags: ['base'], skipTags: ['one'] },
      '- no-task --tags base --skip-tags one selects no task | the tags are: base, one',
    ],
    [INVENTORY, one, { skipTags: ['all'] }, /^- no-task --skip-tags all selects no task/],
    [INVENTORY, '- hosts: workers\n', {}, '- no-task playbook.yaml has no task'],
    [
      INVENTORY,
      '- hosts: workers\n  pre_tasks: [{ sample: { text: x } }]\n  tasks: [{ sample: { text: x } }]\n  handlers: [{ name: h, sample: { text: x } }]\n',
      { tags: ['tagged'] },
      '- no-task --tags tagged selects no task | the tags are: ',
    ],
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
    expect(linesOf(warnings)).toEqual([expect.stringMatching(/^- no-task nothing to do/)]);
  });

  test('names ten of the hosts that plays are for, and no more', async () => {
    const hintOf = async (hosts: string) =>
      (
        await refusals(`workers: { hosts: { "${hosts}": } }\nrack: { hosts: { r: } }\n`, one, {
          limit: 'r',
        })
      )[0];
    expect(await hintOf('w[1:10]')).toMatch(/plays are for w1, .*, w9, w10$/);
    expect(await hintOf('w[1:11]')).toMatch(/plays are for w1, .*, w9, w10, …$/);
  });
});
