import { expect, test } from 'vitest';
import { inventoryOf, mistakesOf } from '../../../support/lab_files.ts';

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
