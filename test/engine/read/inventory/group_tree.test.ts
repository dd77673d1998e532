import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import {
  addHost,
  addSecrets,
  finishTree,
  groupNode,
  plantTree,
} from '../../../../engine/read/inventory/group_tree.ts';
import { inventoryOf, treeOf } from '../../../support/lab_files.ts';

const place = { file: 'x', line: 1, column: 1, length: 1, text: '' };

describe('the group ungrouped', () => {
  const hosts = (text: string) => [...(treeOf(text).groups.get('ungrouped')?.hosts ?? [])];

  test('is there in every inventory', () => {
    expect(hosts('w: { hosts: { a: } }\n')).toEqual([]);
  });

  test('has the hosts of no other group, whatever the file says of it', () => {
    const others = 'all: { hosts: { a: , b: } }\nw: { hosts: { b: } }\n';
    expect(hosts(others)).toEqual(['a']);
    expect(hosts(`${others}ungrouped: {}\n`)).toEqual(['a']);
    expect(hosts(`${others}ungrouped: { hosts: { b: , c: } }\n`)).toEqual(['c', 'a']);
  });

  test('is a group of its hosts like any other', async () => {
    const { hosts: all } = await inventoryOf(
      'all: { hosts: { a: } }\nungrouped: { vars: { x: 1 } }\nw: { hosts: { b: } }\n',
    );
    expect(all.get('a')).toMatchObject({ groups: ['all', 'ungrouped'], vars: { x: 1 } });
    expect(all.get('b')).toMatchObject({ groups: ['all', 'w'], vars: {} });
  });
});

describe('a tree', () => {
  test('joins what several sources say, in their order', () => {
    const tree = plantTree(place);
    for (const x of [1, 2]) {
      addHost(groupNode('w', place, tree), { name: 'h', place, vars: { x } }, tree);
      addSecrets({ a: { env: `A${x}` } }, tree);
    }
    const { groups, hosts, secrets } = finishTree(tree);
    expect([...groups.keys()]).toEqual(['all', 'ungrouped', 'w']);
    expect(hosts.get('h')?.vars).toEqual([{ x: 1 }, { x: 2 }]);
    expect(secrets).toEqual({ a: { env: 'A2' } });
  });

  test('has no group whose name is none', () => {
    const problems = noProblems();
    groupNode('a b', place, plantTree(place, problems));
    expect(problems.errors).toMatchObject([{ code: 'bad-name', place }]);
  });
});
