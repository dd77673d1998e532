import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../engine/read/installed/package_root.ts';
import { loadLab } from '../../../engine/read/load.ts';
import { loadRegistry } from '../../../engine/read/modules/load_modules.ts';
import { placeholderSecrets } from '../../../engine/read/secrets/secrets.ts';
import { lavaLab } from '../../../lab/field.ts';
import { withRetired } from '../../../lab/inventory/groups.ts';
import { modules } from '../../../modules/index.ts';
import { inventoryOf, labOf, linesOf, mistakesOf, nobody } from '../../support/lab_files.ts';

describe('the files that come with the program', () => {
  test('make a lab without a warning', async () => {
    const { inventory, plays, warnings, secrets } = await loadLab({
      inventories: [join(packageRoot(), 'inventory.example.yaml')],
      playbookFile: join(packageRoot(), 'playbooks', 'lab.yaml'),
      modules: await loadRegistry({ builtin: modules, dirs: [], sdk: {} }),
      secrets: placeholderSecrets,
      env: nobody,
      extension: lavaLab,
    });
    expect(warnings).toEqual([]);
    expect([...inventory.hosts.keys()]).toEqual([
      'lava-proxy',
      'lava-db',
      'lava-master',
      'worker01',
      'worker02',
    ]);
    expect(plays.map(({ name, hosts }) => [name, hosts])).toEqual([
      ['proxy', ['lava-proxy']],
      ['database', ['lava-db']],
      ['keys of the workers', ['worker01', 'worker02']],
      ['master', ['lava-master']],
      ['ways to the lab', ['worker01', 'worker02']],
      ['workers', ['worker01', 'worker02']],
      ['logins to the folder', ['lava-master']],
    ]);
    expect([...secrets.keys()]).toEqual(['lava_db_password', 'lava_admin_password', 'lava_token']);
  });
});

describe('a lab read with its secrets', () => {
  const inventory = `
all: { vars: { password: !secret ssh, lava: { db: { password: "{{ db_pw }}" } }, db_pw: !secret db } }
secrets: { ssh: { env: A }, db: { env: B } }
w: { hosts: { h: } }
`;

  test('has them in their places', async () => {
    const { plays, inventory: read } = await labOf(
      inventory,
      '- hosts: w\n  tasks: [{ sample: { text: "{{ lava.db.password }}" } }]\n',
      { secrets: (name) => `value {{ of }} ${name}` },
    );
    expect(read.hosts.get('h')?.connection.password).toBe('value {{ of }} ssh');
    expect(plays[0]?.tasks.get('h')?.[0]?.args).toMatchObject({ text: 'value {{ of }} db' });
  });

  test('never shows one in a mistake that only its value makes', async () => {
    const playbook = '- hosts: w\n  tasks: [{ sample: { text: a, code: "{{ db_pw }}" } }]\n';
    expect((await labOf(inventory, playbook)).warnings).toEqual([]);
    const found = await mistakesOf(() => labOf(inventory, playbook, { secrets: () => 'HUNTER22' }));
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('HUNTER22');
  });
});

test('five hundred workers with one mistake make one diagnostic', async () => {
  const text = 'workers: { hosts: { "w[001:500]": { lava: { layuot: x } } } }\n';
  expect(linesOf(await mistakesOf(() => inventoryOf(text)))).toEqual([
    "1:45 unknown-key lava has no key 'layuot' (host w001 and 499 more hosts) | did you mean 'layout'?",
  ]);
});

test('a worker that retires remains what else its host is, and is in no group of workers', async () => {
  const text = `
master: { hosts: { both: } }
proxy: { hosts: { both: } }
workers: { hosts: { both: , w: }, children: { far: { hosts: { both: } } } }
rack: { hosts: { both: } }
`;
  const playbook = '- hosts: all\n  tasks: []\n';
  const groupsOf = async (retire: string) =>
    (
      await labOf(text, playbook, { regroup: (groups) => withRetired(retire, groups) })
    ).inventory.hosts.get(retire)?.groups;
  expect((await groupsOf('both'))?.toSorted()).toEqual(['all', 'master', 'proxy', 'retired']);
  expect((await groupsOf('w'))?.toSorted()).toEqual(['all', 'retired']);
});

test('a broken playbook is reported together with its inventory', async () => {
  const action = () =>
    labOf(
      'workers: { hosts: { w1: { port: 0 } } }\n',
      '- hosts: workers\n  rolse: []\n  tasks:\n    - sample: {}\n',
    );
  expect(linesOf(await mistakesOf(action))).toEqual([
    '1:33 out-of-range port must be at least 1, not 0 (host w1)',
    expect.stringMatching(/^2:3 unknown-key play 1 has no key 'rolse'/),
    "4:7 missing-key sample needs 'text' (host w1)",
  ]);
});

test('a lab knows which secrets it needs, and which passwords stand in its files in clear', async () => {
  const { secrets, inventory, warnings } = await labOf(
    `
all: { vars: { p: !secret one } }
secrets: { one: { env: A }, two: { env: B }, three: { env: C } }
db: { hosts: { d: } }
`,
    '- hosts: db\n  vars: { api_token: hunter22 }\n  tasks: [{ sample: { text: !secret two } }]\n',
  );
  expect([...secrets.keys()]).toEqual(['one', 'two']);
  expect(inventory.sensitive).toEqual(['hunter22']);
  expect(linesOf(warnings)).toEqual([expect.stringMatching(/^2:\d+ clear-password 'api_token'/)]);
});
