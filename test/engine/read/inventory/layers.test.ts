import { describe, expect, test } from 'vitest';
import { groupsByHost, mergedVariables } from '../../../../engine/read/inventory/layers.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { field } from '../../../../engine/values/values.ts';
import { inventoryOf, treeOf } from '../../../support/lab_files.ts';

const noFiles = { inventory: [], playbook: undefined };

/** The groups of a host by name, from weak to strong. */
function groupsOf(host: string, text: string): readonly string[] | undefined {
  return groupsByHost(treeOf(text))
    .get(host)
    ?.map(({ name }) => name);
}

describe('the groups of a host', () => {
  test('begin with all, hold every ancestor once, and go from weak to strong', () => {
    const text = `
b: { children: { inner: } }
a: { children: { inner: } }
inner: { hosts: { h: } }
other: { hosts: { i: } }
`;
    expect(groupsOf('h', text)).toEqual(['all', 'a', 'b', 'inner']);
  });

  test('are only all and ungrouped for a host that is in no other', () => {
    expect(groupsOf('h', 'all: { hosts: { h: } }\nw: { hosts: { i: } }\n')).toEqual([
      'all',
      'ungrouped',
    ]);
  });

  test.each([
    ['{ ansible_group_priority: 2 }', ['all', 'b', 'a']],
    ['{ ansible_group_priority: 1 }', ['all', 'a', 'b']],
    ['{ ansible_group_priority: 0 }', ['all', 'a', 'b']],
    ['{ ansible_group_priority: high }', ['all', 'a', 'b']],
    ['{ ansible_group_priority: }', ['all', 'a', 'b']],
  ])('with the variables %s in the first go in this order: %j', (vars, wanted) => {
    expect(groupsOf('h', `a: { vars: ${vars}, hosts: { h: } }\nb: { hosts: { h: } }\n`)).toEqual(
      wanted,
    );
  });

  test('that contain each other are found all the same', () => {
    const text = 'a: { children: { b: } }\nb: { children: { a: }, hosts: { h: } }\n';
    expect(groupsOf('h', text)?.toSorted()).toEqual(['a', 'all', 'b']);
  });
});

describe('variables', () => {
  test('of a child are stronger than those of its parent, and those of the host are strongest', async () => {
    const { hosts } = await inventoryOf(`
all: { vars: { a: all, b: all, c: all, d: all } }
outer: { vars: { b: outer, c: outer, d: outer }, children: { inner: } }
inner: { vars: { c: inner, d: inner }, hosts: { h: { d: host } } }
`);
    expect(hosts.get('h')?.vars).toEqual({ a: 'all', b: 'outer', c: 'inner', d: 'host' });
  });

  test('of groups at the same depth go by priority, then by name', async () => {
    const groups = (priority: string) => `
a: { vars: { x: a, y: a${priority} }, hosts: { h: } }
b: { vars: { x: b, y: b }, hosts: { h: } }
`;
    expect((await inventoryOf(groups(''))).hosts.get('h')?.vars).toEqual({ x: 'b', y: 'b' });
    const { hosts } = await inventoryOf(groups(', ansible_group_priority: 10'));
    expect(hosts.get('h')?.vars).toEqual({ x: 'a', y: 'a' });
  });

  test('of a group go by its longest way from all', async () => {
    const { hosts } = await inventoryOf(`
z: { vars: { x: z }, children: { m: { children: { a: } } } }
a: { vars: { x: a }, hosts: { h: } }
b: { vars: { x: b }, hosts: { h: } }
`);
    expect(hosts.get('h')?.vars.x).toBe('a');
  });

  test('replace each other, but lava is merged key by key', async () => {
    const { hosts } = await inventoryOf(`
all: { vars: { m: { x: 1, y: 1 }, lava: { instance: lab, heartbeat: { timeout: 300 } } } }
odd: { hosts: { h: { m: { y: 2 }, lava: { heartbeat: { timeout: 60 } } } } }
`);
    const host = hosts.get('h');
    expect(host?.vars).toEqual({
      m: { y: 2 },
      lava: { instance: 'lab', heartbeat: { timeout: 60 } },
    });
    expect(placeOf(host?.vars.lava, 'instance')).toMatchObject({ line: 2 });
    const heartbeat = field(host?.vars.lava, 'heartbeat');
    expect(placeOf(heartbeat, 'timeout')).toMatchObject({ line: 3 });
  });

  test('of a connection go by the strongest layer, whichever name it uses', async () => {
    const { hosts } = await inventoryOf(`
all: { vars: { ansible_user: weak, port: 22 } }
w: { hosts: { h: { user: strong, ansible_port: 2222 } } }
`);
    expect(hosts.get('h')?.connection).toMatchObject({ user: 'strong', port: 2222 });
    expect(hosts.get('h')?.vars).toEqual({ user: 'strong', ansible_port: 2222 });
  });

  test('lose the priority of a group, which is none of theirs', () => {
    const tree = treeOf('a: { vars: { ansible_group_priority: 5, x: 1 }, hosts: { h: } }\n');
    const groups = groupsByHost(tree).get('h') ?? [];
    expect(mergedVariables('h', groups, tree, noFiles, [])).toEqual({ x: 1 });
  });

  test('replace the weaker one under any of its other names', () => {
    const tree = treeOf(`
all: { vars: { ansible_ssh_host: weak, ansible_host: weak } }
w: { hosts: { h: { address: strong } } }
`);
    const groups = groupsByHost(tree).get('h') ?? [];
    expect(mergedVariables('h', groups, tree, noFiles, [])).toEqual({ address: 'strong' });
  });
});
