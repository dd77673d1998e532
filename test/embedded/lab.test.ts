import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ChangeView, Event, HostSummary } from '../../engine/events/event.ts';
import { MASK } from '../../engine/script/mask.ts';
import { eventsOf, lavaPlay, ofType } from '../support/program.ts';
import type { HostCost } from './embedded_host.ts';
import { type EmbeddedLab, startEmbeddedLab } from './embedded_lab.ts';
import { changedPaths, hashOf, type Listing, listRoot } from './root_listing.ts';

/** A run of the program over a whole lab. */
interface Run {
  readonly code: number | null;
  readonly events: readonly Event[];
  readonly hosts: readonly HostSummary[];
  /** What it cost each host. */
  readonly costs: ReadonlyMap<string, HostCost>;
}

async function run(lab: EmbeddedLab, ...args: readonly string[]): Promise<Run> {
  const before = new Map(lab.hosts.map(({ name, cost }) => [name, { ...cost }]));
  const [command = 'plan', ...options] = args;
  const { code, stdout, stderr } = await lavaPlay([
    command,
    lab.inventoryFile,
    '--json',
    ...options,
  ]);
  expect(stderr).toBe('');
  const events = eventsOf(stdout);
  const costs = lab.hosts.map(
    ({ name, cost }) => [name, difference(cost, before.get(name))] as const,
  );
  return {
    code,
    events,
    hosts: ofType(events, 'run-finished')[0]?.hosts ?? [],
    costs: new Map(costs),
  };
}

function difference(now: HostCost, before: HostCost | undefined): HostCost {
  return {
    connections: now.connections - (before?.connections ?? 0),
    commands: now.commands - (before?.commands ?? 0),
    roundTrips: now.roundTrips - (before?.roundTrips ?? 0),
    bytesFromClient: now.bytesFromClient - (before?.bytesFromClient ?? 0),
    bytesToClient: now.bytesToClient - (before?.bytesToClient ?? 0),
  };
}

function listAll(lab: EmbeddedLab): ReadonlyMap<string, Listing> {
  return new Map(lab.hosts.map(({ name, root }) => [name, listRoot(root)]));
}

function hashAll(lab: EmbeddedLab): readonly string[] {
  return [...listAll(lab).values()].map(hashOf);
}

function announced(
  run: Run,
  host: string,
  when: 'first' | 'later' = 'first',
): readonly ChangeView[] {
  return ofType(run.events, 'host-planned')
    .filter((event) => event.host === host && (event.round === 1) === (when === 'first'))
    .flatMap(({ changes }) => changes);
}

/** How many messages of the handshake may cross and look like round trips. */
const CROSSINGS = 2;

/** All hosts of a run that changes nothing have the same to say; where no messages crossed, the count is true. */
function fewestRoundTrips({ costs }: Run): number {
  return Math.min(...[...costs.values()].map(({ roundTrips }) => roundTrips));
}

const names = (lab: EmbeddedLab): readonly string[] => lab.hosts.map(({ name }) => name);
const outcomes = (run: Run): Readonly<Record<string, string>> =>
  Object.fromEntries(run.hosts.map(({ host, outcome }) => [host, outcome]));
const pgHba = (lab: EmbeddedLab): string =>
  readFileSync(join(lab.host('lava-db').root, 'etc/postgresql/15/main/pg_hba.conf'), 'utf8');

