import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, type TestContext, test } from 'vitest';
import {
  configurationText,
  credentialsText,
  type HeartbeatConfiguration,
  heartbeatWorkerConf,
  maskCredentials,
} from '../../modules/lava_worker_agent/heartbeat/configuration_text.ts';
import { HEARTBEAT } from '../../modules/lava_worker_agent/heartbeat/places.ts';
import { programFiles } from '../../modules/lava_worker_agent/heartbeat/program_files.ts';
import { unitText } from '../../modules/lava_worker_agent/heartbeat/unit_text.ts';
import { waitFor } from '../booted/wait.ts';
import { type HeartbeatReceiver, startHeartbeatReceiver } from '../support/heartbeat_receiver.ts';
import { testFolder } from '../support/temp_folder.ts';
import { startXmlrpcMaster, type XmlrpcMaster } from '../support/xmlrpc_master.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const sources = {
  lava_heartbeat: join(root, 'modules/lava_worker_agent/files/lava_heartbeat'),
  lava_heartbeat_receiver: join(root, 'modules/lava_server/files/lava_heartbeat_receiver'),
};
const source = sources.lava_heartbeat;

interface Told {
  readonly period: number;
  readonly last_success: string | null;
  readonly last_report: string | null;
  readonly last_error: { readonly message: string } | null;
  readonly failures_in_a_row: number;
  readonly problems: readonly string[];
}

/** The program as a process of its own, installed in a temporary folder. */
interface Runtime {
  readonly folder: string;
  readonly log: () => string;
  readonly metrics: () => Promise<string>;
  /** Resolves with the status once it is as wanted. */
  readonly status: (isWanted: (told: Told) => boolean) => Promise<Told>;
  readonly ended: Promise<readonly [number | null, string | null]>;
  readonly signal: (name: NodeJS.Signals) => void;
}

/** Tests run side by side, so each cleans up behind itself. */
type Here = Pick<TestContext, 'onTestFinished'>;

async function master(
  here: Here,
  options: Parameters<typeof startXmlrpcMaster>[0],
): Promise<XmlrpcMaster> {
  const started = await startXmlrpcMaster(options);
  here.onTestFinished(started.stop);
  return started;
}

async function receiver(
  here: Here,
  {
    keys,
    devices,
  }: { readonly keys: Readonly<Record<string, string>>; readonly devices: readonly string[] },
): Promise<HeartbeatReceiver> {
  const folder = await temporaryFolder(here);
  for (const [name, text] of Object.entries(keys)) await writeFile(join(folder, name), text);
  const started = await startHeartbeatReceiver({ keys: folder, workers: ['w1'], devices });
  here.onTestFinished(started.stop);
  return started;
}

async function temporaryFolder(here: Here): Promise<string> {
  const folder = testFolder();
  here.onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function start(
  here: Here,
  wanted: (folder: string) => HeartbeatConfiguration,
  { login = { user: 'lava-health', token: 'secret-token' } } = {},
): Promise<Runtime> {
  const folder = await temporaryFolder(here);
  await mkdir(join(folder, 'program'));
  for (const { path, content } of programFiles()) {
    await writeFile(path.replace(HEARTBEAT.program, join(folder, 'program')), content);
  }
  await writeFile(join(folder, 'login'), credentialsText(login));
  await writeFile(join(folder, 'worker.conf'), heartbeatWorkerConf(1));
  const configuration = JSON.parse(
    configurationText({
      workerConf: join(folder, 'worker.conf'),
      textfile: join(folder, 'lava.prom'),
      ...wanted(folder),
    }),
  );
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ ...configuration, answer_seconds: 0.5 }),
  );
  const child = spawn(
    'python3',
    ['-I', '-B', join(folder, 'program'), join(folder, 'config.json')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        CREDENTIALS_DIRECTORY: folder,
        RUNTIME_DIRECTORY: folder,
        STATE_DIRECTORY: folder,
      },
    },
  );
  const ended = once(child, 'exit').then(() => [child.exitCode, child.signalCode] as const);
  here.onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    log += part;
  });
  return {
    folder,
    log: () => log,
    metrics: () => readFile(join(folder, 'lava.prom'), 'utf8'),
    status: (isWanted) =>
      waitFor(
        'wanted status',
        async () => {
          const text = await readFile(join(folder, 'status.json'), 'utf8').catch(() => undefined);
          if (text === undefined) return undefined;
          const told: Told = JSON.parse(text);
          return isWanted(told) ? told : undefined;
        },
        { deadlineMs: 20_000, evidence: () => log },
      ),
    ended,
    signal: (name) => void child.kill(name),
  };
}

