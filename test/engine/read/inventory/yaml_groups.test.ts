import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { inventoryOf, linesOf, mistakesOf, treeOf } from '../../../support/lab_files.ts';

/** What is wrong with an inventory, one line each. */
async function mistakes(text: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => inventoryOf(text)));
}

describe('groups and hosts', () => {
  test('are read in all the shapes that Ansible takes', async () => {
    const { hosts, groups, warnings } = await inventoryOf(`
all:
  hosts:
    mail.example.com:
    1234: {}
  children:
    the-rest:
      hosts: lonely
    nothing:
    empty: { hosts: , vars: }
    east: { children: { prod: } }
prod:
  hosts:
    www[01:03].lab: { x: 1 }
    www[01:03:2].lab: { x: 2 }
prod2: { children: { prod: } }
ungrouped: {}
`);
    expect(warnings).toEqual([]);
    expect([...hosts.keys()]).toEqual([
      'mail.example.com',
      '1234',
      'lonely',
      'www01.lab',
      'www02.lab',
      'www03.lab',
    ]);
    expect([...hosts.values()].map(({ vars }) => vars.x)).toEqual([
      undefined,
      undefined,
      undefined,
      2,
      1,
      2,
    ]);
    expect(hosts.get('www01.lab')?.groups).toEqual(['all', 'east', 'prod2', 'prod']);
    expect(groups.get('all')?.children).toEqual([
      'ungrouped',
      'the-rest',
      'nothing',
      'empty',
      'east',
      'prod2',
    ]);
    expect(groups.get('east')).toEqual({
      name: 'east',
      hosts: ['www01.lab', 'www02.lab', 'www03.lab'],
      children: ['prod'],
      direct: [],
    });
    expect(groups.get('ungrouped')?.hosts).toEqual(['mail.example.com', '1234']);
  });

  test('that stand in several places are joined', async () => {
    const { hosts, groups } = await inventoryOf(`
a: { hosts: { h1: { x: 1, y: 1 } }, vars: { v: 1, w: 1 } }
b: { hosts: { h1: { y: 2 } }, children: { a: { hosts: { h2: }, vars: { w: 2 } } } }
`);
    expect(groups.get('a')?.hosts).toEqual(['h1', 'h2']);
    expect(hosts.get('h1')?.vars).toEqual({ x: 1, y: 2, v: 1, w: 2 });
  });

  test('that a range makes share their place and their variables', () => {
    const { hosts } = treeOf('w:\n  hosts:\n    w[1:2]: { x: 1 }\n');
    expect([...hosts.values()]).toMatchObject([
      { name: 'w1', place: { line: 3 }, vars: [{ x: 1 }] },
      { name: 'w2', place: { line: 3 }, vars: [{ x: 1 }] },
    ]);
  });

  test('are none of the secrets, which may be left empty', () => {
    const { groups, secrets } = treeOf('secrets: { a: { env: A } }\nw:\n');
    expect([...groups.keys()]).toEqual(['all', 'ungrouped', 'w']);
    expect(secrets).toEqual({ a: { env: 'A' } });
    expect(placeOf(secrets, 'a')).toMatchObject({ line: 1, column: 15 });
    const problems = noProblems();
    expect(treeOf('secrets:\nw:\n', problems).secrets).toEqual({});
    expect(problems.errors).toEqual([]);
  });

  test('are kept as far as they are right, beside all that is wrong', () => {
    const problems = noProblems();
    const { groups, hosts } = treeOf(
      'a:\n  host: {}\n  hosts: { "x y": , h: 5 }\nb: { hosts: { i: }, vars: 5 }\n',
      problems,
    );
    expect(problems.errors.map(({ code, place }) => [code, place?.line])).toEqual([
      ['unknown-key', 2],
      ['bad-name', 3],
      ['wrong-type', 3],
      ['wrong-type', 4],
    ]);
    expect([...groups.keys()]).toEqual(['all', 'ungrouped', 'a', 'b']);
    expect([...hosts.keys()]).toEqual(['h', 'i']);
  });
});

