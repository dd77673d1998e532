import { describe, expect, test } from 'vitest';
import { inventoryOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

describe('a variable', () => {
  test('of no use to the engine may hold what it cannot fill in', async () => {
    const { hosts, warnings } = await inventoryOf(`
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: "{{ansible_playbook_python}}"
      format: "{{.Names}} {{ x | y }}"
`);
    expect(hosts.get('localhost')?.vars.format).toBe('{{.Names}} {{ x | y }}');
    expect(linesOf(warnings)).toEqual([
      expect.stringMatching(/^7:\d+ bad-template 'format' is left as it is: .*\(host localhost\)/),
    ]);
  });

  test('with a meaning must be filled in, and is held against its schema then', async () => {
    const text = (value: string) => `
all: { vars: { n: 5 } }
w: { hosts: { h: { lab_address: ${value} } } }
`;
    expect(linesOf(await mistakesOf(() => inventoryOf(text('"{{ m }}"'))))).toEqual([
      expect.stringMatching(/^3:\d+ unknown-name 'm' is not defined here \(host h\)/),
    ]);
    expect(linesOf(await mistakesOf(() => inventoryOf(text('"{{ n }}"'))))).toEqual([
      expect.stringMatching(/wrong-type lab_address must be text, not the number 5 \(host h\)/),
    ]);
  });

  test('with a meaning may be left empty', async () => {
    const { hosts } = await inventoryOf('w: { hosts: { h: { lab_address: } } }\n');
    expect(hosts.get('h')?.vars).toMatchObject({ lab_address: null });
  });
});

describe('options for ssh', () => {
  test('that have no effect are worth a warning', async () => {
    const { warnings } = await inventoryOf(
      `w: { hosts: { h: { ansible_ssh_common_args: '-o StrictHostKeyChecking=no -C -o ProxyCommand="nc x 22"' } } }\n`,
    );
    expect(linesOf(warnings)).toEqual([
      '1:45 unused-option these options for ssh have no effect here: -o StrictHostKeyChecking=no, -C, -o ProxyCommand=nc x 22 (host h) | name the host to go through: jump: user@host:port',
    ]);
  });

  test.each([
    ['ansible_ssh_extra_args: -J extra', 'extra'],
    ['ansible_ssh_extra_args: -J extra, ansible_ssh_common_args: -J common', 'common'],
    ['ansible_ssh_extra_args: -J extra, ansible_ssh_common_args: -J common, jump: own', 'own'],
  ])('name a jump host where no stronger one stands: %s', async (vars, jump) => {
    const { hosts } = await inventoryOf(`w: { hosts: { h: { ${vars} } } }\n`);
    expect(hosts.get('h')?.connection.jump?.address).toBe(jump);
  });
});