function classic(url: string): (folder: string) => HeartbeatConfiguration {
  return (folder) => ({
    mode: 'classic',
    host: 'w1.lab',
    url,
    devices: join(folder, 'devices'),
  });
}

describe('its parts, in Python', () => {
  test.for([
    ['lava_heartbeat', 85],
    ['lava_heartbeat_receiver', 25],
  ] as const)('all tests of the parts of %s pass', async ([name, least]) => {
    const { stderr } = await run(
      'python3',
      ['-B', '-m', 'unittest', 'discover', '-s', join(root, 'test', name)],
      { env: { PATH: process.env.PATH, PYTHONPATH: sources[name] } },
    );
    const [, count] = /Ran (\d+) tests/.exec(stderr) ?? [];
    expect(Number(count)).toBeGreaterThan(least);
    expect(stderr).toMatch(/\nOK\n$/);
  });

  test.for(['lava_heartbeat', 'lava_heartbeat_receiver'] as const)(
    'Python 3.9 can read every file of %s',
    async (name) => {
      const folder = sources[name];
      const { stdout } = await run('python3', [
        '-c',
        'import ast, sys\nfor path in sys.argv[1:]: print(len(ast.parse(open(path).read(), feature_version=(3, 9)).body) > 0)',
        ...(await readdir(folder)).map((file) => join(folder, file)),
      ]);
      expect(new Set(stdout.trim().split('\n'))).toEqual(new Set(['True']));
    },
  );

  test('every file of the program is installed', async () => {
    const names = (await readdir(source)).sort().map((name) => `${HEARTBEAT.program}/${name}`);
    expect(programFiles().map(({ path }) => path)).toEqual(names);
  });
});

