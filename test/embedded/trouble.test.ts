import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event, FailureView } from '../../engine/events/event.ts';
import { eventually } from '../support/eventually.ts';
import {
  eventsOf,
  lavaPlay,
  ofType,
  type ProgramResult,
  type StartedProgram,
  startLavaPlay,
} from '../support/program.ts';
import type { EmbeddedHost, Hold } from './embedded_host.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';

const DROP_IN = 'etc/postgresql/15/main/conf.d/lava-play.conf';
const RESTART = 'restart postgresql@15-main.service';

let lab: EmbeddedLab;

beforeEach(async () => {
  lab = await startEmbeddedLab({ workers: 2 });
});
afterEach(() => lab?.stop());

function applyArguments(...more: readonly string[]): readonly string[] {
  return ['apply', lab.inventoryFile, '--yes', '--json', ...more];
}

async function apply(
  ...more: readonly string[]
): Promise<ProgramResult & { events: readonly Event[] }> {
  const result = await lavaPlay(applyArguments(...more));
  return { ...result, events: eventsOf(result.stdout) };
}

/** Starts an apply and waits until it has come to where a stand-in holds it. */
async function applyUntil(hold: Hold, ...more: readonly string[]): Promise<StartedProgram> {
  const started = startLavaPlay(applyArguments(...more));
  await eventually(() => expect(hold.isReached()).toBe(true));
  return started;
}

function failures(events: readonly Event[]): Readonly<Record<string, FailureView>> {
  return Object.fromEntries(
    ofType(events, 'host-failed').map(({ host, failure }) => [host, failure]),
  );
}

function outcomes(events: readonly Event[]): Readonly<Record<string, string>> {
  const hosts = ofType(events, 'run-finished')[0]?.hosts ?? [];
  return Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
}

function isLocked({ root }: EmbeddedHost): boolean {
  return lstatSync(join(root, 'run/lava-play.lock'), { throwIfNoEntry: false }) !== undefined;
}

function pendingOn({ root }: EmbeddedHost): readonly string[] {
  return readdirSync(join(root, 'var/lib/lava-play/owed'));
}

describe('a bad host', () => {
  test('that cannot be reached stops nobody else', async () => {
    await lab.host('worker01').stop();
    const { code, events } = await apply();
    expect(code).toBe(4);
    expect(outcomes(events)).toEqual({
      'lava-db': 'changed',
      'lava-master': 'changed',
      worker01: 'unreachable',
      worker02: 'changed',
    });
    expect(failures(events)).toMatchObject({
      worker01: { kind: 'unreachable', code: 'connection-refused' },
    });
  });

  test('on which a step fails is named with task, resource and what it printed, and stops nobody else', async () => {
    await lab.host('worker01').interfere('useradd', 'echo "useradd: no space left"; exit 1');
    const { code, events } = await apply();
    expect(code).toBe(1);
    expect(failures(events)).toMatchObject({
      worker01: {
        kind: 'failed',
        code: 'step-failed',
        task: 'configuration of the worker',
        resource: 'user lava-kernel-lab',
        output: 'useradd: no space left',
      },
    });
    expect(outcomes(events)).toMatchObject({ worker01: 'failed', worker02: 'changed' });
    expect(isLocked(lab.host('worker01'))).toBe(false);
  });

  test('that others need keeps those from being changed, and says why', async () => {
    await lab
      .host('lava-db')
      .interfere('apt-get', 'case "$*" in *install*) echo "E: broken packages"; exit 100 ;; esac');
    const { code, events } = await apply();
    expect(code).toBe(1);
    expect(failures(events)).toMatchObject({
      'lava-db': {
        task: 'PostgreSQL, open to the lab',
        resource: 'package postgresql',
        output: expect.stringContaining('E: broken packages'),
      },
    });
    expect(outcomes(events)).toEqual({
      'lava-db': 'failed',
      'lava-master': 'skipped',
      worker01: 'skipped',
      worker02: 'skipped',
    });
    expect(ofType(events, 'host-skipped').map(({ host, reason }) => [host, reason])).toEqual([
      ['lava-master', 'it needs lava-db, where the run failed'],
      ['worker01', 'it needs lava-master, which was skipped'],
      ['worker02', 'it needs lava-master, which was skipped'],
    ]);
  });

  test('fails the proof where the login does not work, with the line that is missing', async () => {
    await apply();
    const database = lab.host('lava-db');
    const loaded = 'var/lib/postgresql/15/main/loaded_pg_hba.conf';
    const rules = readFileSync(join(database.root, loaded), 'utf8');
    await database.write(loaded, rules.replace(/^.*192\.0\.2\.21.*\n/m, ''));
    await lab.host('worker01').write('etc/lava-coordinator/lava-coordinator.conf', '{}');
    const { code, events } = await apply();
    expect(code).toBe(1);
    expect(failures(events)).toMatchObject({
      worker01: {
        code: 'not-proved',
        hint: expect.stringContaining('host lavaserver lavaserver 192.0.2.21/32 scram-sha-256'),
      },
    });
    expect(outcomes(events)).toMatchObject({ worker01: 'failed', worker02: 'unchanged' });
  });
});

