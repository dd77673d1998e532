import { describe, expect, test } from 'vitest';
import { fillKey } from '../../../../engine/read/expression/variables.ts';
import { groupsByHost } from '../../../../engine/read/inventory/layers.ts';
import { collectGroups } from '../../../../engine/read/inventory/members.ts';
import { hostScopes } from '../../../../engine/read/inventory/scopes.ts';
import type { Fields } from '../../../../engine/values/values.ts';
import { inventoryOf, treeOf } from '../../../support/lab_files.ts';

/** One value as it is seen on the host, with two hosts in a group. */
function seenOn(host: string, key: string, vars: Readonly<Record<string, Fields>>): unknown {
  const tree = treeOf('outer: { children: { workers: } }\nworkers: { hosts: { w1.lab: , w2: } }\n');
  const names = groupsByHost(tree);
  const merged = new Map(['w1.lab', 'w2'].map((name) => [name, vars[name] ?? {}]));
  const scopes = hostScopes(merged, names, collectGroups(tree, names), (name) => `<${name}>`);
  return fillKey(scopes.get(host) ?? {}, key).value;
}

describe('variables', () => {
  test('may name each other and the lab, and keep their types', async () => {
    const { hosts } = await inventoryOf(`
all:
  vars:
    domain: lab.example
    fqdn: "{{ inventory_hostname }}.{{ domain }}"
    peers: "{{ groups.workers }}"
    first: "{{ hostvars.w1.number }}"
    mine: "{{ group_names }}"
workers: { hosts: { w1: { number: 5, address: "{{ fqdn }}" }, w2: } }
`);
    expect(hosts.get('w2')?.vars).toMatchObject({
      fqdn: 'w2.lab.example',
      peers: ['w1', 'w2'],
      first: 5,
      mine: ['workers'],
    });
    expect(hosts.get('w1')?.connection.address).toBe('w1.lab.example');
  });
});

describe('the scope of a host', () => {
  test.each([
    ['inventory_hostname', 'w1.lab'],
    ['inventory_hostname_short', 'w1'],
    ['group_names', ['outer', 'workers']],
    [
      'groups',
      { all: ['w1.lab', 'w2'], ungrouped: [], outer: ['w1.lab', 'w2'], workers: ['w1.lab', 'w2'] },
    ],
  ])('has %s, which a variable of that name does not replace', (key, wanted) => {
    expect(seenOn('w1.lab', key, {})).toEqual(wanted);
    expect(seenOn('w1.lab', key, { 'w1.lab': { [key]: 'own' } })).toEqual(wanted);
  });

  test('has the variables of other hosts as they are filled in there', () => {
    const vars = {
      'w1.lab': { theirs: '{{ hostvars.w2.me }}' },
      w2: { me: '{{ inventory_hostname }} of {{ place }}', place: 'lab' },
    };
    expect(seenOn('w1.lab', 'theirs', vars)).toBe('w2 of lab');
  });
});
