import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { HostFinding, LabHealth } from '../../../engine/contract/finding.ts';
import type { Inventory } from '../../../engine/contract/inventory.ts';
import type { ReadyPlay, Task } from '../../../engine/contract/task.ts';
import { type CheckOptions, checkLab } from '../../../engine/health/check_lab.ts';
import {
  defineModule,
  type Finding,
  type HealthQuery,
  Refused,
  type Trial,
} from '../../../engine/sdk.ts';
import { lavaLab } from '../../../lab/field.ts';
import { KEEPS_JOBS_AWAY } from '../../../lab/worker/jobs.ts';
import { freePort } from '../../support/free_port.ts';
import { localInventory } from '../../support/local_inventory.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

/** What a test's module asks of a host, by the host's name. */
type Questions = Readonly<Record<string, () => readonly HealthQuery[]>>;

const bad = (what: string, more: Partial<Finding> = {}): Finding => ({
  ...{ severity: 'problem', what, evidence: `seen: ${what}`, fix: 'fix it' },
  ...more,
});

const says = (id: string, probe: string, more: Partial<Finding> = {}): HealthQuery => ({
  id,
  probe,
  judge: (output) => (output === '' ? [] : [bad(output.trim(), more)]),
});

/** Hosts that are this machine; one called `dead…` is not reached, one called `slow…` never answers. */
async function checked(
  questions: Questions,
  {
    trials = {},
    ...more
  }: Partial<CheckOptions> & {
    readonly trials?: Readonly<Record<string, readonly Trial[]>>;
  } = {},
): Promise<LabHealth> {
  const names = Object.keys(questions);
  const module = defineModule({
    name: 'mod',
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    desired: () => [],
    trials: ({ host }) => trials[host.name] ?? [],
    health: ({ host }) => questions[host.name]?.() ?? [],
  });
  const task: Task = { label: 'mod', module, index: 0, args: {}, retries: 0, place };
  const play: ReadyPlay = {
    ...{ name: 'play', hosts: names, batches: [names], maxFailPercentage: 100 },
    anyErrorsFatal: false,
    tasks: new Map(names.map((name) => [name, [task]])),
  };
  return checkLab({
    inventory: inventoryOf(names),
    plays: [play],
    hosts: names,
    forks: 32,
    connect: ({ name }) => {
      if (name.startsWith('slow')) return new Promise(() => {});
      if (name.startsWith('dead'))
        throw new HostError('unreachable', 'connection-refused', 'connection refused', {
          host: name,
        });
      return privateSession(privateRoot(), name);
    },
    extension: lavaLab,
    stop: new AbortController().signal,
    patience: { connect: 30, silence: 30, host: 60 },
    ...more,
  });
}

function inventoryOf(names: readonly string[]): Inventory {
  return localInventory(names, { workers: names.filter((name) => /^w/.test(name)) });
}

/** What was found, but for what is not right with the very machine that the tests run on. */
function found({ hosts }: LabHealth): readonly HostFinding[] {
  return hosts
    .flatMap(({ findings }) => findings)
    .filter(({ check }) => !/^(host\.(?!reachable)|lab\.)/.test(check));
}

const lines = (health: LabHealth): readonly string[] =>
  found(health).map(({ host, check, what }) => `${host} ${check}: ${what}`);

test('answers are judged host by host, in one script each', async () => {
  const health = await checked({
    a: () => [says('mod.one', 'echo broken'), says('mod.two', ':')],
    b: () => [says('mod.one', ':')],
  });
  expect(lines(health)).toEqual(['a mod.one: broken']);
  expect(health.hosts.map(({ scripts }) => scripts)).toEqual([1, 1]);
  expect(health.hosts[0]?.checks.slice(-2)).toEqual(['mod.one', 'mod.two']);
});

test('a dead host, a slow one and one that hangs are named, and hide nobody', async () => {
  const health = await checked(
    {
      dead: () => [],
      slow: () => [],
      hangs: () => [says('mod.hang', 'sleep 1000'), says('mod.after', 'echo broken')],
      well: () => [says('mod.one', 'echo seen')],
    },
    { patience: { connect: 30, silence: 5, host: 20 } },
  );
  expect(lines(health)).toEqual([
    'dead host.reachable: the host cannot be reached',
    'slow host.reachable: the host cannot be reached',
    'hangs mod.hang: a query to this host timed out: something on it hangs',
    'hangs mod.after: broken',
    'well mod.one: seen',
  ]);
  expect(health.hosts.map(({ state }) => state)).toEqual([
    'unreachable',
    'unreachable',
    'problems',
    'problems',
  ]);
});

