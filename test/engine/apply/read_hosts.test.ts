import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hostRuns } from '../../../engine/apply/host_run.ts';
import { readAll } from '../../../engine/apply/read_hosts.ts';
import type { ReadyPlay } from '../../../engine/contract/task.ts';
import type { Connection } from '../../../engine/contract/transport.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import { type LabFact, Pending, type Resource } from '../../../engine/sdk.ts';
import { privateRoot } from '../../support/private_root.ts';
import { ofType } from '../../support/program.ts';
import {
  events,
  inventoryOf,
  made,
  optionsOf,
  outcomes,
  play,
  roots,
  runPlays,
  wants,
} from '../../support/run_plays.ts';
import { taskOf } from '../../support/task.ts';

describe('a task that is decided by what other hosts answer', () => {
  /** Wants `/run/NAME` to hold a text. */
  const holds = (name: string, wanted: string): Resource<string> => ({
    id: `file ${name}`,
    probe: `cat /run/${name} 2>/dev/null || :`,
    parse: String,
    change: (now) =>
      now === wanted
        ? undefined
        : {
            before: now,
            after: wanted,
            steps: [{ title: `write ${name}`, script: `printf '%s' '${wanted}' > /run/${name}` }],
          },
  });
  const makesKey = taskOf('key', ({ host }) => [holds('key', `key of ${host.name}`)]);
  const others: LabFact<string> = {
    of: 'all',
    probe: 'cat /run/key 2>/dev/null || :',
    parse: (output) => output.toUpperCase(),
  };
  const collects = taskOf(
    'collect',
    ({ facts }) => {
      const keys = Object.entries(facts.others as Record<string, string>).filter(
        ([host]) => host !== 'm',
      );
      const late = keys.filter(([, key]) => key === '').map(([host]) => host);
      if (late.length > 0) throw new Pending(`${late} made no key yet`);
      return [holds('keys', keys.map(([host, key]) => `${host}: ${key}`).join(', '))];
    },
    { facts: { others } },
  );
  const master = play('master', ['m'], { tasks: new Map([['m', [collects]]]) });
  const keysAndMaster = (workers: readonly string[]): readonly ReadyPlay[] => [
    play('keys', workers, { tasks: new Map(workers.map((host) => [host, [makesKey]])) }),
    master,
  ];
  const read = (host: string, file: string): string =>
    readFileSync(join(roots.get(host)?.folder ?? '', 'run', file), 'utf8');

  test('sees what they say once they are made right, in one run', async () => {
    const result = await runPlays(keysAndMaster(['a', 'b']), ['a', 'b', 'm']);
    const [first] = ofType(events, 'host-planned').filter(({ host }) => host === 'm');
    expect(first?.pending).toMatchObject([{ reason: 'a,b made no key yet' }]);
    expect(outcomes(result)).toEqual({ a: 'changed', b: 'changed', m: 'changed' });
    expect(read('m', 'keys')).toBe('a: KEY OF A, b: KEY OF B');
  });

  test('also when the host itself waits for what another brings, such as its database', async () => {
    const database = join(privateRoot().folder, 'database');
    const starts = taskOf('start', () => [
      {
        id: 'database',
        probe: `[ ! -e '${database}' ] || echo up`,
        parse: String,
        change: (now) =>
          now === 'up\n'
            ? undefined
            : {
                before: '',
                after: 'up\n',
                steps: [{ title: 'start', script: `: >'${database}'` }],
              },
      },
    ]);
    const uses = taskOf(
      'use',
      ({ facts }) => {
        if (facts.answer === '') throw new Pending('the database does not answer');
        return [holds('table', String(facts.answer))];
      },
      { facts: { answer: { probe: `[ ! -e '${database}' ] || echo made`, parse: String } } },
    );
    const server = play('server', ['m'], { tasks: new Map([['m', [uses]]]) });
    const result = await runPlays(
      [play('p', ['a'], { tasks: new Map([['a', [starts]]]) }), server],
      ['a', 'm'],
    );
    expect(outcomes(result)).toEqual({ a: 'changed', m: 'changed' });
    expect(read('m', 'table')).toBe('made\n');
  });

  test('costs them no script', async () => {
    const result = await runPlays(keysAndMaster(['a']), ['a', 'm'], { mode: 'dry run' });
    expect(result.hosts.map(({ scripts }) => scripts)).toEqual([2, 1]);
  });

  test('is told of a host that cannot be asked by its absence, and the admin by name', async () => {
    const result = await runPlays([master], ['a', 'dead', 'm'], { mode: 'dry run' });
    expect(result.hosts).toMatchObject([{ host: 'm', pending: 1 }]);
    expect(ofType(events, 'warning').map(({ warning }) => warning.message)).toEqual([
      'dead: connection refused, so the facts that other hosts need from it are missing',
    ]);
  });
});