describe.concurrent('a classic worker', () => {
  test('reports complete, then minimal, every HEARTBEAT_TIMEOUT seconds, and says so', async (here) => {
    const there = await master(here, { devices: ['panda01', 'panda02'] });
    const runtime = await start(here, (folder) => {
      const configuration = classic(there.url)(folder);
      spawnSync('mkdir', [join(folder, 'devices')]);
      spawnSync('touch', [join(folder, 'devices/panda01.conf'), join(folder, 'devices/x.conf')]);
      return configuration;
    });
    const told = await runtime.status(({ last_report }) => last_report === 'minimal');
    expect(told).toMatchObject({ period: 1, last_error: null, failures_in_a_row: 0, problems: [] });
    const seen = await there.state();
    expect(seen.calls[0]).toMatchObject({
      user: 'lava-health',
      method: 'scheduler.worker_heartbeat',
    });
    const payloads = seen.calls.map(({ params }) => JSON.parse(String(params[0])));
    expect(payloads[0]).toMatchObject({ info_size: 'complete', hostname: 'w1.lab' });
    expect(Object.keys(payloads[1])).toEqual(['info_size', 'hostname', 'uptime', 'devices']);
    expect(payloads[1].devices).toEqual(['panda01', 'x']);
    expect(Object.keys(seen.rows['w1.lab'] ?? {})).toEqual(
      expect.arrayContaining(['uptime', 'last_heartbeat', 'platform', 'ip_address', 'arch']),
    );
    expect(seen.devices).toEqual({ panda01: 'w1.lab', panda02: null });
    expect(await runtime.metrics()).toContain('lava_heartbeat_up 1\n');
    expect(runtime.log()).toMatch(/accepted the first heartbeat \(complete\)\n$/);
  });

  test.for([
    ['black-hole', 'no answer within 0.5 s', 3],
    ['drip', 'no answer within 0.5 s', 3],
    ['hang-up', 'without response', 3],
    ['fault--32603', 'an internal error of the master', 3],
    ['fault-401', 'found no login', 3],
    ['fault-403', 'the master accepts no heartbeat from user lava-health', 3],
    ['fault--32601', "is it the LAVA that 'mode' says?", 3],
    ['http-401', 'does not accept the token of user lava-health', 1],
    ['http-500', 'the master cannot be used', 1],
  ] as const)(
    'outlives a master in the mode %s and is fixed with it',
    async ([mode, words, tries], here) => {
      const there = await master(here, {});
      await there.order({ mode });
      const runtime = await start(here, classic(there.url));
      const failing = await runtime.status(({ failures_in_a_row }) => failures_in_a_row > 0);
      expect(failing.last_error?.message).toContain(words);
      expect(failing.last_success).toBeNull();
      expect((await there.state()).connections).toBeGreaterThanOrEqual(tries);
      expect(await runtime.metrics()).toMatch(/lava_heartbeat_up 0\n/);
      await there.order({ mode: 'normal', forget: true });
      await runtime.status((told) => told.last_success !== null && told.failures_in_a_row === 0);
      const [first] = (await there.state()).calls;
      expect(JSON.parse(String(first?.params[0])).info_size).toBe('complete');
      expect(runtime.log()).toMatch(/the master accepted the heartbeat, after \d+ failures\n$/);
    },
  );

  test('a master that refuses connections is found when it is there', async (here) => {
    const there = await master(here, {});
    await there.stop();
    const runtime = await start(here, classic(there.url));
    const failing = await runtime.status(({ failures_in_a_row }) => failures_in_a_row > 1);
    expect(failing.last_error?.message).toContain('Connection refused');
    await master(here, { port: there.port });
    await runtime.status((told) => told.failures_in_a_row === 0 && told.last_success !== null);
  });

  test('the period is read afresh, and a wrong one is told and taken as 300', async (here) => {
    const there = await master(here, {});
    const runtime = await start(here, classic(there.url));
    await runtime.status(({ last_success }) => last_success !== null);
    await writeFile(join(runtime.folder, 'worker.conf'), "HEARTBEAT_TIMEOUT='soon'\n");
    await runtime.status(({ period }) => period === 300);
    expect(runtime.log()).toContain("HEARTBEAT_TIMEOUT is not a whole number: 'soon'");
  });

  test('ends at once when it is told to', async (here) => {
    const there = await master(here, {});
    await there.order({ mode: 'black-hole' });
    const runtime = await start(here, classic(there.url));
    await waitFor(
      'call that hangs',
      async () => ((await there.state()).connections > 0 ? true : undefined),
      { deadlineMs: 20_000 },
    );
    runtime.signal('SIGTERM');
    expect(await runtime.ended).toEqual([null, 'SIGTERM']);
  });

  test('a wrong configuration ends it with EX_CONFIG and one sentence', async (here) => {
    const runtime = await start(here, () => ({
      mode: 'classic',
      host: 'w1',
      url: 'http://m/RPC2',
    }));
    expect(await runtime.ended).toEqual([78, null]);
    expect(runtime.log()).toMatch(/^<4>\S+config\.json: 'devices' must be text in mode classic\n$/);
  });
});