test('answers of a group are judged together; who did not answer is missing', async () => {
  const asked: Readonly<Record<string, string>>[] = [];
  const question: HealthQuery = {
    id: 'mod.all',
    of: 'workers',
    probe: 'echo here',
    judge(outputs) {
      asked.push(outputs);
      return [bad('told of another', { host: 'w2' })];
    },
  };
  const health = await checked(
    { a: () => [question], w1: () => [], w2: () => [], wdead: () => [] },
    {
      connect: async ({ name }) => {
        if (name !== 'wdead') return privateSession(privateRoot(), name);
        throw new HostError('unreachable', 'connection-refused', 'connection refused', {
          host: name,
        });
      },
    },
  );
  expect(asked).toEqual([{ w1: 'here\n', w2: 'here\n' }]);
  expect(lines(health)).toContain('w2 mod.all: told of another');
});

test('under a limit others are asked about what they know, and nothing is told of them', async () => {
  const question: HealthQuery = {
    id: 'mod.all',
    of: 'workers',
    probe: 'echo here',
    judge: (outputs) => [bad(Object.keys(outputs).join()), bad('not this', { host: 'w2' })],
  };
  const health = await checked(
    { w1: () => [question], w2: () => [says('mod.own', 'echo broken')] },
    { hosts: ['w1'] },
  );
  expect(lines(health)).toEqual(['w1 mod.all: w1,w2']);
  expect(health.hosts.map(({ host }) => host)).toEqual(['w1']);
});

test('a path that cannot work because of its far end is told there', async () => {
  const port = await freePort();
  const path: Trial = { kind: 'tcp', host: '127.0.0.9', port };
  const down = says('mod.down', 'echo down', { breaks: { kinds: ['tcp'] } });
  const health = await checked(
    { server: () => [down], client: () => [] },
    { trials: { client: [path] } },
  );
  expect(lines(health)).toEqual([
    'server mod.down: down',
    `client mod.tcp: this host cannot reach 127.0.0.9:${port}`,
  ]);
  const folded = await checked(
    { server: () => [down], client: () => [] },
    { trials: { client: [{ ...path, host: 'server' }] } },
  );
  expect(lines(folded)).toEqual(['server mod.down: down']);
  expect(found(folded)[0]?.alsoSeen.map(({ host }) => host)).toEqual(['client']);
  expect(folded.hosts.map(({ state }) => state)).toEqual(['problems', 'problems']);
});

test('the nearest is tried first, and what lies behind one that does not work is left out', async () => {
  const [near, far] = [await freePort(), await freePort()];
  const [gate, server, other]: Trial[] = [
    { kind: 'tcp', host: 'gate', port: near },
    { kind: 'tcp', host: '127.0.0.1', port: far },
    { kind: 'tcp', host: '127.0.0.9', port: far },
  ];
  const trials = { client: [server, gate, other] } as Record<string, Trial[]>;
  const health = await checked(
    { client: () => [] },
    {
      trials,
      extension: { ...lavaLab, before: (trial) => (trial.host === '127.0.0.1' ? gate : undefined) },
    },
  );
  expect(lines(health).toSorted()).toEqual([
    `client mod.tcp: this host cannot reach 127.0.0.9:${far}`,
    `client mod.tcp: this host cannot reach gate:${near}`,
  ]);
});

test('an address is that of the host that the extension knows behind it', async () => {
  const port = await freePort();
  const path: Trial = { kind: 'tcp', host: '127.0.0.1', port };
  const down = says('mod.down', 'echo down', { breaks: { kinds: ['tcp'] } });
  const health = await checked(
    { server: () => [down], client: () => [] },
    {
      trials: { client: [path] },
      extension: { ...lavaLab, hostAt: (end) => (end.port === port ? 'server' : undefined) },
    },
  );
  expect(lines(health)).toEqual(['server mod.down: down']);
});

