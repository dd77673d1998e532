import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../../engine/contract/transport.ts';
import { inventoryOf, linesOf, nobody } from '../../../support/lab_files.ts';

const agent = { ...nobody, sshAgent: '/run/agent' };

async function connectionOf(vars: string, env = nobody): Promise<Connection> {
  const { hosts } = await inventoryOf(`w: { hosts: { h: ${vars} } }\n`, env);
  const connection = hosts.get('h')?.connection;
  if (!connection) throw new Error('no connection');
  return connection;
}

describe('a connection', () => {
  test('without any setting is like that of ssh, with sudo', async () => {
    expect(await connectionOf('', agent)).toEqual({
      kind: 'ssh',
      name: 'h',
      address: 'h',
      port: 22,
      user: 'tester',
      identityFiles: [],
      agent: '/run/agent',
      knownHostsFiles: ['/home/tester/.ssh/known_hosts', '/etc/ssh/ssh_known_hosts'],
      become: 'sudo',
      connectTimeout: 10,
      commandTimeout: 600,
      probeTimeout: 120,
      scriptTimeout: 7200,
    });
  });

  test('takes our names and those of Ansible', async () => {
    const short = await connectionOf(
      '{ address: a, port: 2222, user: u, password: secret1, identity_file: /k, passphrase: secret2, become_password: secret3, connect_timeout: 5, command_timeout: 60, become: false, agent: false }',
      agent,
    );
    const long = await connectionOf(
      '{ ansible_host: a, ansible_port: "2222", ansible_user: u, ansible_ssh_pass: secret1, ansible_ssh_private_key_file: /k, passphrase: secret2, ansible_become_pass: secret3, ansible_timeout: 5, ansible_command_timeout: 60, ansible_become: no, agent: no }',
      agent,
    );
    expect(long).toEqual(short);
    expect(short).toMatchObject({
      address: 'a',
      port: 2222,
      user: 'u',
      password: 'secret1',
      identityFiles: ['/k'],
      passphrase: 'secret2',
      becomePassword: 'secret3',
      connectTimeout: 5,
      commandTimeout: 60,
      probeTimeout: 120,
      scriptTimeout: 7200,
      become: 'no',
    });
    expect(short.agent).toBeUndefined();
  });

  test.each([
    ['{ user: root }', { kind: 'ssh', user: 'root', become: 'no' }],
    ['{ connection: local, user: other }', { kind: 'local', user: 'tester', become: 'sudo' }],
    ['{ ansible_connection: smart }', { kind: 'ssh' }],
    ['{ ansible_connection: paramiko }', { kind: 'ssh' }],
    ['{ ansible_become: yes }', { become: 'sudo' }],
    ['{ identity_file: [~/.ssh/a, /b] }', { identityFiles: ['/home/tester/.ssh/a', '/b'] }],
    ['{ known_hosts_file: ~/kh }', { knownHostsFiles: ['/home/tester/kh'] }],
    [
      '{ host_key: "SHA256:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq" }',
      { hostKey: expect.stringContaining('SHA256') },
    ],
  ])('%s', async (vars, wanted) => {
    expect(await connectionOf(vars)).toMatchObject(wanted);
  });

  test('has paths relative to the inventory', async () => {
    const { file, hosts } = await inventoryOf('w: { hosts: { h: { identity_file: keys/id } } }\n');
    expect(hosts.get('h')?.connection.identityFiles).toEqual([
      file.replace('inventory.yaml', 'keys/id'),
    ]);
  });
});

describe('a jump host', () => {
  test('of the inventory is used with its own settings and its own jump host', async () => {
    const { hosts } = await inventoryOf(`
w: { hosts: { h: { jump: inner }, inner: { address: 10.0.0.1, user: i, jump: outer }, outer: { port: 2222, password: outerpw } } }
`);
    expect(hosts.get('h')?.connection.jump).toMatchObject({
      name: 'inner',
      address: '10.0.0.1',
      user: 'i',
      jump: { name: 'outer', port: 2222, password: 'outerpw' },
    });
  });

  test('from elsewhere is reached with the keys of the host, and without its passwords', async () => {
    const { jump } = await connectionOf(
      '{ user: u, identity_file: /k, password: secret1, become_password: secret2, host_key: "SHA256:qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", jump: gw@gate.example:2200 }',
    );
    expect(jump).toMatchObject({
      address: 'gate.example',
      user: 'gw',
      port: 2200,
      identityFiles: ['/k'],
      become: 'no',
    });
    expect(jump).not.toHaveProperty('password');
    expect(jump).not.toHaveProperty('hostKey');
  });

  test.each([
    ['{ jump: "a@x,b@y:2200" }', ['y', 'x']],
    ['{ jump: none }', []],
    ['{ ansible_ssh_common_args: "-J a@x" }', ['x']],
    ['{ connection: local, jump: x }', []],
  ])('%s', async (vars, wanted) => {
    const way: string[] = [];
    for (let at = (await connectionOf(vars)).jump; at; at = at.jump) way.push(at.address);
    expect(way).toEqual(wanted);
  });

  test('that is nearly a host of the inventory is worth a warning', async () => {
    const { warnings } = await inventoryOf('w: { hosts: { h: { jump: bastoin }, bastion: } }\n');
    expect(linesOf(warnings)).toEqual([
      "1:26 unknown-host the jump host 'bastoin' is not in the inventory: it is taken as a network name | did you mean 'bastion'?",
    ]);
  });
});

describe('worth a warning', () => {
  test('are two names for one address, unless the way there differs', async () => {
    const same = await inventoryOf('w: { hosts: { a: { address: x }, b: { address: x } } }\n');
    expect(linesOf(same.warnings)).toEqual([
      "1:34 shared-address 'b' has the same address as 'a': x",
    ]);
    const other = await inventoryOf(
      'w: { hosts: { a: { address: x }, b: { address: x, port: 23 }, c: { address: x, jump: j }, d: { address: x, jump: k } } }\n',
    );
    expect(other.warnings).toEqual([]);
  });
});
