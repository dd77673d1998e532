import { describe, expect, test } from 'vitest';
import { placeOf } from '../../../../engine/values/places.ts';
import { field } from '../../../../engine/values/values.ts';
import { inventoryOf, linesOf } from '../../../support/lab_files.ts';

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
      'the-rest',
      'nothing',
      'empty',
      'east',
      'prod2',
      'ungrouped',
    ]);
    expect(groups.get('east')).toEqual({
      name: 'east',
      hosts: ['www01.lab', 'www02.lab', 'www03.lab'],
      children: ['prod'],
    });
  });

  test('that stand in several places are joined', async () => {
    const { hosts, groups } = await inventoryOf(`
a: { hosts: { h1: { x: 1, y: 1 } }, vars: { v: 1, w: 1 } }
b: { hosts: { h1: { y: 2 } }, children: { a: { hosts: { h2: }, vars: { w: 2 } } } }
`);
    expect(groups.get('a')?.hosts).toEqual(['h1', 'h2']);
    expect(hosts.get('h1')?.vars).toEqual({ x: 1, y: 2, v: 1, w: 2 });
  });

  test('give a range in an address its host one by one', async () => {
    const { hosts } = await inventoryOf(`
workers:
  hosts:
    w[08:10]: { ansible_host: "10.0.1.[10:12]", note: "[1:2]", password: "pw[1:3]x" }
`);
    const seen = [...hosts.values()].map(({ name, connection, vars }) => [
      name,
      connection.address,
      vars.note,
      connection.password,
    ]);
    expect(seen).toEqual([
      ['w08', '10.0.1.10', '[1:2]', 'pw[1:3]x'],
      ['w09', '10.0.1.11', '[1:2]', 'pw[1:3]x'],
      ['w10', '10.0.1.12', '[1:2]', 'pw[1:3]x'],
    ]);
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

  test('in folders beside the inventory are stronger than those in it, as in Ansible', async () => {
    const { hosts, warnings } = await inventoryOf({
      'inventory.yaml': `
all: { vars: { a: 1, b: 1, c: 1, d: 1, e: 1 } }
g: { vars: { b: 2, c: 2, d: 2, e: 2 }, hosts: { h: { d: 4, e: 4 } } }
`,
      'group_vars/all.yml': 'b: 3\n',
      'group_vars/g/one.yaml': 'c: 3\nd: 3\n',
      'group_vars/g/two.yaml': 'c: 33\n',
      'group_vars/g/notes.txt': '{{{ no yaml',
      'host_vars/h': 'e: 5\n',
      'host_vars/hh.yaml': 'e: 6\n',
    });
    expect(hosts.get('h')?.vars).toEqual({ a: 1, b: 3, c: 33, d: 4, e: 5 });
    expect(linesOf(warnings)).toEqual([
      expect.stringMatching(
        /^1:1 unused-file .*hh\.yaml is not used: there is no host called 'hh' \| did you mean 'h'\?$/,
      ),
    ]);
  });

  test('may name each other and the lab, and keep their types', async () => {
    const { hosts } = await inventoryOf(`
all:
  vars:
    domain: lab.example
    fqdn: "{{ inventory_hostname }}.{{ domain }}"
    peers: "{{ groups.workers }}"
    first: "{{ hostvars.w1.number }}"
    mine: "{{ group_names }}"
workers: { hosts: { w1: { number: 5, address: "{{ fqdn }}" }, w2: } }
`);
    expect(hosts.get('w2')?.vars).toMatchObject({
      fqdn: 'w2.lab.example',
      peers: ['w1', 'w2'],
      first: 5,
      mine: ['workers'],
    });
    expect(hosts.get('w1')?.connection.address).toBe('w1.lab.example');
  });

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

  test('that are nearly ours are worth a warning', async () => {
    const { warnings } = await inventoryOf(`
all: { vars: { ansible_hots: x, users: [a], ansible_ssh_executable: ssh, ansible_become_user: root } }
w: { hosts: { h: { adress: 192.0.2.1, bords: [] } } }
`);
    expect(linesOf(warnings)).toEqual([
      "2:16 near-miss 'ansible_hots' means nothing to lava-play: it is a variable of your own | did you mean 'ansible_host'?",
      "3:20 near-miss 'adress' means nothing to lava-play: it is a variable of your own | did you mean 'address'?",
      "3:39 near-miss 'bords' means nothing to lava-play: it is a variable of your own | did you mean 'boards'?",
    ]);
  });

  test('with passwords in clear are warned of once a file, and known to be secret', async () => {
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

  test('of one name for a host and a group are worth a warning', async () => {
    const { warnings } = await inventoryOf('db: { hosts: { db: } }\n');
    expect(linesOf(warnings)).toEqual([
      "1:16 same-name a host and a group are both called 'db': a pattern means both",
    ]);
  });
});

describe('the view that modules have', () => {
  test('names every host with its address in the lab, and every group with its hosts', async () => {
    const { lab } = await inventoryOf(`
database: { hosts: { db: { address: 192.0.2.11 } } }
workers: { hosts: { w1: { address: 10.0.0.1, lab_address: 192.0.2.21 }, w2: } }
`);
    expect(lab.groups).toEqual({
      all: ['db', 'w1', 'w2'],
      database: ['db'],
      workers: ['w1', 'w2'],
    });
    expect(Object.values(lab.hosts).map(({ address }) => address)).toEqual([
      '192.0.2.11',
      '192.0.2.21',
      'w2',
    ]);
  });
});
