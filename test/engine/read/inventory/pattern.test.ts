import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Host } from '../../../../engine/contract/inventory.ts';
import { type Selectable, selectHosts } from '../../../../engine/read/inventory/pattern.ts';
import { lavaLab } from '../../../../lab/field.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';
import { tempFolder } from '../../../support/temp_folder.ts';
import { writeFiles } from '../../../support/write_files.ts';

const names = ['db', 'master', 'w1', 'w2', 'w3', 'other.lab'];
const members: Readonly<Record<string, readonly string[]>> = {
  all: names,
  database: ['db'],
  workers: ['w1', 'w2', 'w3'],
  odd: ['w1', 'w3'],
  'the-rest': ['other.lab'],
  ungrouped: ['master'],
};
const lab: Selectable = {
  roles: lavaLab.roles,
  hosts: new Map(names.map((name) => [name, { name } as Host])),
  groups: new Map(
    Object.entries(members).map(([name, hosts]) => [
      name,
      { name, hosts, children: [], direct: hosts },
    ]),
  ),
};

describe('host patterns', () => {
  test.each([
    ['w2', ['w2']],
    ['all', names],
    ['*', names],
    ['workers', ['w1', 'w2', 'w3']],
    ['w2,w1', ['w1', 'w2']],
    ['w2:database', ['db', 'w2']],
    ['workers:&odd', ['w1', 'w3']],
    ['workers:!odd', ['w2']],
    ['!w2:workers', ['w1', 'w3']],
    ['!workers', ['db', 'master', 'other.lab']],
    ['all,!workers,&database', ['db']],
    ['w?', ['w1', 'w2', 'w3']],
    ['~w[12]', ['w1', 'w2']],
    ['workers[0]:db', ['db', 'w1']],
    ['workers[1:]', ['w2', 'w3']],
    ['~w.*:!w2', ['w1', 'w3']],
    ['w[!12]', ['w3']],
    ['[!m]?', ['db', 'w1', 'w2', 'w3']],
    ['o*', ['w1', 'w3', 'other.lab']],
    ['the-rest', ['other.lab']],
    ['*.lab', ['other.lab']],
    ['ungrouped', ['master']],
  ])('%s', (pattern, wanted) => {
    expect(selectHosts(pattern, lab)).toEqual(wanted);
  });

  test.each([
    ['wrokers', "unknown-host no host or group is called 'wrokers' | did you mean 'workers'?"],
    ['w9', "unknown-host no host or group is called 'w9' | did you mean 'w1'?"],
    ['x*', "unknown-host nothing matches 'x*' | lava-play inventory --graph shows all names"],
    [
      'w1:22',
      "unknown-host no host or group is called 'w1:22' | a pattern has no ports: write w1, or several names with commas",
    ],
    [
      'w[12]',
      "unknown-host 'w[12]' is the host number 12 of 'w', which is not there | write w1,w2",
    ],
    [
      'nobody',
      "unknown-host no host or group is called 'nobody' | lava-play inventory --graph shows all names",
    ],
    ['', 'bad-pattern this host pattern is empty'],
    ['@/nowhere/hosts', 'no-file there is no file /nowhere/hosts'],
  ])('%s is refused', async (pattern, wanted) => {
    expect(linesOf(await mistakesOf(() => selectHosts(pattern, lab)))).toEqual([`- ${wanted}`]);
  });

  test('an absent group that playbooks name is simply empty', () => {
    const groups = new Map([...lab.groups].filter(([name]) => name !== 'workers'));
    expect(selectHosts('workers', { ...lab, groups })).toEqual([]);
  });

  test('a file gives one name a line', async () => {
    const folder = await tempFolder();
    try {
      await writeFiles(folder.path, { hosts: '# the broken ones\nw3\n\nw1  # again\n' });
      expect(selectHosts(`@${join(folder.path, 'hosts')}`, lab)).toEqual(['w1', 'w3']);
    } finally {
      await folder.remove();
    }
  });

  test('obey the algebra of sets, and keep the order of the inventory', () => {
    const name = fc.constantFrom(...names, ...Object.keys(members));
    const term = fc.tuple(fc.constantFrom('', '&', '!'), name);
    fc.assert(
      fc.property(fc.array(term, { minLength: 1, maxLength: 6 }), (terms) => {
        const hostsOf = (each: string): readonly string[] => members[each] ?? [each];
        const of = (sign: string) => terms.filter(([s]) => s === sign).map(([, n]) => hostsOf(n));
        const plain = of('').length > 0 ? of('').flat() : names;
        const wanted = names.filter(
          (host) =>
            plain.includes(host) &&
            of('&').every((set) => set.includes(host)) &&
            !of('!').some((set) => set.includes(host)),
        );
        expect(selectHosts(terms.map((parts) => parts.join('')).join(':'), lab)).toEqual(wanted);
      }),
    );
  });
});