test('a host outside the limit is read but not touched, and said to be stale', async () => {
  const limited = play('p', ['a'], {
    tasks: new Map(['a', 'b'].map((host) => [host, [wants('p')]])),
  });
  const result = await runPlays([limited], ['a', 'b']);
  expect(outcomes(result)).toEqual({ a: 'changed' });
  expect(made('b', 'p')).toBe(false);
  expect(ofType(events, 'stale-outside-limit')).toEqual([
    { type: 'stale-outside-limit', host: 'b', changes: 1, pending: 0 },
  ]);
});

test('an unreachable host outside the limit harms nothing', async () => {
  const limited = play('p', ['a'], {
    needs: ['dead'],
    tasks: new Map(['a', 'dead'].map((host) => [host, [wants('p')]])),
  });
  expect(outcomes(await runPlays([limited], ['a', 'dead']))).toEqual({ a: 'changed' });
  expect(ofType(events, 'host-failed')).toEqual([]);
});

test('a host outside the limit is given three seconds to answer, and those inside what they are set to', async () => {
  const limited = play('p', ['a'], {
    tasks: new Map(['a', 'dead'].map((host) => [host, [wants('p')]])),
  });
  const inventory = inventoryOf(['a', 'dead']);
  const asked: Connection[] = [];
  const options = optionsOf([limited], inventory);
  const connect: typeof options.connect = (connection) => {
    asked.push(connection);
    return options.connect(connection);
  };
  const runs = hostRuns(options);
  await readAll([...runs.values()], labFacts([], inventory.lab), { ...options, connect });
  expect(asked.map(({ name, connectTimeout }) => [name, connectTimeout])).toEqual([
    ['a', 10],
    ['dead', 3],
  ]);
  await runs.get('a')?.work?.session.close();
});

test('asked to stop, connects to no further host, and leaves nobody waiting for its answers', async () => {
  const stop = new AbortController();
  stop.abort();
  const others: LabFact<string> = { of: 'all', probe: 'echo here', parse: String };
  const task = taskOf('collect', () => [], { facts: { others } });
  const inventory = inventoryOf(['a', 'b']);
  const options = optionsOf([play('p', ['a'], { tasks: new Map([['a', [task]]]) })], inventory, {
    stop: stop.signal,
    connect: () => expect.unreachable('nobody is to be asked'),
  });
  const facts = labFacts([task], inventory.lab);
  await readAll([...hostRuns(options).values()], facts, options);
  expect(await facts.outputs(others)).toEqual({});
  expect(events).toEqual([]);
});

test('a module that fails on one host keeps no other from its plan', async () => {
  const breaks = taskOf('breaks', ({ host }) => {
    if (host.name === 'a') throw new TypeError('x is undefined');
    return [];
  });
  const hosts = ['a', 'b'];
  const tasks = new Map(hosts.map((host) => [host, [breaks]]));
  await runPlays([play('p', hosts, { tasks })], hosts, { mode: 'dry run' });
  expect(ofType(events, 'host-failed')).toMatchObject([
    { host: 'a', failure: { code: 'module-error', task: 'breaks' } },
  ]);
  expect(ofType(events, 'host-planned').map(({ host }) => host)).toEqual(['b']);
});
