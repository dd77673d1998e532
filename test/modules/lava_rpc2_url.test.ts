import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Resource } from '../../engine/sdk.ts';
import { clusters } from '../../lab/database/cluster.ts';
import module from '../../modules/lava_rpc2_url/module.ts';
import { type DebianCluster, makeCluster, whyNoPostgres } from '../support/debian_cluster.ts';
import { WORKER_TABLE, workerRow } from '../support/worker_table.ts';
import { type LiveHost, liveHost, type Planned } from './live_host.ts';

const missing = await whyNoPostgres();
const MASTER = 'lava-master.lab.example';
const ODD = `la"va 'x' \\y`;

describe.skipIf(missing)(`on a real PostgreSQL server${missing ? ` (${missing})` : ''}`, () => {
  let cluster: DebianCluster;
  let host: LiveHost;

  beforeAll(async () => {
    [cluster, host] = await Promise.all([makeCluster('rpc2url'), liveHost()]);
    await cluster.sql(`CREATE DATABASE lava TEMPLATE template0`);
    await cluster.sql(`CREATE DATABASE "${ODD.replaceAll('"', '""')}" TEMPLATE template0`);
  }, 120_000);

  afterAll(() => cluster?.drop());

  beforeEach(() => cluster.sql('DROP TABLE IF EXISTS lava_scheduler_app_worker', 'lava'));

  test('the URL of the master is set once, and of nobody else', async () => {
    await made(workerRow(MASTER, { master: true }), workerRow('w1', { url: 'http://w1/RPC2' }));
    const [planned, ...others] = await plan({});
    expect(others).toEqual([]);
    expect(planned?.change.before).toBe(`master: ${MASTER}\nrpc2_url: none\n`);
    await make({});
    expect(await rows()).toEqual([`${MASTER} t http://192.0.2.10/RPC2`, 'w1 f http://w1/RPC2']);
    expect(await plan({})).toEqual([]);
    expect(await plan({ url: 'https://lava.lab.example/RPC2' })).toHaveLength(1);
  });

  test('a renamed master takes over from its old name', async () => {
    await made(workerRow('old', { master: true, url: 'http://old/RPC2' }), workerRow(MASTER));
    await make({});
    expect(await rows()).toEqual([`${MASTER} t http://192.0.2.10/RPC2`, 'old f http://old/RPC2']);
    expect(await plan({})).toEqual([]);
  });

  test('a row that nobody marked becomes the master', async () => {
    await made(workerRow(MASTER), workerRow('w1'));
    await make({});
    expect(await rows()).toEqual([`${MASTER} t http://192.0.2.10/RPC2`, 'w1 f none']);
  });

  test('two masters are refused by name and nothing is changed', async () => {
    await made(workerRow(MASTER, { master: true }), workerRow('old', { master: true }));
    await expect(plan({})).rejects.toThrow(`2 masters, ${MASTER} and old,`);
  });

  test('a database, a table and a row that are not there yet are warnings', async () => {
    expect(await warnings({ database: 'nothing' })).toEqual([
      'rpc2_url is not set: there is no database nothing yet',
    ]);
    expect(await warnings({})).toEqual([
      'rpc2_url is not set: there is no table of workers in the database lava yet',
    ]);
    await made(workerRow('w1'));
    expect(await warnings({})).toEqual([
      `rpc2_url is not set: the master ${MASTER} has no row in the table of workers yet`,
    ]);
    for (const database of ['nothing', 'lava']) expect(await plan({ database })).toEqual([]);
  });

  test('the table of a LAVA of today is refused', async () => {
    await cluster.sql('CREATE TABLE lava_scheduler_app_worker (hostname text, health int)', 'lava');
    await expect(plan({})).rejects.toThrow('this LAVA has no heartbeat by XML-RPC');
  });

  test('names and URLs full of quotes stay text', async () => {
    await cluster.sql(`${WORKER_TABLE}${workerRow(MASTER, { master: true })}`, ODD);
    const args = { database: ODD, url: `http://x/'||(SELECT/**/1)||'\\'";DROP` };
    await make(args);
    expect(await plan(args)).toEqual([]);
    expect(await cluster.sql('SELECT rpc2_url FROM lava_scheduler_app_worker', ODD)).toBe(args.url);
  });

  test('a table that changed after the plan is left alone, and the engine is told', async () => {
    await made(workerRow(MASTER, { master: true, url: 'http://a/RPC2' }));
    const planned = await plan({});
    await cluster.sql("UPDATE lava_scheduler_app_worker SET rpc2_url = 'http://b/RPC2'", 'lava');
    await expect(host.make(planned)).rejects.toThrow('status 75');
    expect(await rows()).toEqual([`${MASTER} t http://b/RPC2`]);
  });

  async function made(...inserts: readonly string[]): Promise<void> {
    await cluster.sql(`${WORKER_TABLE}${inserts.join('')}`, 'lava');
  }

  async function rows(): Promise<readonly string[]> {
    const query = `SELECT hostname || ' ' || CASE WHEN is_master THEN 't' ELSE 'f' END || ' ' || coalesce(rpc2_url, 'none') FROM lava_scheduler_app_worker ORDER BY 1`;
    return (await cluster.sql(query, 'lava')).split('\n');
  }

  async function resources(args: object): Promise<readonly Resource[]> {
    const view = { name: 'lava-master', address: '192.0.2.10', groups: ['master'], vars: {} };
    return module.desired({
      args: { database: 'lava', ...args },
      files: {},
      facts: {
        clusters: clusters.parse(await cluster.listed()),
        fullName: { 'lava-master': MASTER },
      },
      host: { name: 'here', address: '192.0.2.11', groups: ['database'], vars: {} },
      lab: { hosts: { 'lava-master': view }, groups: { master: ['lava-master'] } },
    }) as readonly Resource[];
  }

  async function plan(args: object): Promise<readonly Planned[]> {
    return host.plan(await resources(args));
  }

  async function make(args: object): Promise<void> {
    await host.make(await plan(args));
  }

  async function warnings(args: object): Promise<readonly string[]> {
    const [resource] = await resources(args);
    if (!resource?.warnings) return [];
    const state = resource.parse(await host.ask(resource.probe));
    return resource.warnings(state).map(({ message }) => message);
  }
});