describe.concurrent('a current worker', () => {
  const key = '5e'.repeat(32);

  test('tells what is wrong with which board; only that goes out of service, and comes back', async (here) => {
    const there = await receiver(here, {
      keys: { w1: key },
      devices: ['w1:board-1', 'w1:board-2'],
    });
    const runtime = await start(
      here,
      (folder) => ({
        mode: 'current',
        host: 'w1',
        url: there.url,
        boards: [
          { name: 'board-1', link: join(folder, 'board-1') },
          { name: 'board-2', link: '/dev/null' },
        ],
      }),
      { login: { user: 'w1', token: key } },
    );
    const link = join(runtime.folder, 'board-1');
    const health = async (): Promise<readonly (string | undefined)[]> => {
      const { things } = await there.control();
      return ['w1', 'board-1', 'board-2'].map((name) => things[name]?.health);
    };
    const becomes = (wanted: readonly string[]) =>
      waitFor(
        wanted.join(', '),
        async () => (`${await health()}` === `${wanted}` ? true : undefined),
        { deadlineMs: 20_000, evidence: runtime.log },
      );
    await becomes(['Active', 'Maintenance', 'Good']);
    const bad = await runtime.status(({ problems }) => problems.length > 0);
    expect(bad).toMatchObject({ problems: [`serial ${link} is not there`], last_report: 'Active' });
    expect((await there.control()).reports[0]).toEqual([
      'w1',
      [{ text: `serial ${link} is not there`, device: 'board-1', sure: false }],
    ]);
    expect(await runtime.metrics()).toContain(
      `lava_heartbeat_problem{kind="serial",what="${link}"} 1`,
    );
    await waitFor(
      'word in the log',
      async () =>
        runtime.log().includes('board-1: Good → Maintenance (lava-heartbeat: ') || undefined,
      { deadlineMs: 20_000, evidence: runtime.log },
    );
    await symlink('/dev/null', link);
    await becomes(['Active', 'Good', 'Good']);
    expect(await readdir(runtime.folder)).not.toContain('maintenance.json');
  });

  test('while a job is on the board it is left in service, and looked at again soon', async (here) => {
    const there = await receiver(here, { keys: { w1: key }, devices: ['w1:a'] });
    await there.control({ things: { a: { busy: true } } });
    const runtime = await start(
      here,
      () => ({
        mode: 'current',
        host: 'w1',
        url: there.url,
        boards: [{ name: 'a', link: '/no/such/link' }],
      }),
      { login: { user: 'w1', token: key } },
    );
    await waitFor(
      'third report',
      async () => ((await there.control()).reports.length >= 3 ? true : undefined),
      { deadlineMs: 20_000, evidence: runtime.log },
    );
    expect((await there.control()).things.a).toMatchObject({ health: 'Good', log: [] });
    await there.control({ things: { a: { busy: false } } });
    await waitFor(
      'end of the job',
      async () => ((await there.control()).things.a?.health === 'Maintenance' ? true : undefined),
      { deadlineMs: 20_000, evidence: runtime.log },
    );
  });

  test('a worker that the master does not know is told', async (here) => {
    const there = await receiver(here, { keys: { w1: key, w2: key }, devices: [] });
    const runtime = await start(here, () => ({ mode: 'current', host: 'w2', url: there.url }), {
      login: { user: 'w2', token: key },
    });
    const told = await runtime.status(({ failures_in_a_row }) => failures_in_a_row > 0);
    expect(told.last_error?.message).toContain('the master does not know this worker');
  });
});

describe('its texts', () => {
  test('the login is hidden in diffs', () => {
    expect(maskCredentials(credentialsText({ user: 'lava-health', token: 'a:b c' }))).toBe(
      'lava-health:********\n',
    );
  });

  test('what the unit cannot see is refused', () => {
    const wanted = { mode: 'current', host: 'w1', url: 'http://m/lava-heartbeat/' } as const;
    expect(() => configurationText({ ...wanted, mounts: ['/tmp/media'] })).toThrow(
      'cannot check /tmp/media',
    );
    expect(() => configurationText({ ...wanted, mounts: ['/tmpfs'] })).not.toThrow();
  });

  const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;

  describe.skipIf(!analyze)('the unit', () => {
    async function unitFile(here: Here): Promise<string> {
      const path = join(await temporaryFolder(here), HEARTBEAT.unit);
      await writeFile(
        path,
        unitText({ mode: 'current', textfile: '/var/lib/prometheus/node-exporter/lava.prom' }),
      );
      return path;
    }

    test('is taken by systemd without a word', async (here) => {
      const { stdout, stderr } = await run('systemd-analyze', [
        'verify',
        '--man=no',
        '--recursive-errors=no',
        await unitFile(here),
      ]);
      expect(stdout + stderr).toBe('');
    });

    test('gives the service little of the host', async (here) => {
      const { stdout } = await run('systemd-analyze', [
        'security',
        '--offline=true',
        '--threshold=30',
        '--no-pager',
        await unitFile(here),
      ]);
      expect(stdout).toMatch(/Overall exposure level for lava-heartbeat\.service: [12]\.\d OK/);
    });
  });
});
