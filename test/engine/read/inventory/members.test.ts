import { describe, expect, test } from 'vitest';
import { groupsByHost } from '../../../../engine/read/inventory/layers.ts';
import { collectGroups } from '../../../../engine/read/inventory/members.ts';
import { withRetired } from '../../../../lab/inventory/groups.ts';
import { inventoryOf, treeOf } from '../../../support/lab_files.ts';

const tree = treeOf(`
outer: { hosts: { z: }, children: { inner: } }
inner: { hosts: { a: } }
workers: { hosts: { a: , w: } }
`);

describe('the groups of an inventory', () => {
  test('hold the hosts below them too, in the order of the file', () => {
    const groups = collectGroups(tree, groupsByHost(tree));
    expect([...groups.values()].map(({ name, hosts }) => [name, hosts])).toEqual([
      ['all', ['z', 'a', 'w']],
      ['ungrouped', []],
      ['outer', ['z', 'a']],
      ['inner', ['a']],
      ['workers', ['a', 'w']],
    ]);
  });

  test('are children of all only where they are in no other', () => {
    const groups = collectGroups(tree, groupsByHost(tree));
    expect(groups.get('all')?.children).toEqual(['ungrouped', 'outer', 'workers']);
    expect(groups.get('outer')?.children).toEqual(['inner']);
  });

  test('know the hosts that they name themselves', () => {
    const groups = collectGroups(tree, groupsByHost(tree));
    expect([...groups.values()].map(({ name, direct }) => [name, direct])).toEqual([
      ['all', []],
      ['ungrouped', []],
      ['outer', ['z']],
      ['inner', ['a']],
      ['workers', ['a', 'w']],
    ]);
  });

  test('go by what each host counts as, also in a group that the file does not have', () => {
    const groups = collectGroups(tree, withRetired('w', groupsByHost(tree)));
    expect(groups.get('retired')).toEqual({
      name: 'retired',
      hosts: ['w'],
      children: [],
      direct: ['w'],
    });
    expect(groups.get('workers')).toMatchObject({ hosts: ['a'], direct: ['a'] });
    expect(groups.get('all')?.hosts).toEqual(['z', 'a', 'w']);
  });
});

describe('the view that modules have', () => {
  test('names every host with its address in the lab, and every group with its hosts', async () => {
    const { lab } = await inventoryOf(`
database: { hosts: { db: { address: 192.0.2.11 } } }
workers: { hosts: { w1: { address: 10.0.0.1, lab_address: 192.0.2.21 }, w2: } }
`);
    expect(lab.groups).toEqual({
      all: ['db', 'w1', 'w2'],
      ungrouped: [],
      database: ['db'],
      workers: ['w1', 'w2'],
    });
    expect(Object.values(lab.hosts).map(({ address }) => address)).toEqual([
      '192.0.2.11',
      '192.0.2.21',
      'w2',
    ]);
  });
});
