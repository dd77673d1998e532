import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Refused } from '../../engine/sdk.ts';
import { accountResource } from '../../lab/master/accounts.ts';
import {
  databaseProbe,
  parseDatabase,
  type Queries,
  type Query,
} from '../../lab/master/database_probe.ts';
import { workerQueries, workerRecords } from '../../lab/master/worker_records.ts';
import { workerTokens } from '../../lab/master/worker_tokens.ts';
import {
  deviceQueries,
  deviceRecords,
  typeRecords,
} from '../../modules/lava_devices/device_records.ts';
import { devicesHealth } from '../../modules/lava_devices/health.ts';
import { workersHealth } from '../../modules/lava_workers/health.ts';
import { retirement } from '../../modules/lava_workers/retirement.ts';
import {
  type LavaDatabases,
  startLavaDatabases,
  whyNoLavaDatabases,
} from '../support/lava_database.ts';
import { LAVA_VERSIONS, LOG_MOVES, lavaTables, logEntry } from '../support/lava_tables.ts';

const reason = await whyNoLavaDatabases();

const THINGS = `INSERT INTO lava_scheduler_app_worker (hostname, description, state, health, last_ping, job_limit, version, token) VALUES
  ('worker01', NULL, 0, 0, now(), 0, '2023.01', 'a'), ('worker02', 'by hand', 1, 2, now(), 0, NULL, 'b'),
  ('example.com', NULL, 1, 0, now(), 0, NULL, 'c');
INSERT INTO lava_scheduler_app_devicetype VALUES ('qemu', 24, false, true, NULL);
INSERT INTO lava_scheduler_app_alias VALUES ('emulator', 'qemu');
INSERT INTO lava_scheduler_app_device (hostname, state, health, device_type_id, worker_host_id, is_synced) VALUES
  ('qemu-01', 2, 0, 'qemu', 'worker01', false), ('qemu-02', 0, 5, 'qemu', 'worker01', false),
  ('qemu-03', 0, 1, 'qemu', 'worker01', false), ('qemu-04', 0, 0, 'qemu', 'example.com', false);
INSERT INTO lava_scheduler_app_tag (name) VALUES ('usb'), ('arm');
INSERT INTO lava_scheduler_app_device_tags (device_id, tag_id) VALUES ('qemu-01', 1), ('qemu-01', 2);
INSERT INTO lava_scheduler_app_testjob (state, health, actual_device_id, submitter_id) VALUES
  (5, 1, 'qemu-01', 1), (3, 0, 'qemu-01', 1), (1, 0, 'qemu-01', 1);`;

function history(version: (typeof LAVA_VERSIONS)[number]): string {
  const entries = [
    ['worker', 'worker01', 'registered by lava-play'],
    ['worker', 'worker02', 'Active → Maintenance (disk)'],
    ['worker', 'worker02', 'Maintenance → Retired (lava-play: not in the inventory)'],
    ['worker', 'worker02', 'Offline → Online'],
    ['device', 'qemu-01', 'registered by lava-play'],
    ['device', 'qemu-02', 'registered by lava-play'],
    ['device', 'qemu-02', 'Good → Maintenance (lava-play: not in the inventory)'],
    ['device', 'qemu-02', 'Maintenance → Retired (lava-play: not in the inventory)'],
    ['device', 'worker01', 'Good → Retired (a device of the name of a worker)'],
  ] as const;
  return entries.map(([model, name, text]) => logEntry(version, model, name, text)).join('\n');
}