describe('a lab from bare hosts, in order', () => {
  let lab: EmbeddedLab;
  let bare: ReadonlyMap<string, Listing>;
  let plan: Run;
  let apply: Run;

  beforeAll(async () => {
    lab = await startEmbeddedLab({ workers: 2 });
    bare = listAll(lab);
  });
  afterAll(() => lab?.stop());

  test('a plan announces changes on every host and leaves no trace on any', async () => {
    const before = hashAll(lab);
    plan = await run(lab, 'plan', '--detailed-exitcode');
    expect(plan.code).toBe(3);
    expect(hashAll(lab)).toEqual(before);
    for (const name of names(lab)) expect(announced(plan, name).length).toBeGreaterThan(0);
    expect(plan.hosts.map(({ scripts }) => scripts)).toEqual([2, 2, 2, 2]);
  });

  test('the plan invents nothing about a database server that is still to be installed', () => {
    const database = ofType(plan.events, 'host-planned').find(({ host }) => host === 'lava-db');
    expect(database?.changes.map(({ resource }) => resource)).toEqual(['package postgresql']);
    expect(database?.pending.map(({ reason }) => reason)).toEqual([
      'PostgreSQL is not installed yet',
      'PostgreSQL is not installed yet',
    ]);
  });

  test('an apply makes it so and proves the login from every host that needs it', async () => {
    apply = await run(lab, 'apply', '--yes');
    expect(apply.code).toBe(0);
    expect(outcomes(apply)).toEqual({
      'lava-db': 'changed',
      'lava-master': 'changed',
      worker01: 'changed',
      worker02: 'changed',
    });
    expect(
      ofType(apply.events, 'proved')
        .map(({ host }) => host)
        .sort(),
    ).toEqual(['lava-master', 'worker01', 'worker02']);
  });

  test('the apply costs five scripts a host, three more where a package came first, one more where others ask again', () => {
    expect(Object.fromEntries(apply.hosts.map(({ host, scripts }) => [host, scripts]))).toEqual({
      'lava-db': 8,
      'lava-master': 6,
      worker01: 8,
      worker02: 8,
    });
  });

  test('what changed on disk is what the plan announced, with the same texts', () => {
    for (const host of ['lava-master', 'worker01', 'worker02']) {
      const before = bare.get(host) ?? new Map();
      const after = listRoot(lab.host(host).root);
      const found = changedPaths(before, after).filter((path) => !isOfPackages(path));
      const told = [...announced(plan, host), ...announced(apply, host, 'later')].filter(
        ({ resource }) => pathOf(resource) !== undefined,
      );
      expect(found).toEqual(told.map(({ resource }) => pathOf(resource)).sort());
      for (const change of told) {
        const path = pathOf(change.resource) ?? '';
        expect([path, ...shown(before, path, lab)]).toEqual([
          path,
          change.before,
          change.labels[0],
        ]);
        expect([path, ...shown(after, path, lab)]).toEqual([path, change.after, change.labels[1]]);
      }
    }
  });

  test('the accounts that the plan announced are there, and no others', () => {
    for (const host of ['lava-master', 'worker01', 'worker02']) {
      const added = (path: string): readonly string[] => {
        const old = bare.get(host)?.get(path)?.text.split('\n') ?? [];
        const now = listRoot(lab.host(host).root).get(path)?.text.split('\n') ?? [];
        return now.filter((line) => !old.includes(line)).map((line) => line.split(':')[0] ?? '');
      };
      const told = announced(plan, host).map(({ resource }) => resource);
      expect(added('/etc/group').map((name) => `group ${name}`)).toEqual(
        told.filter((resource) => resource.startsWith('group ')),
      );
      expect(added('/etc/passwd').map((name) => `user ${name}`)).toEqual(
        told.filter((resource) => resource.startsWith('user ')),
      );
    }
  });

  test('a second apply changes nothing, leaves no trace, and costs two scripts a host', async () => {
    const before = hashAll(lab);
    const again = await run(lab, 'apply', '--yes');
    expect(again.code).toBe(0);
    expect(hashAll(lab)).toEqual(before);
    expect(again.hosts.map(({ outcome, changes, scripts }) => [outcome, changes, scripts])).toEqual(
      names(lab).map(() => ['unchanged', 0, 2]),
    );
    expect(ofType(again.events, 'step-started')).toEqual([]);
    for (const { connections, commands, bytesFromClient, bytesToClient } of again.costs.values()) {
      expect({ connections, commands }).toEqual({ connections: 1, commands: 1 });
      expect(bytesFromClient).toBeLessThan(32_000);
      expect(bytesToClient).toBeLessThan(20_000);
    }
  });

  test('drift is fixed, and only that', async () => {
    const conf = join(lab.host('worker01').root, INSTANCE_CONF);
    const right = readFileSync(conf, 'utf8');
    await lab.host('worker01').write(INSTANCE_CONF, right.replace("'kernel-lab'", "'other'"));
    const fixed = await run(lab, 'apply', '--yes');
    expect(readFileSync(conf, 'utf8')).toBe(right);
    expect(fixed.hosts.map(({ changes }) => changes)).toEqual([0, 0, 1, 0]);
  });

  test('one more stanza gives the database a line and the new worker its files, and touches nobody else', async () => {
    await lab.addWorker('worker03');
    const before = listAll(lab);
    const added = await run(lab, 'apply', '--yes');
    expect(added.code).toBe(0);
    expect(outcomes(added)).toEqual({
      'lava-db': 'changed',
      'lava-master': 'unchanged',
      worker01: 'unchanged',
      worker02: 'unchanged',
      worker03: 'changed',
    });
    expect(pgHba(lab)).toContain('host lavaserver lavaserver 192.0.2.23/32 scram-sha-256\n');
    for (const host of ['lava-master', 'worker01', 'worker02']) {
      expect(changedPaths(before.get(host) ?? new Map(), listRoot(lab.host(host).root))).toEqual(
        [],
      );
    }
    expect(readFileSync(join(lab.host('worker03').root, INSTANCE_CONF), 'utf8')).toContain(
      "LAVA_SERVER_IP='192.0.2.23'",
    );
  });

  test('a worker that left the inventory loses its line at the database, within the budget of round trips', async () => {
    await lab.removeWorker('worker03');
    const removed = await run(lab, 'apply', '--yes');
    expect(removed.code).toBe(0);
    expect(pgHba(lab)).not.toContain('192.0.2.23');
    expect(pgHba(lab)).toContain('192.0.2.22/32');
    expect(removed.hosts.map(({ changes, scripts }) => [changes, scripts])).toEqual([
      [1, 5],
      [0, 2],
      [0, 2],
      [0, 2],
    ]);
    expect(removed.costs.get('lava-db')?.roundTrips).toBeLessThanOrEqual(14 + CROSSINGS);
    expect(removed.costs.get('worker03')?.connections).toBe(0);
  });
});

