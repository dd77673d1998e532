import { describe, expect, test } from 'vitest';
import { noProblems } from '../../../../engine/contract/problems.ts';
import { readHostKey } from '../../../../engine/read/inventory/host_key.ts';
import { inventoryOf, linesOf, treeOf } from '../../../support/lab_files.ts';

test.each([
  ['w1', ['w1'], undefined],
  ['w1:2222', ['w1'], 2222],
  ['w[1:2]:2222', ['w1', 'w2'], 2222],
  ['w[1:9:4].lab', ['w1.lab', 'w5.lab', 'w9.lab'], undefined],
  ['2001:db8::1', ['2001:db8::1'], undefined],
  ['[2001:db8::1]:22', ['2001:db8::1'], 22],
  ['[2001:db8::[1:2]]:22', ['2001:db8::1', '2001:db8::2'], 22],
  ['[w1]:22', ['w1'], 22],
  ['192.0.2.[1:2]:22', ['192.0.2.1', '192.0.2.2'], 22],
  ['[a:b]x[1:2]:22', ['ax1', 'ax2', 'bx1', 'bx2'], 22],
])('%s', (key, names, port) => {
  expect(readHostKey(key)).toEqual({ names, port });
});

test.each([
  ['w1:', "bad-name a port is missing after the colon of 'w1:'"],
  ['w1:0', "out-of-range 'w1:0': a port is a number from 1 to 65535"],
  ['w1:65536', "out-of-range 'w1:65536': a port is a number from 1 to 65535"],
  ['[2001:db8::1]', "bad-name '[2001:db8::1]' has brackets, but no port behind them"],
  ['w[1:', "bad-range a square bracket is missing in 'w[1:'"],
  ['a b', "bad-name 'a b' is not a valid host name"],
])('%s is refused', (key, wanted) => {
  const found = readHostKey(key);
  expect('code' in found && `${found.code} ${found.message}`).toBe(wanted);
});

describe('the port of a key', () => {
  test('is the weakest variable of its host', async () => {
    const { hosts } = await inventoryOf(
      'w: { hosts: { "a:2200": , "b:2200": { port: 2201 }, "[2001:db8::1]:2202": } }\n',
    );
    expect([...hosts.values()].map(({ name, connection: { port } }) => [name, port])).toEqual([
      ['a', 2200],
      ['b', 2201],
      ['2001:db8::1', 2202],
    ]);
  });

  test('is refused for a host that stands without it above, where Ansible would not use it', () => {
    const problems = noProblems();
    treeOf('w: { hosts: { a: } }\nx: { hosts: { "a:2222": } }\n', problems);
    expect(linesOf(problems.errors)).toEqual([
      "2:15 contradiction 'a' stands without this port at inventory.yaml:1: Ansible would not use it | write the port there, or ansible_port: 2222 here",
    ]);
    const fine = noProblems();
    treeOf('w: { hosts: { "a:22": } }\nx: { hosts: { "a:22": , a: } }\n', fine);
    expect(fine.errors).toEqual([]);
  });
});