describe.skipIf(reason)(`LAVA's tables in a real PostgreSQL (${reason ?? 'here'})`, () => {
  let databases: LavaDatabases;

  beforeAll(async () => {
    databases = await startLavaDatabases('schemas');
    for (const version of LAVA_VERSIONS) {
      await databases.make(version, `${lavaTables(version)}${THINGS}${history(version)}`);
    }
    const moved = `${lavaTables('2026.10')}${THINGS}${history('2023.01')}${LOG_MOVES}`;
    await databases.make('upgraded', moved);
  });
  afterAll(() => databases?.drop());

  function rows(queries: Queries, database: string, version = database) {
    const state = parseDatabase(databases.ask(databaseProbe(queries), database, version));
    if (state.kind !== 'answered') throw new Error(JSON.stringify(state));
    return state.rows;
  }

  function refusal(queries: Queries, database: string, version: string): Refused {
    try {
      rows(queries, database, version);
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error;
    }
    throw new Error('nothing was refused');
  }

  /** A database as another one is, but for what SQL does to it. */
  async function changed(name: string, from: string, sql: string): Promise<string> {
    await databases.make(name, `${lavaTables(from as (typeof LAVA_VERSIONS)[number])}${sql}`);
    return name;
  }

  describe.each([
    ['2023.01', '2023.01'],
    ['2026.10', '2026.10'],
    ['upgraded', '2026.10'],
  ])('of %s', (database, version) => {
    test('workers: which are ours, who said the last word, which jobs and foreign devices', () => {
      const records = workerRecords(rows(workerQueries, database, version));
      expect(records.get('worker01')).toEqual({
        ...{ hostname: 'worker01', health: 'Active', description: '', mark: '', ours: true },
        ...{ lastWord: '', jobs: [2, 3], devices: ['qemu-03'] },
      });
      expect(records.get('worker02')).toMatchObject({
        ...{ health: 'Retired', description: 'by hand', ours: false, jobs: [], devices: [] },
        lastWord: 'Maintenance → Retired (lava-play: not in the inventory)',
      });
    });

    test('devices and their types', () => {
      const all = rows(deviceQueries, database, version);
      const records = deviceRecords(all);
      expect(records.get('qemu-01')).toEqual({
        ...{ hostname: 'qemu-01', type: 'qemu', worker: 'worker01', health: 'Good', ours: true },
        ...{ description: '', tags: ['arm', 'usb'], lastWord: '', jobs: [2, 3] },
      });
      expect(records.get('qemu-02')).toMatchObject({
        ...{ ours: true, health: 'Retired' },
        lastWord: 'Maintenance → Retired (lava-play: not in the inventory)',
      });
      expect(records.get('qemu-03')).toMatchObject({ ours: false, lastWord: '' });
      expect([...typeRecords(all).values()]).toEqual([{ name: 'qemu', aliases: ['emulator'] }]);
    });

    test('users and the worker that LAVA makes up, with the devices on it', () => {
      const { probe, parse } = accountResource(undefined, { id: '', change: () => undefined });
      expect(parse(databases.ask(probe, database, version))).toEqual({
        ...{ users: [], owners: [] },
        workers: [{ hostname: 'example.com', health: 0, version: null, devices: 1 }],
      });
    });

    test('whether a worker has retired, with all that hangs on it', () => {
      const judged = (name: string) => {
        const { probe, judge } = retirement(name);
        return judge(databases.ask(probe, database, version));
      };
      expect(() => judged('worker01')).toThrow('LAVA still lists the worker worker01 as Active');
      expect(judged('worker02')).toMatchObject({ state: 'proved' });
      expect(() => judged('example.com')).toThrow(
        'LAVA still lists the worker example.com as Active',
      );
    });

    test('what check and workers ask', () => {
      const [service] = workersHealth({ hosts: {}, groups: {} }, 'lava-master');
      const [boards] = devicesHealth([], [], '');
      for (const probe of [service?.probe ?? '', boards?.probe ?? '', workerTokens.probe])
        expect(parseDatabase(databases.ask(probe, database, version)).kind).toBe('answered');
      const tokens = workerTokens.parse(databases.ask(workerTokens.probe, database, version));
      expect(tokens.get('worker02')).toBe('b');
    });
  });

  test('of a LAVA that keeps its log elsewhere again: the version, what was expected, what to do', async () => {
    const next = await changed(
      'next',
      '2026.10',
      `ALTER TABLE lava_scheduler_app_lavalogentryworker RENAME TO lava_log_worker;
       ALTER TABLE lava_scheduler_app_lavalogentrydevice RENAME COLUMN change_message TO message;`,
    );
    const { message, hint } = refusal(workerQueries, next, '2027.04');
    expect(message).toBe(
      'LAVA 2027.04 does not have the tables that lava-play knows: workers are read from the table lava_scheduler_app_lavalogentryworker (id, action_time, worker_id, change_message), which is not there and from the table lava_scheduler_app_lavalogentrydevice, which has no change_message; or from the table django_admin_log, where LAVA puts them only before its migration lava_scheduler_app.0071',
    );
    expect(hint).toMatch(/supports LAVA 2023\.01 to 2026\.10/);
    expect(() => rows(deviceQueries, next, '2027.04')).toThrow(
      /^LAVA 2027\.04 .* devices are read/,
    );
  });

  test('of a LAVA before it had all of it', async () => {
    const older = await changed(
      'older',
      '2023.01',
      'ALTER TABLE lava_scheduler_app_worker DROP COLUMN token',
    );
    expect(() => workerTokens.parse(databases.ask(workerTokens.probe, older, ''))).toThrow(
      /^this LAVA does .*: workers are read from the table lava_scheduler_app_worker, which has no token$/,
    );
    expect(workerRecords(rows(workerQueries, older)).size).toBe(0);
  });

  test('whose columns are of another type', async () => {
    const odd = await changed(
      'odd',
      '2026.10',
      'ALTER TABLE lava_scheduler_app_testjob ALTER state TYPE text',
    );
    expect(refusal(workerQueries, odd, '2026.11').message).toMatch(
      /LAVA 2026\.11 .*: workers are read by SQL that PostgreSQL refuses: operator does not exist/,
    );
  });

  test('with a health that is new', async () => {
    const sick = await changed(
      'sick',
      '2026.10',
      `${THINGS} UPDATE lava_scheduler_app_worker SET health = 3`,
    );
    expect(() => workerRecords(rows(workerQueries, sick))).toThrow(
      /health 3, which lava-play does not know/,
    );
  });

  test('hold all that each question says it reads, and it reads no more', async () => {
    const { probe } = accountResource(undefined, { id: '', change: () => undefined });
    const probes = [
      ...workersHealth({ hosts: {}, groups: {} }, ''),
      ...devicesHealth([], [], ''),
    ].map(({ probe: each }) => each);
    const questions = [...probes, workerTokens.probe, retirement('').probe, probe].flatMap((each) =>
      Object.values(queriesIn(each ?? '')),
    );
    for (const [i, ways] of questions.entries()) {
      for (const [j, { reads, sql, until }] of ways.entries()) {
        const version = until === undefined ? '2026.10' : '2023.01';
        const bare = await changed(`bare ${i} ${j}`, version, onlyWith(reads));
        expect(rows({ things: { reads, sql } }, bare, version)).toEqual({ things: [] });
        expect(await databases.sql(bare, needless(reads, sql))).toBe('');
      }
    }
  });
});