const INSTANCE_CONF = 'srv/lava/instances/kernel-lab/etc/lava-server/instance.conf';

/** What accounts are kept in; announced as `user NAME` and `group NAME`. */
/** What useradd, apt-get and `systemctl enable` write, and the file of the package ser2net. */
const OF_PACKAGES = [
  /^\/etc\/(passwd|group)$/,
  /^\/var\/lib\/(apt|dpkg)\//,
  /^\/etc\/systemd\/system\/multi-user\.target\.wants\//,
  /^\/lib\/systemd\//,
  /^\/etc\/(ser2net\.yaml|default(\/ser2net)?|udev(\/rules\.d)?)$/,
];

function isOfPackages(path: string): boolean {
  return OF_PACKAGES.some((pattern) => pattern.test(path));
}

function pathOf(resource: string): string | undefined {
  return /^(?:file|directory|symlink) (\/.*)$/.exec(resource)?.[1];
}

/** What stands at a path, in the words of a plan: the masked text and the label. */
function shown(listing: Listing, path: string, lab: EmbeddedLab): readonly [string, string] {
  const entry = listing.get(path);
  if (!entry) return ['', 'missing'];
  if (entry.kind === 'symlink') return [`-> ${entry.text}\n`, 'symbolic link'];
  return [entry.text.replaceAll(lab.password, MASK), `${entry.mode} ${entry.owner}`];
}

describe('a lab of thirty-two hosts', () => {
  test('is planned in one run, with two scripts a host', async () => {
    const lab = await startEmbeddedLab({ workers: 30 });
    try {
      const plan = await run(lab, 'plan', '--detailed-exitcode', '--forks', '32');
      expect(plan.code).toBe(3);
      expect(plan.hosts).toHaveLength(32);
      for (const summary of plan.hosts) {
        expect(summary).toMatchObject({ outcome: 'would change', scripts: 2 });
      }
      expect(fewestRoundTrips(plan)).toBeLessThanOrEqual(11);
      for (const { connections } of plan.costs.values()) expect(connections).toBe(1);
    } finally {
      await lab.stop();
    }
  });
});
