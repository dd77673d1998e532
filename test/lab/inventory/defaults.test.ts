import { describe, expect, test } from 'vitest';
import { field } from '../../../engine/values/values.ts';
import { inventoryOf, labOf, linesOf, mistakesOf } from '../../support/lab_files.ts';

describe('the proxy of the lab', () => {
  const proxyOf = async (text: string) => {
    const { hosts } = await inventoryOf(text);
    return Object.fromEntries(
      [...hosts.values()].map(({ name, vars }) => [name, field(vars.lava, 'proxy')]),
    );
  };

  test('is where the workers are sent, and only they', async () => {
    const proxies = await proxyOf(`
master: { hosts: { m: } }
proxy: { hosts: { p: { address: 10.0.0.3, lab_address: 192.0.2.5 }, q: } }
workers: { hosts: { w1: , w2: { lava: { proxy: 'http://other:8080/' } }, w3: { lava: { proxy: '' } } } }
`);
    expect(proxies).toEqual({
      ...{ m: '', p: '', q: '' },
      ...{ w1: 'http://192.0.2.5:3128/', w2: 'http://other:8080/', w3: '' },
    });
  });

  test.each([
    ['the port that its host names', 'p: { proxy_port: 8080 }', 'http://p:8080/'],
    ['an IPv6 address', "p: { address: '2001:db8::5' }", 'http://[2001:db8::5]:3128/'],
    ['no host', '', ''],
  ])('is known by %s', async (_, host, url) => {
    const proxies = await proxyOf(`proxy: { hosts: { ${host} } }\nworkers: { hosts: { w1: } }\n`);
    expect(proxies.w1).toBe(url);
  });

  test('is not for a worker behind a tunnel, whose images need not come through it', async () => {
    const proxies = await proxyOf(
      'master: { hosts: { m: } }\nproxy: { hosts: { p: } }\nworkers: { hosts: { w1: { lava: { tunnel: { through: m } } } } }\n',
    );
    expect(proxies.w1).toBe('');
  });
});

describe('the master', () => {
  test('has its web server and its SSH server where nobody says otherwise', async () => {
    const { hosts } = await inventoryOf(
      "master: { hosts: { m: { address: '2001:db8::1', port: 2200 } } }\nworkers: { hosts: { w1: , w2: { lava: { master: lava.example.org } }, w3: { lava: { master_url: 'https://lava/' } } } }\n",
    );
    const lava = (name: string) => hosts.get(name)?.vars.lava;
    expect(lava('w1')).toMatchObject({
      ...{ master: '2001:db8::1', master_url: 'http://[2001:db8::1]/', master_ssh_port: 2200 },
    });
    expect(lava('w2')).toMatchObject({ master_url: 'http://lava.example.org/' });
    expect(lava('w3')).toMatchObject({ master: '2001:db8::1', master_url: 'https://lava/' });
  });

  test.each([
    ['{ authority: lab }', 'https://m/'],
    [
      '{ certificate: "-----BEGIN CERTIFICATE-----", key: "-----BEGIN PRIVATE KEY-----" }',
      'https://m/',
    ],
    ['{ authority: lab }, layout: instance', 'http://m/'],
    ['true', 'http://m/'],
    ['false', 'http://m/'],
  ])('with https: %s it is called %s, and through a tunnel as before', async (https, url) => {
    const { hosts } = await inventoryOf(
      `all: { vars: { lava: { https: ${https} } } }\nmaster: { hosts: { m: } }\nworkers: { hosts: { w1: , w2: { lava: { tunnel: { through: m } } } } }\n`,
    );
    expect(hosts.get('w1')?.vars.lava).toMatchObject({ master_url: url });
    expect(hosts.get('w2')?.vars.lava).toMatchObject({ master_url: 'http://127.0.0.1:10080/' });
  });
});

describe('the share', () => {
  const OUTPUT = ['lava-logs', 'job-output'];
  const accounts = async (lava: string) => {
    const { hosts } = await inventoryOf(
      `all: { vars: { lava: ${lava} } }\nmaster: { hosts: { m: } }\n`,
    );
    const master = hosts.get('m')?.vars.lava;
    return ['account', 'owner', 'subfolders'].map((name) => field(master, `share_${name}`));
  };

  test('is entered under an account of each instance, whose media folder is its own', async () => {
    const media = '/srv/lava/instances/lab/var/lib/lava-server/media';
    expect(await accounts('{ share: /srv/share }')).toEqual(['lavashare', undefined, undefined]);
    expect(await accounts('{ layout: instance, instance: lab, share: /srv/share }')).toEqual([
      'share-lab',
      undefined,
      undefined,
    ]);
    expect(await accounts(`{ layout: instance, instance: lab, share: ${media} }`)).toEqual([
      'share-lab',
      'lava-lab',
      OUTPUT,
    ]);
    expect(await accounts(`{ layout: instance, instance: lab, share: ${media}/bundles }`)).toEqual([
      'share-lab',
      'lava-lab',
      undefined,
    ]);
    expect(
      await accounts(`{ layout: instance, instance: lab, sys_user: lava, share: ${media} }`),
    ).toEqual(['share-lab', 'lava', OUTPUT]);
    expect(
      await accounts(
        `{ layout: instance, instance: lab, share: ${media}, share_account: in, share_owner: me }`,
      ),
    ).toEqual(['in', 'me', OUTPUT]);
    expect(await accounts('{ layout: instance }')).toEqual(['share-default', undefined, undefined]);
  });
});