/** What a probe is about to ask. */
function queriesIn(probe: string): Readonly<Record<string, readonly Query[]>> {
  const [, body = ''] = /<<'LAVA_PLAY_TEXT'\n([\s\S]*?)LAVA_PLAY_TEXT\n/.exec(probe) ?? [];
  const [, text = ''] =
    /ask\(json\.loads\((".*")\)\)/.exec(Buffer.from(body, 'base64').toString()) ?? [];
  return JSON.parse(JSON.parse(text));
}

function pairs(reads: Query['reads']): readonly (readonly [table: string, column: string])[] {
  return Object.entries(reads).flatMap(([table, columns]) =>
    columns.split(' ').map((column) => [table, column] as const),
  );
}

/** SQL that empties a database and takes from it all columns but these. */
function onlyWith(reads: Query['reads']): string {
  const values = pairs(reads).map(([table, column]) => `('${table}', '${column}')`);
  return `DO $do$ DECLARE t record; BEGIN
FOR t IN SELECT relname, attname FROM pg_class c JOIN pg_attribute ON attrelid = c.oid
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND relname <> 'django_migrations'
  AND (relname, attname) NOT IN (VALUES ${values.join(', ')}) LOOP
  EXECUTE format('ALTER TABLE %I DROP COLUMN %I CASCADE', t.relname, t.attname);
END LOOP;
FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'django_migrations' LOOP
  IF NOT EXISTS (SELECT FROM (VALUES ${values.join(', ')}) v (own, col) WHERE own = t.relname) THEN EXECUTE format('DROP TABLE %I', t.relname);
  ELSE EXECUTE format('DELETE FROM %I', t.relname); END IF;
END LOOP; END $do$;`;
}

/** SQL that fails, and names them, where the query does without some of these columns. */
function needless(reads: Query['reads'], sql: string): string {
  const tries = pairs(reads).map(
    ([table, column]) => `BEGIN
  ALTER TABLE ${table} DROP COLUMN ${column} CASCADE; EXECUTE $sql$${sql}$sql$; found := found || '${table}.${column} '; RAISE 'undo';
EXCEPTION WHEN undefined_column OR raise_exception THEN NULL; END;`,
  );
  return `DO $do$ DECLARE found text := ''; BEGIN ${tries.join('\n')}
IF found <> '' THEN RAISE data_exception USING MESSAGE = 'not read: ' || found; END IF; END $do$;`;
}