test('what a later trial of the host itself shows to be over is not told', async () => {
  const late = says('mod.late', 'echo silent', { host: 'w1', until: 'tcp' });
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  const path: Trial = { kind: 'tcp', host: '127.0.0.1', port };
  const questions = { master: () => [late], w1: () => [] };
  expect(lines(await checked(questions, { trials: { w1: [path] } }))).toEqual([]);
  server.close();
  expect(lines(await checked(questions))).toEqual(['w1 mod.late: silent']);
});

test('a proxy that waits for a page of a dead host is no second cause', async () => {
  const proxy: Trial = {
    ...{ kind: 'http_proxy', host: 'proxy', port: await freePort(), expect: 'let in' },
    url: 'http://dead/',
  };
  const health = await checked(
    { dead: () => [], client: () => [] },
    { trials: { client: [proxy] } },
  );
  expect(lines(health)).toEqual(['dead host.reachable: the host cannot be reached']);
});

test('what breaks a path for one host only explains no other one', async () => {
  const port = await freePort();
  const trials = {
    one: [{ kind: 'tcp', host: 'server', port }],
    two: [{ kind: 'tcp', host: 'server', port }],
  } as const;
  const health = await checked(
    {
      server: () => [says('mod.line', 'echo no line', { breaks: { kinds: ['tcp'], only: 'one' } })],
      one: () => [],
      two: () => [],
    },
    { trials },
  );
  expect(lines(health)).toEqual([
    'server mod.line: no line',
    `two mod.tcp: this host cannot reach server:${port}`,
  ]);
});

test('one cause is told once, with all that follows from it at any distance', async () => {
  const health = await checked({
    database: () => [says('mod.down', 'echo down', { breaks: { kinds: ['postgres'] } })],
    master: () => [
      says('mod.api', 'echo no database', {
        towards: { kind: 'postgres', host: 'database' },
        breaks: { kinds: ['lava_worker'] },
      }),
      says('mod.list', 'echo w1 is Offline', {
        host: 'w1',
        towards: { kind: 'lava_worker', host: 'master' },
      }),
    ],
    w1: () => [],
  });
  expect(lines(health)).toEqual(['database mod.down: down']);
  expect(found(health)[0]?.alsoSeen).toEqual([
    { host: 'master', evidence: 'seen: no database' },
    { host: 'w1', evidence: 'seen: w1 is Offline' },
  ]);
});

test('a daemon that is down explains what its own host cannot reach by it, and no other host', async () => {
  const late = (name: string): HealthQuery =>
    says(`mod.late-${name}`, `echo ${name} is silent`, {
      host: name,
      towards: { kind: 'lava_worker', host: 'master' },
    });
  const health = await checked({
    master: () => [late('w1'), late('w2')],
    w1: () => [says('mod.unit', 'echo off', { breaks: { kinds: ['lava_worker'], ends: 'from' } })],
    w2: () => [],
  });
  expect(lines(health)).toEqual(['w1 mod.unit: off', 'w2 mod.late-w2: w2 is silent']);
});

test('what keeps jobs from a worker is told where it is, not as what its heartbeat and its master make of it', async () => {
  const lacks = (name: string): HealthQuery =>
    says('mod.heartbeat', `echo ${name} lacks something`, {
      breaks: KEEPS_JOBS_AWAY,
      towards: { kind: 'jobs', host: name },
    });
  const keptAway = (name: string): HealthQuery =>
    says(`mod.list-${name}`, `echo ${name} is in Maintenance`, {
      host: name,
      towards: { kind: 'jobs', host: name },
    });
  const health = await checked({
    master: () => [keptAway('w1'), keptAway('w2'), keptAway('w3')],
    w1: () => [lacks('w1'), says('mod.adapter', 'echo no adapter', { breaks: KEEPS_JOBS_AWAY })],
    w2: () => [lacks('w2')],
    w3: () => [],
  });
  expect(lines(health)).toEqual([
    'w1 mod.adapter: no adapter',
    'w2 mod.heartbeat: w2 lacks something',
    'w3 mod.list-w3: w3 is in Maintenance',
  ]);
  expect(found(health).map(({ alsoSeen }) => alsoSeen.length)).toEqual([2, 1, 0]);
});

