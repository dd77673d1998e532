import { appendFile, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isPending } from '../../engine/contract/module.ts';
import { check } from '../../engine/read/schema/schema_check.ts';
import { file, type Resource } from '../../engine/sdk.ts';
import { chooseCluster } from '../../lab/database/cluster.ts';
import module from '../../modules/postgres_allow_remote/module.ts';
import { rollBackBrokenPgHba } from '../../modules/postgres_allow_remote/pg_hba_rollback.ts';
import { type DebianCluster, makeCluster, whyNoPostgres } from '../support/debian_cluster.ts';
import { type LiveHost, liveHost, type Planned } from './live_host.ts';

const missing = await whyNoPostgres();
const lab = {
  groups: { all: ['far'], workers: ['far'] },
  hosts: { far: { name: 'far', address: '127.0.0.2', groups: ['all', 'workers'], vars: {} } },
};
const basic = { database: 'lavaserver', user: 'lavaserver', password: 'db-Passw0rd' };

describe.skipIf(missing)(`on a real PostgreSQL server${missing ? ` (${missing})` : ''}`, () => {
  let cluster: DebianCluster;
  let host: LiveHost;

  beforeAll(async () => {
    [cluster, host] = await Promise.all([makeCluster('module'), liveHost()]);
  }, 120_000);

  afterAll(() => cluster?.drop());

  test('a fresh cluster becomes one that the lab can log in to, and then nothing is left to do', async () => {
    await converge({});
    expect(await plan({})).toEqual([]);
    expect(await login({ ...basic })).toBe('lavaserver');
    await expect(login({ ...basic, password: 'wrong' })).rejects.toThrow('password authentication');
    expect(await cluster.sql('SHOW listen_addresses')).toBe('*');
    expect(
      await cluster.sql(
        "SELECT datcollate || ' ' || datctype || ' ' || pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'lavaserver'",
      ),
    ).toBe('C.UTF-8 C.UTF-8 UTF8');
    expect(await readFile(`${cluster.etc}/start.conf`, 'utf8')).toMatch(/^auto$/m);
  });

  test('the password never reaches the server, not even its log', async () => {
    await cluster.sql("ALTER SYSTEM SET log_statement = 'all'");
    await cluster.control('reload');
    const changed = { password: 'a-New.Passw0rd' };
    const planned = await plan(changed);
    expect(ids(planned)).toEqual([`role lavaserver of PostgreSQL ${title()}`]);
    expect(JSON.stringify(planned)).not.toContain(changed.password);
    await converge(changed);
    expect(await login({ ...basic, ...changed })).toBe('lavaserver');
    const log = await cluster.log();
    expect(log).toContain('ALTER ROLE "lavaserver"');
    expect(log).not.toContain(changed.password);
    await converge({});
  });

  test('a password kept as md5 is replaced, because such a one cannot pass scram-sha-256', async () => {
    await cluster.sql(
      `SET password_encryption = 'md5'; ALTER ROLE lavaserver PASSWORD '${basic.password}'`,
    );
    expect((await plan({}))[0]?.change.before).toContain('md5');
    await converge({});
    expect(await login(basic)).toBe('lavaserver');
  });

  test('a password that PostgreSQL itself has stored is recognised', async () => {
    await cluster.sql(`ALTER ROLE lavaserver PASSWORD '${basic.password}'`);
    expect(await plan({})).toEqual([]);
  });

  test('a superuser right and a lost login right are put straight', async () => {
    await cluster.sql('ALTER ROLE lavaserver SUPERUSER NOLOGIN');
    const [planned] = await plan({});
    expect(planned?.change.before).toBe('login: no\nsuperuser: yes\n');
    expect(planned?.change.after).toBe('login: yes\nsuperuser: no\n');
    await converge({});
  });

  test("the cluster's own superuser is never taken for LAVA's user", async () => {
    await expect(plan({ user: 'postgres' })).rejects.toThrow('postgres is the superuser');
  });

  test('names full of quotes, keywords and backslashes work everywhere', async () => {
    const odd = { database: `la"va 'x' \\y`, user: `all o'b "x" \\`, password: `p'"\\$ w` };
    await converge(odd);
    expect(await plan(odd)).toEqual([]);
    expect(await login(odd)).toBe(odd.user);
    await converge({});
  });

  test('a database of another owner is handed over, one of another encoding refused', async () => {
    await cluster.sql('ALTER DATABASE lavaserver OWNER TO postgres');
    expect((await plan({}))[0]?.change).toMatchObject({
      before: 'owner: postgres\n',
      after: 'owner: lavaserver\n',
    });
    await converge({});
    await cluster.sql(
      "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
    );
    await expect(plan({ database: 'latin' })).rejects.toThrow('encoding LATIN1');
  });

  test('a reload that got lost is pending again', async () => {
    const path = `${cluster.etc}/pg_hba.conf`;
    const later = (await stat(path)).mtimeMs / 1000 + 3600;
    await utimes(path, later, later);
    const [planned, ...others] = await plan({});
    expect(others).toEqual([]);
    expect(planned?.change.onChange?.map(({ id }) => id)).toEqual([
      `reload postgresql@${cluster.version}-${cluster.name}.service`,
    ]);
    await utimes(path, later - 3700, later - 3700);
    expect(await plan({})).toEqual([]);
  });

  test('listen_addresses set behind our back: in postgresql.conf it is overruled, elsewhere named', async () => {
    await appendFile(`${cluster.etc}/postgresql.conf`, "listen_addresses = 'localhost'\n");
    await cluster.control('restart');
    expect(ids(await plan({}))).toEqual([
      `file ${cluster.etc}/postgresql.conf`,
      `listen_addresses of PostgreSQL ${title()}`,
    ]);
    await converge({});
    expect(await cluster.sql('SHOW listen_addresses')).toBe('*');
    await cluster.sql("ALTER SYSTEM SET listen_addresses = 'localhost'");
    await expect(plan({})).rejects.toThrow(
      /postgresql\.auto\.conf:\d+ sets listen_addresses to 'localhost' after/,
    );
    await cluster.sql('ALTER SYSTEM RESET listen_addresses');
    expect(await plan({})).toEqual([]);
  });

  test('a broken line of somebody else is named before anything is written', async () => {
    const path = `${cluster.etc}/pg_hba.conf`;
    const sound = await readFile(path, 'utf8');
    await writeFile(path, `${sound}hots all all 192.0.2.1/32 md5\n`);
    const line = sound.split('\n').length;
    await expect(plan({ clients: ['192.0.2.9'] })).rejects.toThrow(
      `${path}:${line}: PostgreSQL says: invalid connection type "hots": hots all all`,
    );
    await writeFile(path, sound);
  });

  test('a written pg_hba.conf that PostgreSQL would not take is rolled back, and its line named', async () => {
    const path = `${cluster.etc}/pg_hba.conf`;
    const sound = await readFile(path, 'utf8');
    const known = requireCluster(await facts());
    const broken = rollBackBrokenPgHba(
      known,
      file({
        path,
        content: (now) => `host all all 192.0.2.300/32 scram-sha-256\n${now}`,
        mode: '0640',
        owner: 'postgres',
        group: 'postgres',
      }),
    );
    await expect(host.plan([broken as Resource]).then(host.make)).rejects.toThrow(
      /pg_hba\.conf:1: PostgreSQL says: .*: host all all 192\.0\.2\.300\/32 scram-sha-256\nthe previous text of .* is back/,
    );
    expect(await readFile(path, 'utf8')).toBe(sound);
    const { mode } = await stat(path);
    expect((mode & 0o777).toString(8)).toBe('640');
  });

  test('our lines come before a general reject and the line that admits anybody goes', async () => {
    const path = `${cluster.etc}/pg_hba.conf`;
    await writeFile(
      path,
      'local all all peer\nhost all all 0.0.0.0/0 reject\nhost    all    all    0.0.0.0/0    trust\n',
    );
    await cluster.control('reload');
    await expect(login(basic)).rejects.toThrow('rejects connection');
    await converge({});
    expect(await login(basic)).toBe('lavaserver');
    expect(await readFile(path, 'utf8')).toBe(
      [
        'local all all peer',
        '# BEGIN lava-play postgres_allow_remote',
        'host lavaserver lavaserver 127.0.0.2/32 scram-sha-256',
        '# END lava-play postgres_allow_remote',
        'host all all 0.0.0.0/0 reject',
        '',
      ].join('\n'),
    );
  });

  test('TLS may be required where the server has it', async () => {
    await cluster.sql('ALTER SYSTEM SET ssl = off');
    await cluster.control('restart');
    await expect(plan({ tls: 'require' })).rejects.toThrow('TLS switched off');
    await cluster.sql('ALTER SYSTEM RESET ssl');
    await cluster.control('restart');
    await converge({ tls: 'require' });
    expect(await plan({ tls: 'require' })).toEqual([]);
    await expect(login(basic)).rejects.toThrow('no encryption');
    expect(await login({ ...basic, ssl: { rejectUnauthorized: false } })).toBe('lavaserver');
    await converge({});
  });

  test('a cluster that is down gets its files; the rest has to wait', async () => {
    await cluster.control('stop');
    await expect(resources({})).rejects.toThrow('is not running yet');
    const pending = await resources({}).catch((error: unknown) => error);
    if (!isPending(pending)) throw pending;
    expect(pending.resources.map(({ id }) => id)).toContain(`file ${cluster.etc}/pg_hba.conf`);
    await cluster.control('start');
  });

  function title(): string {
    return `${cluster.version}/${cluster.name}`;
  }

  async function facts() {
    return module.facts?.clusters.parse(await cluster.listed()) ?? [];
  }

  function requireCluster(all: Awaited<ReturnType<typeof facts>>) {
    const known = chooseCluster(all, {});
    if (!known) throw new Error('the cluster is not listed');
    return known;
  }

  async function resources(args: object): Promise<readonly Resource[]> {
    const { value } = check(module.schema, { ...basic, ...args }, 'arguments');
    const [view] = Object.values(lab.hosts);
    const input = { args: value, facts: { clusters: await facts() }, host: view, lab };
    return module.desired(input as never);
  }

  /** Units are left out: the cluster of this test does not belong to systemd. */
  async function plan(args: object): Promise<readonly Planned[]> {
    return host.plan((await resources(args)).filter(({ id }) => !id.startsWith('unit ')));
  }

  async function converge(args: object): Promise<void> {
    const pendingHandlers = await host.make(await plan(args));
    if (pendingHandlers.some((id) => id.startsWith('restart'))) await cluster.control('restart');
    else if (pendingHandlers.length > 0) await cluster.control('reload');
    await reloaded();
  }

  /** A reload is only a signal: waits until the server has read pg_hba.conf. */
  async function reloaded(): Promise<void> {
    const unread =
      "SELECT (pg_stat_file(current_setting('hba_file'))).modification > pg_conf_load_time()";
    while ((await cluster.sql(unread)) === 't');
  }

  async function login(options: {
    database: string;
    user: string;
    password: string;
    ssl?: { rejectUnauthorized: boolean };
  }): Promise<string> {
    const stream = connect({ host: '127.0.0.1', port: cluster.port, localAddress: '127.0.0.2' });
    const opened = new Promise((resolve, reject) => {
      stream.once('connect', resolve).once('error', reject);
    });
    await opened;
    stream.connect = () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    };
    const client = new pg.Client({ ssl: false, ...options, stream: () => stream });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query('SELECT current_user AS who');
      return rows[0].who;
    } finally {
      stream.destroy();
    }
  }
});

function ids(planned: readonly Planned[]): readonly string[] {
  return planned.map(({ id }) => id);
}
