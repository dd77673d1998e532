import { describe, expect, test } from 'vitest';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const INVENTORY = `
all: { vars: { first: 1, sizes: [1, '50%'], share: '25%', half: 1.5, fatal: true } }
workers: { hosts: { "w[1:5]": } }
`;

/** A play over five hosts with these keys. */
const playbook = (keys: string): string =>
  `- hosts: workers\n  ${keys}\n  tasks: [{ sample: { text: x } }]\n`;

describe('how a play goes over its hosts', () => {
  test.each([
    ['serial: "2"', ['w1 w2', 'w3 w4', 'w5']],
    ['serial: 0', ['w1 w2 w3 w4 w5']],
    ['serial: []', ['w1 w2 w3 w4 w5']],
    ['serial: "{{ sizes }}"', ['w1', 'w2 w3', 'w4 w5']],
    ['serial: ["{{ first }}", 3]', ['w1', 'w2 w3 w4', 'w5']],
    ['serial: "{{ optional nothing }}"', ['w1 w2 w3 w4 w5']],
    ['serial: "{{ own }}"\n  vars: { own: 4 }', ['w1 w2 w3 w4', 'w5']],
  ])('%j gives the batches %j', async (keys, wanted) => {
    const { plays } = await labOf(INVENTORY, playbook(keys));
    expect(plays[0]?.batches.map((batch) => batch.join(' '))).toEqual(wanted);
  });

  test.each([
    ['serial: 1', 100, false],
    ['max_fail_percentage: 0', 0, false],
    ["max_fail_percentage: '30%'", 30, false],
    ['max_fail_percentage: "{{ share }}"\n  any_errors_fatal: "{{ fatal }}"', 25, true],
    ['any_errors_fatal: true', 100, true],
  ])('%j allows %d per cent of failures, and is fatal: %s', async (keys, share, fatal) => {
    const { plays } = await labOf(INVENTORY, playbook(keys));
    expect(plays).toMatchObject([{ maxFailPercentage: share, anyErrorsFatal: fatal }]);
  });

  test.each([
    [
      'serial: "{{ half }}"',
      "2:65 wrong-type play 'workers'.serial must be a whole number, not the number 1.5 | a number of hosts; 0: all that are left",
    ],
    [
      'serial: "{{ fisrt }}"',
      "2:15 unknown-name 'fisrt' is not defined here | did you mean 'first'?",
    ],
    [
      'serial: [1, "{{ fatal }}"]',
      /^2:77 wrong-type play 'workers'\.serial\[1\] must be a whole number or text/,
    ],
    [
      'any_errors_fatal: "{{ first }}"',
      /^2:23 wrong-type play 'workers'\.any_errors_fatal must be true or false/,
    ],
  ])('%j is a mistake', async (keys, wanted) => {
    const found = linesOf(await mistakesOf(() => labOf(INVENTORY, playbook(keys))));
    expect(found).toEqual([typeof wanted === 'string' ? wanted : expect.stringMatching(wanted)]);
  });
});
