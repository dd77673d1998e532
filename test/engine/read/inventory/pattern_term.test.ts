import { describe, expect, test } from 'vitest';
import { hostsOfTerm } from '../../../../engine/read/inventory/pattern_term.ts';
import { inventoryOf } from '../../../support/lab_files.ts';

const lab = await inventoryOf(`
workers: { hosts: { "web[01:03]": , w9: }, children: { far: { hosts: { w8: , web02: } } } }
far:
master: { hosts: { master: } }
twin: { hosts: { w8: } }
ungrouped: { hosts: { twin: , alone: } }
`);

describe('a term', () => {
  test.each([
    ['workers[0]', ['web01']],
    ['workers[-1]', ['w8']],
    ['workers[1:2]', ['web02', 'web03']],
    ['workers[3:]', ['w9', 'w8']],
    ['workers[2:99]', ['web03', 'w9', 'w8']],
    ['web*[0]', ['web01']],
    ['web0[!12]', ['web03']],
    ['web0[ab]', 'unknown-host'],
    ['~web0[12]', ['web01', 'web02']],
    ['~(far|alone)$', ['w8', 'web02', 'alone']],
    ['~w', ['web01', 'web02', 'web03', 'w9', 'w8', 'web01', 'web02', 'web03', 'w9', 'w8']],
    ['ungrouped', ['twin', 'alone']],
    ['master', ['master', 'master']],
    ['database', []],
    ['database[0]', []],
  ])('%s', (term, wanted) => {
    const found = hostsOfTerm(term, lab);
    expect('code' in found ? found.code : found).toEqual(wanted);
  });

  test.each([
    [
      'workers[5]',
      "no-host 'workers[5]' picks no host: 'workers' has 5 hosts, counted from 0",
      'the last one is workers[-1]',
    ],
    [
      'workers[-6]',
      "no-host 'workers[-6]' picks no host: 'workers' has 5 hosts, counted from 0",
      'the last one is workers[-1]',
    ],
    [
      'workers[7:9]',
      "no-host 'workers[7:9]' picks no host: 'workers' has 5 hosts, counted from 0",
      'the last one is workers[-1]',
    ],
    [
      'workers[1-3]',
      "bad-pattern 'workers[1-3]' is not a pattern",
      "write workers[1:3] for hosts 1 to 3 of 'workers'",
    ],
    [
      'web0[12]',
      "unknown-host 'web0[12]' is the host number 12 of 'web0', which is not there",
      'write web01,web02',
    ],
    [
      '~(a',
      "bad-pattern '~(a' is not a regular expression that JavaScript knows",
      'a glob is simpler: worker*',
    ],
    [
      '~a\\Z',
      "bad-pattern '~a\\Z' is not a regular expression that JavaScript knows",
      'a glob is simpler: worker*',
    ],
    ['twin', "same-name 'twin' is a host and a group", 'rename one of them'],
    [
      'localhost',
      "unknown-host no host or group is called 'localhost'",
      'here it must be in the inventory: localhost: { connection: local }',
    ],
    [
      'alone:22',
      "unknown-host no host or group is called 'alone:22'",
      'a pattern has no ports: write alone, or several names with commas',
    ],
    ['x*', "unknown-host nothing matches 'x*'", 'lava-play inventory --graph shows all names'],
  ])('%s is refused', (term, wanted, hint) => {
    const found = hostsOfTerm(term, lab);
    expect('code' in found && [`${found.code} ${found.message}`, found.hint]).toEqual([
      wanted,
      hint,
    ]);
  });
});