test('what a host has tried itself is told before what others conclude', async () => {
  const port = await freePort();
  const health = await checked(
    {
      master: () => [
        says('mod.late', 'echo silent', { host: 'w1', towards: { kind: 'tcp', host: 'master' } }),
      ],
      w1: () => [],
    },
    { trials: { w1: [{ kind: 'tcp', host: 'master', port }] } },
  );
  expect(lines(health)).toEqual([`w1 mod.tcp: this host cannot reach master:${port}`]);
  expect(found(health)[0]?.alsoSeen).toEqual([{ host: 'w1', evidence: 'seen: silent' }]);
});

test('findings that explain each other are both told', async () => {
  const health = await checked({
    one: () => [
      says('mod.a', 'echo a', {
        towards: { kind: 'tcp', host: 'two' },
        breaks: { kinds: ['tcp'] },
      }),
    ],
    two: () => [
      says('mod.b', 'echo b', {
        towards: { kind: 'tcp', host: 'one' },
        breaks: { kinds: ['tcp'] },
      }),
    ],
  });
  expect(lines(health)).toEqual(['one mod.a: a', 'two mod.b: b']);
});

test('paths are tried only where somebody says that there is something to reach', async () => {
  const port = await freePort();
  const path = (output: string): HealthQuery => ({
    id: 'mod.path',
    trial: { kind: 'tcp', host: '127.0.0.1', port },
    what: 'not reached',
    given: { of: 'a', probe: `echo ${output}`, holds: ({ a = '' }) => a === 'yes\n' },
  });
  expect(lines(await checked({ a: () => [path('yes')] }))).toEqual(['a mod.path: not reached']);
  expect(lines(await checked({ a: () => [path('no')] }))).toEqual([]);
});

test('modules and judgements that break say so, and the rest is judged', async () => {
  const health = await checked({
    a: () => {
      throw new Error('two boards are called imx');
    },
    b: () => [
      { id: 'mod.odd', probe: ':', judge: () => JSON.parse('{') },
      says('mod.fails', 'echo why >&2; exit 4'),
      says('mod.fine', 'echo broken'),
    ],
  });
  expect(lines(health)).toEqual([
    'a mod.health: the module mod cannot list what to check',
    'b mod.odd: the check mod.odd of the module mod failed to evaluate the answer',
    'b mod.fine: broken',
    'b mod.fails: this could not be checked',
  ]);
  expect(found(health).map(({ evidence }) => evidence)).toContain(
    'the probe ended with status 4: why',
  );
});

test('a judgement that refuses an answer is a problem with its own way out', async () => {
  const judge = (): never => {
    throw new Refused('LAVA 2030.01 has other tables', 'use a newer one');
  };
  const health = await checked({ a: () => [{ id: 'mod.odd', probe: ':', judge }] });
  expect(found(health)).toMatchObject([
    {
      ...{ severity: 'problem', check: 'mod.odd' },
      ...{ evidence: 'LAVA 2030.01 has other tables', fix: 'use a newer one' },
    },
  ]);
});

test('things are told of the host that they are on, whoever tells of them', async () => {
  const { hosts } = await checked({
    m1: () => [
      {
        id: 'mod.list',
        probe: 'echo Online',
        judge: () => [],
        things: (output) => [
          { kind: 'server', name: 'lava', state: 'answers', status: 'good' },
          { kind: 'worker', name: 'w1', host: 'w1', state: output.trim(), status: 'good' },
        ],
      },
    ],
    w1: () => [
      {
        id: 'mod.broken',
        probe: 'echo x',
        judge: () => [],
        things: () => {
          throw new Error('not understood');
        },
      },
    ],
  });

  expect(hosts.map(({ host, things }) => [host, things])).toEqual([
    ['m1', [{ kind: 'server', name: 'lava', host: 'm1', state: 'answers', status: 'good' }]],
    ['w1', [{ kind: 'worker', name: 'w1', host: 'w1', state: 'Online', status: 'good' }]],
  ]);
});

test('one thing said twice is told once', async () => {
  const twice = says('mod.one', 'echo broken');
  expect(lines(await checked({ a: () => [twice, twice] }))).toEqual(['a mod.one: broken']);
});

test('nobody is waited for once the user wants to stop', async () => {
  const stop = AbortSignal.abort();
  const health = await checked(
    { slow: () => [] },
    { stop, patience: { connect: 30, silence: 30, host: 600 } },
  );
  expect(health.hosts).toHaveLength(1);
});
