import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInventory } from '../../../../engine/read/inventory/read_inventory.ts';
import { placeholderSecrets } from '../../../../engine/read/secrets/secrets.ts';
import { lavaLab } from '../../../../lab/field.ts';
import { inventoryOf, mistakesOf, nobody } from '../../../support/lab_files.ts';
import { testFolder } from '../../../support/temp_folder.ts';
import { OF_FILE, OF_VALUE, vaultWith } from '../../../support/vaulted.ts';
import { writeFiles } from '../../../support/write_files.ts';

test('passwords in clear are warned of once a file, and known to be secret', async () => {
  const { warnings, sensitive } = await inventoryOf({
    'inventory.yaml': 'w: { hosts: { h: { password: hunter22, become_password: hunter33 } } }\n',
    'group_vars/all.yaml': 'lava: { admin: { token: tokentoken } }\nmy_api_secret: topsecret\n',
  });
  expect(warnings.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
    ['clear-password', 1, 30],
    ['clear-password', 1, 25],
  ]);
  expect(sensitive).toEqual(['hunter22', 'hunter33', 'tokentoken', 'topsecret']);
});

test('a broken inventory is reported whole: every mistake of the file and of the folders beside it', async () => {
  const found = await mistakesOf(() =>
    inventoryOf({
      'inventory.yaml':
        'workers:\n  host: {}\n  hosts:\n    w1: { port: 0, lava: { db: { prot: 1 } } }\n',
      'host_vars/w1.yaml': 'lab_address: [1]\nboards: {}\n',
      'group_vars/workers/a.yml': 'x: 010\n',
    }),
  );
  const places = found.map(
    ({ code, place }) => `${place?.file.split('/').at(-1)}:${place?.line} ${code}`,
  );
  expect(places.sort()).toEqual([
    'a.yml:1 lost-number',
    'inventory.yaml:2 unknown-key',
    'inventory.yaml:4 out-of-range',
    'inventory.yaml:4 unknown-key',
    'w1.yaml:1 wrong-type',
    'w1.yaml:2 wrong-type',
  ]);
});

test('nothing of a vaulted file is shown, and all of it is masked', async () => {
  const folder = testFolder();
  await writeFiles(folder, {
    'inventory.yaml': 'w: { hosts: { h: { ansible_password: "{{ vault_password }}" } } }\n',
    'group_vars/w.yml': OF_FILE,
  });
  const options = {
    secrets: placeholderSecrets,
    env: nobody,
    extension: lavaLab,
    vault: vaultWith('correct horse'),
  };
  const { inventory, problems } = await readInventory([join(folder, 'inventory.yaml')], options);
  expect(problems.errors).toEqual([]);
  expect(problems.warnings).toEqual([]);
  expect(inventory?.hosts.get('h')?.connection).toMatchObject({
    port: 2222,
    password: 'file-secret-1',
  });
  expect(inventory?.sensitive).toContain('file-secret-1');
  const closed = await readInventory([join(folder, 'inventory.yaml')], {
    ...options,
    vault: vaultWith('wrong'),
  });
  expect(closed.problems.errors[0]).toMatchObject({
    code: 'wrong-vault-password',
    place: { file: join(folder, 'group_vars/w.yml') },
  });
});

test('an inline value of a vault is a secret of the inventory', async () => {
  const vaulted = OF_VALUE.replaceAll('\n', '\n      ');
  const { usedSecrets, hosts } = await inventoryOf(
    `w:\n  hosts: { h: }\n  vars:\n    password: !vault |\n      ${vaulted}\n`,
  );
  const [[name, definition] = []] = usedSecrets;
  expect(definition).toMatchObject({ source: { vault: expect.stringContaining(';1.1;') } });
  expect(hosts.get('h')?.connection.password).toBe(placeholderSecrets(name ?? ''));
});

test('paths start where the file stands that names them', async () => {
  const folder = testFolder();
  await writeFiles(folder, {
    'a/hosts': '[w]\nh ansible_ssh_private_key_file=key\ni\n',
    'b/i.yaml': 'w: { hosts: { j: } }\n',
    'b/group_vars/w/deep/x.yml': 'known_hosts_file: known\n',
  });
  const { inventory } = await readInventory([join(folder, 'a/hosts'), join(folder, 'b/i.yaml')], {
    secrets: placeholderSecrets,
    env: nobody,
    extension: lavaLab,
  });
  expect(inventory?.file).toBe(`${folder}/a/hosts, ${folder}/b/i.yaml`);
  expect(inventory?.hosts.get('h')?.connection).toMatchObject({
    identityFiles: [join(folder, 'a/key')],
    knownHostsFiles: [join(folder, 'b/known')],
  });
});