describe('a run that dies', () => {
  test('between a change and its restart leaves the restart pending, and the next run pays it', async () => {
    const database = lab.host('lava-db');
    await apply();
    const right = readFileSync(join(database.root, DROP_IN), 'utf8');
    await database.write(DROP_IN, '# somebody was here\n');

    const hold = await database.hold('systemctl', `'restart -- postgresql@'*`);
    const dying = await applyUntil(hold);
    expect(pendingOn(database)).toHaveLength(2);
    database.crash();
    await hold.release();
    expect((await dying.ended).code).toBe(4);
    expect(readFileSync(join(database.root, DROP_IN), 'utf8')).toBe(right);
    expect(isLocked(database)).toBe(true);

    const plan = await lavaPlay(['plan', lab.inventoryFile]);
    expect(plan.stdout).toContain(`lava-db: pending: ${RESTART} (pending since the run of `);
    const restarts = await countRestarts(database);
    const { code, events } = await apply();
    expect([code, failures(events)]).toEqual([0, {}]);
    expect(ofType(events, 'step-started')).toEqual([]);
    expect(ofType(events, 'handler-finished').map(({ handler }) => handler)).toEqual([
      'remove temporary folders',
      RESTART,
    ]);
    expect(await countRestarts(database)).toBe(restarts + 1);
    expect([pendingOn(database), isLocked(database)]).toEqual([[], false]);
    expect(outcomes((await apply()).events)).toMatchObject({ 'lava-db': 'unchanged' });
  });

  test('of a lost connection keeps the lock as long as its shell lives, and frees it then', async () => {
    const database = lab.host('lava-db');
    const hold = await database.hold('apt-get', '*install*');
    const cut = await applyUntil(hold);
    database.cut();
    const result = await cut.ended;
    expect(result.code).toBe(4);
    expect(failures(eventsOf(result.stdout))).toMatchObject({
      'lava-db': { code: 'connection-lost', resource: 'package postgresql' },
    });

    const refused = await apply();
    expect(refused.code).toBe(1);
    expect(failures(refused.events)).toMatchObject({ 'lava-db': { code: 'locked' } });
    await hold.release();
    await eventually(async () => expect((await apply()).code).toBe(0));
    expect(isLocked(database)).toBe(false);
  });
});

async function countRestarts(host: EmbeddedHost): Promise<number> {
  return (await host.calls()).split('systemctl restart -- postgresql@15-main').length - 1;
}

describe('two runs at once', () => {
  test('do not change the same host: the second says who is at it and since when', async () => {
    const hold = await lab.host('worker01').hold('useradd', '*');
    const first = await applyUntil(hold);
    await first.event(
      (event) =>
        event.type === 'host-applied' && event.host === 'worker02' && event.play === 'workers',
    );
    const second = await apply();
    expect(second.code).toBe(1);
    expect(failures(second.events)).toEqual({
      worker01: {
        kind: 'failed',
        code: 'locked',
        message: expect.stringMatching(
          /^another run is changing this host: \S+@\S+ since 20\S+ \(lava-play apply .*\); process \d+ there, for \d+ s$/,
        ),
        hint: expect.stringContaining('lava-play unlock worker01'),
      },
    });
    await hold.release();
    expect((await first.ended).code).toBe(0);
    expect(outcomes((await apply()).events)).toEqual({
      'lava-db': 'unchanged',
      'lava-master': 'unchanged',
      worker01: 'unchanged',
      worker02: 'unchanged',
    });
  });
});

describe('Ctrl-C', () => {
  test('lets the running step finish, begins nothing more, and frees the lock', async () => {
    const database = lab.host('lava-db');
    const hold = await database.hold('apt-get', '*install*');
    const run = await applyUntil(hold);
    run.signal('SIGINT');
    await eventually(() => expect(stopFiles(database)).toHaveLength(1));
    await hold.release();

    const { code, stdout } = await run.ended;
    const events = eventsOf(stdout);
    expect(code).toBe(130);
    expect(ofType(events, 'step-finished').map(({ step }) => step)).toEqual(['install postgresql']);
    expect(ofType(events, 'step-started')).toHaveLength(1);
    expect(ofType(events, 'interrupted')).toHaveLength(1);
    expect(outcomes(events)).toEqual({
      'lava-db': 'interrupted',
      'lava-master': 'interrupted',
      worker01: 'interrupted',
      worker02: 'interrupted',
    });
    expect([isLocked(database), stopFiles(database)]).toEqual([false, []]);
    expect(readdirSync(join(lab.host('worker01').root, 'srv'))).toEqual([]);
    expect((await apply()).code).toBe(0);
  });
});

describe('an apply whose output nobody reads any more', () => {
  test('lets the running step finish, begins nothing more, frees the lock, and is not a success', async () => {
    const database = lab.host('lava-db');
    const hold = await database.hold('apt-get', '*install*');
    const run = await applyUntil(hold);
    run.hangUp();
    await hold.release();
    expect(await run.ended).toMatchObject({ code: 141, stderr: '' });
    expect([isLocked(database), stopFiles(database)]).toEqual([false, []]);
    expect(lstatSync(join(database.root, DROP_IN), { throwIfNoEntry: false })).toBeUndefined();
    expect(readdirSync(join(lab.host('worker01').root, 'srv'))).toEqual([]);
    const { code, events } = await apply();
    expect(code).toBe(0);
    expect(ofType(events, 'step-started').map(({ step }) => step)).not.toContain(
      'install postgresql',
    );
  });
});

function stopFiles({ root }: EmbeddedHost): readonly string[] {
  return readdirSync(join(root, 'run')).filter((name) => name.includes('.stop-'));
}