describe('a worker behind a tunnel', () => {
  const LAB = `
all: { vars: { lava: { layout: instance, db: { port: 5433 } } } }
database: { hosts: { db: { address: 192.0.2.11 } } }
master: { hosts: { m: { address: 192.0.2.10, port: 2200 } } }
gate: { hosts: { g: { address: 10.0.0.9, lab_address: 198.51.100.9, port: 2201 } } }
`;
  const lavaOf = async (worker: string, lab = LAB) => {
    const { hosts } = await inventoryOf(`${lab}workers: { hosts: { near: , far: ${worker} } }\n`);
    return { far: hosts.get('far')?.vars.lava, near: hosts.get('near')?.vars.lava };
  };

  test('finds database and master on its own loopback, and the others find them where they are', async () => {
    const { far, near } = await lavaOf('{ lava: { tunnel: { through: master } } }');
    expect(far).toMatchObject({
      ...{ db: { server: '127.0.0.1', port: 15432, name: 'lavaserver' }, master: '127.0.0.1' },
      ...{ master_url: 'http://127.0.0.1:10080/', master_ssh_port: 10022 },
      heartbeat: { timeout: 300, rpc2_url: 'http://127.0.0.1:10080/RPC2' },
      tunnel: {
        ...{ through: 'm', address: '192.0.2.10', port: 2200 },
        forwards: {
          database: { listen: 15432, host: '192.0.2.11', port: 5433 },
          http: { listen: 10080, host: '192.0.2.10', port: 80 },
          ssh: { listen: 10022, host: '192.0.2.10', port: 2200 },
          coordinator: { listen: 3079, host: '192.0.2.10', port: 3079 },
        },
      },
    });
    expect(near).toMatchObject({ db: { server: '192.0.2.11', port: 5433 }, master: '192.0.2.10' });
    expect(near).not.toHaveProperty('tunnel');
  });

  test('goes through a host before the master, by the way that it sees itself', async () => {
    const { far } = await lavaOf('{ lava: { tunnel: { through: gate } } }');
    expect(far).toMatchObject({ tunnel: { through: 'g', address: '198.51.100.9', port: 22 } });
    const other = await lavaOf(
      '{ lava: { tunnel: { through: g, address: gate.example.org, port: 2222 } } }',
    );
    expect(other.far).toMatchObject({
      tunnel: { through: 'g', address: 'gate.example.org', port: 2222 },
    });
  });

  test('reaches the database that somebody named, and has ports of its own choice', async () => {
    const { far } = await lavaOf(
      "{ lava: { db: { server: '{{ site }}.example.org' }, tunnel: { through: m, forwards: { database: { listen: 5432 }, cache: { listen: 3128, host: 192.0.2.5, port: 3128 } } } }, site: db2 }",
    );
    expect(far).toMatchObject({
      db: { server: '127.0.0.1', port: 5432 },
      tunnel: {
        forwards: {
          database: { listen: 5432, host: 'db2.example.org', port: 5433 },
          cache: { listen: 3128, host: '192.0.2.5', port: 3128 },
        },
      },
    });
  });

  test('of today needs no database', async () => {
    const debian = LAB.replace('layout: instance', 'layout: debian');
    const { far } = await lavaOf('{ lava: { tunnel: { through: m } } }', debian);
    expect(far).toMatchObject({ db: { server: '192.0.2.11' }, master: '127.0.0.1' });
    expect(Object.keys(Object(field(field(far, 'tunnel'), 'forwards')))).toEqual([
      ...['http', 'ssh', 'coordinator'],
    ]);
  });

  test.each([
    [
      'through a host that is not a gate',
      '{ through: near }',
      "unknown-host lava.tunnel.through: 'near' is not a host of the groups 'master' and 'gate' (host far) | known here: master, gate, m, g",
    ],
    [
      'through nobody',
      '{ through: mastr }',
      "unknown-host lava.tunnel.through: 'mastr' is not a host of the groups 'master' and 'gate' (host far) | did you mean 'master'?",
    ],
    [
      'with two forwards on one port',
      '{ through: m, forwards: { x: { listen: 10022, host: h, port: 1 } } }',
      'duplicate-port lava.tunnel.forwards: ssh and x both listen on port 10022 (host far)',
    ],
    [
      'with a port that only root may open',
      '{ through: m, forwards: { ssh: { listen: 22 } } }',
      expect.stringMatching(/out-of-range lava\.tunnel\.forwards\.ssh\.listen/),
    ],
    ['that leads nowhere', '{}', expect.stringMatching(/lava\.tunnel.*through/)],
  ])('%s is a mistake', async (_, tunnel, wanted) => {
    const found = linesOf(await mistakesOf(() => lavaOf(`{ lava: { tunnel: ${tunnel} } }`)));
    expect(found.map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual([wanted]);
  });
});

describe('a play for a group that many labs do without', () => {
  const PLAYBOOK = '- hosts: proxy\n- hosts: gate\n- hosts: workers:gate\n';

  test('is none in a lab without such a host, and nobody is warned', async () => {
    const { plays, warnings } = await labOf('workers: { hosts: { w1: } }\n', PLAYBOOK);
    expect(plays.map(({ name }) => name)).toEqual(['workers:gate']);
    expect(warnings).toEqual([]);
  });

  test('is one in a lab that has the host', async () => {
    const text = 'workers: { hosts: { w1: } }\nproxy: { hosts: { p: } }\n';
    const { plays } = await labOf(text, PLAYBOOK);
    expect(plays.map(({ name }) => name)).toEqual(['proxy', 'workers:gate']);
  });
});