describe('no tree of groups', () => {
  test.each([
    ['', /^1:1 not-an-inventory .*inventory\.yaml is empty \| start with a group/],
    ['# nothing\n', /^1:1 not-an-inventory .* is empty/],
    [
      '- hosts: all\n',
      /^1:1 not-an-inventory an inventory must be a map of groups, but this file is a list \| a file that starts with "- " is a playbook/,
    ],
    ['worker01\n', /^1:1 not-an-inventory .*is the text "worker01"/],
    [
      'hosts:\n  - one:\n      - w1: {ip: 192.0.2.1}\n',
      /^1:1 unknown-key 'hosts' is at the top level.* \| put it below a group, as a map: .*, not a list$/,
    ],
    ['vars: { user: admin }\n', /^1:1 unknown-key 'vars' is at the top level/],
    [
      'masters:\n  - name: m1\nboards:\n  - name: b1\n',
      /^1:1 not-an-inventory .* none of its keys has hosts, vars or children/,
    ],
    [
      'plugin: aws_ec2\n',
      /^1:1 not-an-inventory this is the configuration of an Ansible inventory plugin/,
    ],
    [
      'workers:\n  host:\n    w1:\n',
      "2:3 unknown-key the group 'workers' has no key 'host' | did you mean 'hosts'?",
    ],
    [
      'all:\n  foo: {}\n',
      "2:3 unknown-key the group 'all' has no key 'foo' | a variable goes below 'vars:', a host below 'hosts:'",
    ],
    [
      'all:\n  workers:\n    hosts: { w1: }\n',
      "2:3 unknown-key the group 'all' has no key 'workers' | a group inside 'all' goes below 'children:'",
    ],
    [
      'workers:\n  hosts:\n    - w1\n',
      "3:5 wrong-type 'hosts' of the group 'workers' must be a map, not a list | write each host as a key: NAME: { address: … }",
    ],
    [
      'workers:\n  hosts:\n    w1: 192.0.2.1\n',
      '3:5 wrong-type the host \'w1\' must be a map, not the text "192.0.2.1" | write w1: { address: 192.0.2.1 }',
    ],
    [
      'workers:\n  children: [a]\n',
      "2:13 wrong-type 'children' of the group 'workers' must be a map, not a list | write each child group as a key: NAME:",
    ],
    [
      'workers:\n  vars: [a]\n',
      "2:9 wrong-type 'vars' of the group 'workers' must be a map, not a list",
    ],
    ['workers: w1\n', /^1:10 wrong-type the group 'workers' must be a map, not the text "w1"/],
    [
      'all: { children: { secrets: { hosts: { w1: } } } }\n',
      "1:20 bad-name a group cannot be called 'secrets'",
    ],
    [
      '"w[1:2]": { hosts: { w1: } }\n',
      "1:1 bad-name a group's name cannot contain a range: 'w[1:2]'",
    ],
    [
      '"a b": { hosts: { w1: } }\n',
      "1:1 bad-name 'a b' is not a valid group name | use letters, digits, '-', '_' and '.': a-b",
    ],
    [
      'workers: { hosts: { "a b": } }\n',
      "1:21 bad-name 'a b' is not a valid host name | use letters, digits, '-', '_' and '.': a-b",
    ],
    [
      'a: { children: { b: } }\nb: { children: { c: } }\nc: { children: { a: } }\n',
      '1:1 group-cycle these groups contain each other: a -> b -> c -> a',
    ],
    [
      'a: { children: { all: } }\n',
      "1:18 group-cycle 'all' cannot be a child: every group is in it already",
    ],
    ['workers:\n  hosts:\n    w[3:1]:\n', '3:5 bad-range [3:1] starts after its end | write [1:3]'],
    [
      'a: { children: { ungrouped: } }\n',
      "1:18 group-cycle 'ungrouped' cannot be a child: its hosts are in no other group",
    ],
    [
      'a: { hosts: { x: } }\n_meta: { hostvars: {} }\n',
      /^2:1 not-an-inventory this is what a program prints that Ansible runs/,
    ],
    ['secrets: [a]\nw:\n', "1:10 wrong-type 'secrets' must be a map, not a list"],
  ])('%j', async (text, wanted) => {
    expect(await mistakes(text)).toEqual([
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    ]);
  });
});
