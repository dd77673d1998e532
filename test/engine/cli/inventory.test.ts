import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { lavaPlay } from '../../support/program.ts';
import { type TempFolder, tempFolder } from '../../support/temp_folder.ts';
import { OF_FILE, OF_VALUE } from '../../support/vaulted.ts';

/*
 * The tests are named after the rows of what people expect of a playbook engine's inventories.
 */

const indented = OF_VALUE.replaceAll('\n', '\n        ');
const FILES: Readonly<Record<string, string>> = {
  'lab.yaml': `
workers:
  children: { near: { hosts: { "w[01:03]": } }, far: { hosts: { far1: } } }
  vars: { site: lab }
near: { vars: { site: near } }
`,
  'group_vars/near.yml': 'rack: 1\n',
  'host_vars/w02/own.yml': 'rack: 2\n',
  hosts: '[ini]\nold1:2222 ansible_user=admin weight=5\n',
  inv: '#!/bin/sh\necho \'{"cloud": ["c1"], "_meta": {"hostvars": {"c1": {"zone": "b"}}}}\'\n',
  'vault/vaulted.yaml': `
w:
  hosts:
    v1:
      ansible_password: !vault |
        ${indented}
      lava_secret_name: "{{ vault_password }}"
`,
  'vault/group_vars/w.yml': OF_FILE,
  pw: 'correct horse\n',
  wrong: 'incorrect\n',
  'play.yaml': '- hosts: all\n  tasks: [{ note: {} }]\n',
  'note.mjs': `
import { defineModule } from 'lava-play/module';
export default defineModule({
  name: 'note', summary: 'notes', example: '{}',
  schema: { type: 'object', additionalProperties: false, properties: {} },
  desired: () => [],
});
`,
};

let folder: TempFolder;
beforeAll(async () => {
  folder = await tempFolder();
  for (const [name, text] of Object.entries(FILES)) {
    const file = join(folder.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, text.startsWith('#!') ? 0o755 : 0o600);
  }
  return () => folder.remove();
});

async function run(...args: readonly string[]) {
  return lavaPlay(args, { cwd: folder.path });
}

async function hosts(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { code, stdout, stderr } = await run('inventory', ...args);
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  return JSON.parse(stdout)._meta.hostvars;
}

test('YAML inventory, nested groups', async () => {
  const { stdout } = await run('inventory', 'lab.yaml', '--graph');
  expect(stdout).toBe(`@all:
|--@ungrouped:
|--@workers:
|  |--@near:
|  |  |--w01
|  |  |--w02
|  |  |--w03
|  |--@far:
|  |  |--far1
`);
});

test('Group and host variables, precedence', async () => {
  expect(await hosts('-i', 'lab.yaml')).toMatchObject({
    w01: { site: 'near', rack: 1 },
    w02: { site: 'near', rack: 2 },
    far1: { site: 'lab' },
  });
});

test('Host ranges `[01:20]`, step, letters', async () => {
  expect(Object.keys(await hosts('-i', 'w[01:03:2],r[a:b]:2200,'))).toEqual([
    'w01',
    'w03',
    'ra',
    'rb',
  ]);
});

test('Patterns: `&`, `!`, `:`, globs, `@file`, and `--limit`', async () => {
  const playing = ['--playbook', 'play.yaml', '--modules', '.', '--limit'];
  for (const limit of ['near[0]', 'near[1:]:!w03', '~w0[12]', 'workers:&far', 'w0?,!w01']) {
    const { code, stderr } = await run('validate', 'lab.yaml', ...playing, limit);
    expect([limit, code, stderr]).toEqual([limit, 0, '']);
  }
  const { code, stderr } = await run('validate', 'lab.yaml', ...playing, 'w0[12]');
  expect([code, stderr]).toEqual([2, expect.stringContaining('hint: write w01,w02')]);
});

test('Dynamic inventory / plugins', async () => {
  const all = await hosts('lab.yaml', '-i', 'hosts', '-i', 'inv', '-i', 'l1,l2,');
  expect(Object.keys(all)).toEqual(['w01', 'w02', 'w03', 'far1', 'old1', 'c1', 'l1', 'l2']);
  expect(all).toMatchObject({
    old1: { ansible_port: 2222, ansible_user: 'admin', weight: 5 },
    c1: { zone: 'b' },
  });
});

describe('Inventory dump / graph / list-hosts', () => {
  test('--host shows the variables of one host', async () => {
    const { code, stdout } = await run('inventory', '-i', 'hosts', '--host', 'old1');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ansible_port: 2222, weight: 5 });
  });

  test.each([
    [['--host', 'old2'], "the inventory has no host 'old2'\n  hint: did you mean 'old1'?"],
    [['--host', 'old1', '--graph'], '--graph and --host exclude each other'],
  ])('%j is refused', async (args, wanted) => {
    const { code, stderr } = await run('inventory', '-i', 'hosts', ...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(wanted)]);
  });
});

describe('Secrets at rest', () => {
  const inventory = ['inventory', 'vault/vaulted.yaml'];

  test('are opened with a password, and shown nowhere', async () => {
    const { code, stdout, stderr } = await run(...inventory, '--vault-password-file', 'pw');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)._meta.hostvars.v1).toMatchObject({
      port: 2222,
      vault_password: '********',
      lava_secret_name: '********',
    });
    expect(stdout).not.toContain('hunter22');
  });

  test('are opened for a vault id, and by the variable of the environment', async () => {
    expect((await run(...inventory, '--vault-id', 'dev@pw')).code).toBe(0);
    const env = { ANSIBLE_VAULT_PASSWORD_FILE: 'pw' };
    expect((await lavaPlay(inventory, { cwd: folder.path, env })).code).toBe(0);
  });

  test.each([
    [
      [],
      /group_vars\/w\.yml:1:1: error: this file is encrypted with Ansible Vault.*\n {2}hint: --vault-password-file FILE, --vault-id LABEL@SOURCE or --ask-vault-pass\n$/,
    ],
    [
      ['--vault-password-file', 'wrong'],
      /w\.yml:1:1: error: the vault password is not the one of this file\n {2}hint: tried: wrong\n$/,
    ],
    [['--ask-vault-pass'], /the vault password must be entered at a terminal, but there is none/],
  ])('are closed with %j', async (args, wanted) => {
    const { code, stdout, stderr } = await run(...inventory, ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(wanted);
  });

  test('inline are opened only where they are used', async () => {
    writeFileSync(
      join(folder.path, 'inline.yaml'),
      `all:\n  hosts:\n    here:\n      connection: local\n      become: false\n      pin: !vault |\n        ${indented}\n`,
    );
    const playing = ['inline.yaml', '--playbook', 'play.yaml', '--modules', '.'];
    expect(await run('validate', ...playing)).toMatchObject({ code: 0 });
    const closed = await run('plan', ...playing);
    expect([closed.code, closed.stderr]).toEqual([
      2,
      expect.stringMatching(/inline\.yaml:6:19: error: this value is encrypted with Ansible Vault/),
    ]);
    const opened = await run('plan', ...playing, '--vault-password-file', 'pw');
    expect([opened.code, opened.stderr]).toEqual([0, '']);
  });
});
