import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { RunOptions, RunResult } from '../../../engine/apply/options.ts';
import { run } from '../../../engine/apply/run.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Host, Inventory } from '../../../engine/contract/inventory.ts';
import type { ReadyPlay, Task } from '../../../engine/contract/task.ts';
import type { Event } from '../../../engine/events/event.ts';
import { entryOf, entryText } from '../../../engine/script/ledger.ts';
import {
  defineModule,
  type HostView,
  type LabFact,
  Pending,
  type Proof,
  Refused,
  type Resource,
} from '../../../engine/sdk.ts';
import { lavaLab } from '../../../lab/field.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';
import { localConnection, privateSession } from '../../support/private_session.ts';
import { ofType } from '../../support/program.ts';
import { taskOf } from '../../support/task.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

let roots: Map<string, PrivateRoot>;
let events: Event[];

beforeEach(() => {
  roots = new Map();
  events = [];
});

function inventoryOf(names: readonly string[]): Inventory {
  const views: Record<string, HostView> = {};
  const hosts = new Map<string, Host>();
  for (const name of names) {
    roots.set(name, privateRoot());
    hosts.set(name, { name, place, groups: ['all'], vars: {}, connection: localConnection(name) });
    views[name] = { name, address: name, groups: ['all'], vars: {} };
  }
  return {
    file: 'inventory.yaml',
    hosts,
    groups: new Map(),
    roles: lavaLab.roles,
    lab: { hosts: views, groups: { all: names } },
    scopes: new Map(),
    secrets: new Map(),
    usedSecrets: new Set(),
    sensitive: [],
    warnings: [],
  };
}

/** A task that wants a file in the private root of its host; on hosts named "bad…" its step fails. */
function wants(file: string): Task {
  const module = defineModule({
    name: 'wants',
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    desired: ({ host }): readonly Resource[] => {
      const path = join(roots.get(host.name)?.folder ?? '', file);
      const script = host.name.startsWith('bad') ? 'echo broken; exit 1' : `: > '${path}'`;
      return [
        {
          id: `file ${file}`,
          probe: `[ ! -e '${path}' ] || echo there`,
          parse: String,
          change: (now) =>
            now === 'there\n'
              ? undefined
              : { before: '', after: 'there\n', steps: [{ title: `make ${file}`, script }] },
        },
      ];
    },
  });
  return { label: `wants ${file}`, module, args: {}, retries: 0, place };
}

function play(name: string, hosts: readonly string[], more: Partial<ReadyPlay> = {}): ReadyPlay {
  return {
    name,
    hosts,
    batches: [hosts],
    needs: [],
    maxFailPercentage: 100,
    tasks: new Map(hosts.map((host) => [host, [wants(name)]])),
    ...more,
  };
}

async function runPlays(
  plays: readonly ReadyPlay[],
  names: readonly string[],
  more: Partial<RunOptions> = {},
): Promise<RunResult> {
  return run({
    mode: 'apply',
    inventory: inventoryOf(names),
    plays,
    playbook: 'lab.yaml',
    forks: 25,
    connect: async ({ name }) => {
      if (name.startsWith('dead')) {
        throw new HostError('unreachable', 'connection-refused', 'connection refused', {
          host: name,
        });
      }
      const root = roots.get(name);
      if (!root) throw new Error(`no root for ${name}`);
      return privateSession(root, name);
    },
    trials: lavaLab.trials,
    report: (event) => events.push(event),
    confirm: async () => true,
    stop: new AbortController().signal,
    holder: 'admin@laptop',
    inUse: 'wait',
    stacks: 'hidden',
    ...more,
  });
}

/** Leaves something on a host before it is connected to. */
function withHandlersLeft(leave: () => void): Partial<RunOptions> {
  let isLeft = false;
  return {
    connect: async ({ name }) => {
      if (!isLeft) leave();
      isLeft = true;
      return privateSession(roots.get(name) ?? privateRoot(), name);
    },
  };
}

function outcomes({ hosts }: RunResult): Readonly<Record<string, string>> {
  return Object.fromEntries(hosts.map(({ host, outcome }) => [host, outcome]));
}

const made = (host: string, file: string): boolean =>
  existsSync(join(roots.get(host)?.folder ?? '', file));

describe('a run over many hosts', () => {
  test('a dry run makes nothing, asks nothing and costs two scripts a host', async () => {
    const hosts = ['a', 'b'];
    const result = await runPlays([play('p', hosts)], hosts, {
      mode: 'dry run',
      confirm: () => expect.unreachable('a dry run has nothing to ask'),
    });
    expect(outcomes(result)).toEqual({ a: 'would change', b: 'would change' });
    expect(result.hosts.map(({ scripts }) => scripts)).toEqual([2, 2]);
    expect([made('a', 'p'), made('b', 'p')]).toEqual([false, false]);
    expect(ofType(events, 'play-started')).toEqual([]);
  });

  test('an apply costs five scripts a host, and the question comes after all plans', async () => {
    const hosts = ['a', 'b'];
    let plannedWhenAsked = 0;
    const result = await runPlays([play('p', hosts)], hosts, {
      confirm: async () => {
        plannedWhenAsked = ofType(events, 'host-planned').length;
        return true;
      },
    });
    expect(outcomes(result)).toEqual({ a: 'changed', b: 'changed' });
    expect(plannedWhenAsked).toBe(2);
    expect(result.hosts.map(({ scripts }) => scripts)).toEqual([5, 5]);
    expect([made('a', 'p'), made('b', 'p')]).toEqual([true, true]);
  });

  test('a no to the question leaves everything as it is', async () => {
    const result = await runPlays([play('p', ['a'])], ['a'], { confirm: async () => false });
    expect(result.end).toBe('declined');
    expect(made('a', 'p')).toBe(false);
  });

  test('does not ask when there is nothing to do', async () => {
    const inventory = inventoryOf(['a']);
    writeFileSync(join(roots.get('a')?.folder ?? '', 'p'), '');
    const result = await run({
      mode: 'apply',
      inventory,
      plays: [play('p', ['a'])],
      playbook: 'lab.yaml',
      forks: 1,
      connect: async ({ name }) => privateSession(roots.get(name) ?? privateRoot(), name),
      trials: lavaLab.trials,
      report: (event) => events.push(event),
      confirm: () => expect.unreachable('nothing to ask'),
      stop: new AbortController().signal,
      holder: 'admin@laptop',
      inUse: 'wait',
      stacks: 'hidden',
    });
    expect(outcomes(result)).toEqual({ a: 'unchanged' });
  });

  test('one bad host stops nobody else', async () => {
    const hosts = ['a', 'bad', 'dead', 'z'];
    const result = await runPlays([play('p', hosts)], hosts);
    expect(outcomes(result)).toEqual({
      a: 'changed',
      bad: 'failed',
      dead: 'unreachable',
      z: 'changed',
    });
    expect(ofType(events, 'host-failed').map(({ host, failure }) => [host, failure.code])).toEqual([
      ['dead', 'connection-refused'],
      ['bad', 'step-failed'],
    ]);
  });

  test('a failed host is left out of later plays', async () => {
    const hosts = ['a', 'bad'];
    await runPlays([play('first', hosts), play('second', hosts)], hosts);
    expect([made('a', 'second'), made('bad', 'second')]).toEqual([true, false]);
  });

  test('a play is skipped where a host that it needs has failed', async () => {
    const plays = [play('database', ['bad']), play('workers', ['w'], { needs: ['bad'] })];
    const result = await runPlays(plays, ['bad', 'w']);
    expect(outcomes(result)).toEqual({ bad: 'failed', w: 'skipped' });
    expect(made('w', 'workers')).toBe(false);
    expect(ofType(events, 'host-skipped').map(({ reason }) => reason)).toEqual([
      'it needs bad, where the run failed',
    ]);
  });

  test('a play is skipped where a host that it needs could not be reached, and so is what needs it', async () => {
    const plays = [
      play('database', ['dead']),
      play('master', ['m'], { needs: ['dead'] }),
      play('workers', ['w'], { needs: ['m'] }),
    ];
    const result = await runPlays(plays, ['dead', 'm', 'w']);
    expect(outcomes(result)).toEqual({ dead: 'unreachable', m: 'skipped', w: 'skipped' });
    expect([made('m', 'master'), made('w', 'workers')]).toEqual([false, false]);
    expect(ofType(events, 'host-skipped').map(({ reason }) => reason)).toEqual([
      'it needs dead, where the run failed',
      'it needs m, which was skipped',
    ]);
  });

  test('batches run one after another', async () => {
    const hosts = ['a', 'b', 'c'];
    await runPlays([play('p', hosts, { batches: [['a'], ['b', 'c']] })], hosts);
    const order = events.flatMap((event) =>
      event.type === 'host-applied' || event.type === 'step-started'
        ? [`${event.type} ${event.host}`]
        : [],
    );
    expect(order.slice(0, 2)).toEqual(['step-started a', 'host-applied a']);
    expect(order).toHaveLength(6);
  });

  test('too many failures in a batch stop the rest of the play', async () => {
    const hosts = ['a', 'bad', 'c', 'd'];
    const batches = [
      ['a', 'bad'],
      ['c', 'd'],
    ];
    const result = await runPlays([play('p', hosts, { batches, maxFailPercentage: 49 })], hosts);
    expect(outcomes(result)).toEqual({ a: 'changed', bad: 'failed', c: 'skipped', d: 'skipped' });
    const tolerant = await runPlays([play('p', hosts, { batches, maxFailPercentage: 50 })], hosts);
    expect(outcomes(tolerant)).toMatchObject({ c: 'changed', d: 'changed' });
  });

  test('a second play on the same host sees what the first has made', async () => {
    const result = await runPlays([play('first', ['a']), play('second', ['a'])], ['a']);
    expect(result.hosts).toMatchObject([{ outcome: 'changed', changes: 2 }]);
  });

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
        'dead: connection refused, so what others want to know of it is not known',
      ]);
    });
  });

  describe('what services must say of themselves', () => {
    /** A task with three proofs by what `says` in the private root says. */
    function proving(desired: Task['module']['desired']): Task {
      const task = wants('p');
      const proof = (subject: string): Proof => ({
        subject,
        probe: `cat '${roots.get('a')?.folder}/says'`,
        judge(output) {
          if (output.includes(`${subject} gone`))
            return { state: 'proved', words: `${subject} is gone` };
          if (output.includes(`${subject} busy`))
            return { state: 'not yet', words: `${subject} works` };
          throw new Refused(`${subject} is still there`, 'look at it');
        },
      });
      const proofs = (): readonly Proof[] => ['x', 'y', 'z'].map(proof);
      return { ...task, module: { ...task.module, desired, proofs } };
    }

    async function proved(
      says: string | undefined,
      more: Partial<RunOptions> = {},
      desired = wants('p').module.desired,
    ): Promise<RunResult> {
      const tasks = new Map([['a', [proving(desired)]]]);
      return runPlays([play('p', ['a'], { tasks })], ['a'], {
        report(event) {
          events.push(event);
          if (event.type === 'host-connecting' && says !== undefined)
            writeFileSync(join(roots.get('a')?.folder ?? '', 'says'), says);
        },
        ...more,
      });
    }

    test('is asked at the end in one script, and told', async () => {
      const { proofs, hosts } = await proved('x gone, y busy, z gone');
      expect(proofs.map(({ subject, state, words }) => [subject, state, words])).toEqual([
        ['x', 'proved', 'x is gone'],
        ['y', 'not yet', 'y works'],
        ['z', 'proved', 'z is gone'],
      ]);
      expect(hosts).toMatchObject([{ outcome: 'changed', scripts: 6 }]);
      expect(ofType(events, 'check-passed').map(({ check }) => check)).toEqual([
        'x is gone',
        'z is gone',
      ]);
    });

    test('is a failure of the host when it is otherwise', async () => {
      const { proofs, hosts } = await proved('x gone, y busy');
      expect(proofs).toMatchObject([{}, {}, { subject: 'z', state: 'failed' }]);
      expect(hosts).toMatchObject([{ outcome: 'failed' }]);
      expect(ofType(events, 'host-failed').map(({ failure }) => failure)).toMatchObject([
        { code: 'not-proved', message: 'z is still there', hint: 'look at it', task: 'wants p' },
      ]);
    });

    test('is a failure when nothing is said', async () => {
      const { proofs, hosts } = await proved(undefined);
      expect([proofs, hosts]).toMatchObject([[], [{ outcome: 'failed' }]]);
    });

    test('is asked without a change only where it must be', async () => {
      const says = 'x gone, y gone, z gone';
      const right = () => [];
      const usual = await proved(says, {}, right);
      expect([usual.proofs, usual.hosts]).toMatchObject([[], [{ outcome: 'unchanged' }]]);
      const { proofs, hosts } = await proved(says, { proofs: 'always' }, right);
      expect([proofs.length, hosts]).toMatchObject([3, [{ outcome: 'unchanged' }]]);
      expect(hosts[0]?.scripts).toBe((usual.hosts[0]?.scripts ?? 0) + 1);
      const dry = await proved(says, { proofs: 'always', mode: 'dry run' });
      expect(dry.proofs).toEqual([]);
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

  test('asked to stop, begins no further host and frees every lock', async () => {
    const stop = new AbortController();
    const hosts = ['a', 'b'];
    const result = await runPlays([play('p', hosts, { batches: [['a'], ['b']] })], hosts, {
      stop: stop.signal,
      report: (event) => {
        events.push(event);
        if (event.type === 'step-finished') stop.abort();
      },
    });
    expect(result.end).toBe('interrupted');
    expect(outcomes(result)).toMatchObject({ b: 'interrupted' });
    expect([made('a', 'p'), made('b', 'p')]).toEqual([true, false]);
    for (const root of roots.values()) {
      expect(existsSync(join(root.folder, 'run/lava-play.lock'))).toBe(false);
    }
  });

  describe('with pending handlers of an earlier run', () => {
    const here = (file: string): string => join(roots.get('a')?.folder ?? '', file);
    const leavePending = (name: string, text: string): void => {
      mkdirSync(here('var/lib/lava-play/owed'), { recursive: true });
      writeFileSync(here(`var/lib/lava-play/owed/${name}`), text);
    };
    const leaveRestart = (script: string): void => {
      leavePending(
        entryOf('restart x'),
        entryText({ id: 'restart x', script }, 'eve@laptop since then'),
      );
    };
    const pendingHandlers = (): readonly string[] => readdirSync(here('var/lib/lava-play/owed'));
    const plays = [play('first', ['a', 'b']), play('second', ['a', 'b'])];

    test('lets a later play fix what makes one fail, and pays it then', async () => {
      const result = await runPlays(plays, ['a', 'b'], {
        ...withHandlersLeft(() => leaveRestart(`[ -e '${here('second')}' ]`)),
      });
      expect(outcomes(result)).toEqual({ a: 'changed', b: 'changed' });
      expect(ofType(events, 'handler-failed').map(({ next }) => next)).toEqual([
        'after the steps',
        'next run',
      ]);
      expect(pendingHandlers()).toEqual([]);
    });

    test('fails the host whose pending handler fails to the end, after all else is made there', async () => {
      const result = await runPlays(
        plays,
        ['a', 'b'],
        withHandlersLeft(() => leaveRestart('echo no; exit 3')),
      );
      expect(outcomes(result)).toEqual({ a: 'failed', b: 'changed' });
      expect([made('a', 'first'), made('a', 'second')]).toEqual([true, true]);
      expect(ofType(events, 'host-failed')).toMatchObject([
        { host: 'a', failure: { code: 'handler-failed', output: 'no' } },
      ]);
      expect(pendingHandlers()).toHaveLength(1);
    });

    test('fails it also where the last play has no task for it', async () => {
      const idle = play('idle', ['a'], { tasks: new Map([['a', []]]) });
      const pendingHandler = withHandlersLeft(() => leaveRestart('echo no; exit 3'));
      const result = await runPlays([play('first', ['a']), idle], ['a'], pendingHandler);
      expect([outcomes(result), made('a', 'first')]).toEqual([{ a: 'failed' }, true]);
    });

    test('counts one that was put off as waiting, and no longer once a later play has paid it', async () => {
      const causes = (file: string): Task => {
        const task = wants(file);
        const desired: Task['module']['desired'] = (input) =>
          task.module.desired(input).map((resource) => ({
            ...resource,
            change(now: unknown) {
              const change = resource.change(now);
              const restart = { id: 'restart x', script: `[ -e '${here('second')}' ]` };
              return change && { ...change, onChange: [restart] };
            },
          }));
        return { ...task, module: { ...task.module, desired } };
      };
      const second = play('second', ['a'], { tasks: new Map([['a', [causes('second')]]]) });
      const deferred = withHandlersLeft(() =>
        leaveRestart(`[ -e '${here('second')}' ] || exit 75`),
      );
      const both = await runPlays([play('first', ['a']), second], ['a'], deferred);
      expect(both.hosts).toMatchObject([{ outcome: 'changed', deferred: 0 }]);
      const held = withHandlersLeft(() => leaveRestart('echo eve is connected; exit 75'));
      const one = await runPlays([play('first', ['a']), play('second', ['a'])], ['a'], held);
      expect(one.hosts).toMatchObject([{ outcome: 'changed', deferred: 1 }]);
      expect(ofType(events, 'handler-deferred')).toHaveLength(2);
    });

    test('fails the host with an entry that cannot be read, names the file, and ends no other host', async () => {
      const result = await runPlays(
        plays,
        ['a', 'b'],
        withHandlersLeft(() => leavePending('broken', '{"id"')),
      );
      expect(outcomes(result)).toEqual({ a: 'failed', b: 'changed' });
      expect(made('a', 'second')).toBe(true);
      const [failed] = ofType(events, 'host-failed');
      expect(failed?.failure).toMatchObject({
        code: 'unreadable-ledger',
        message: expect.stringContaining(here('var/lib/lava-play/owed/broken')),
        hint: expect.stringContaining('remove the file'),
      });
      expect(pendingHandlers()).toEqual(['broken']);
    });

    test('shows an entry that cannot be read in a dry run, and does not pass over it when nothing else is to do', async () => {
      const broken = (): Partial<RunOptions> => withHandlersLeft(() => leavePending('broken', ''));
      const plan = await runPlays([play('p', ['a'])], ['a'], { mode: 'dry run', ...broken() });
      expect(outcomes(plan)).toEqual({ a: 'would change' });
      expect(ofType(events, 'host-planned')[0]?.pendingHandlers).toEqual([
        expect.stringMatching(/owed\/broken, which cannot be read: it is empty$/),
      ]);
      const nothing = play('p', ['a'], { tasks: new Map([['a', [taskOf('none', () => [])]]]) });
      expect(outcomes(await runPlays([nothing], ['a'], broken()))).toEqual({ a: 'failed' });
    });
  });

  test('an error that nobody foresaw is the failure of its host alone', async () => {
    const hosts = ['a', 'b'];
    const connect: RunOptions['connect'] = async ({ name }) => {
      if (name === 'a') throw new TypeError('socket.foo is not a function');
      return privateSession(roots.get(name) ?? privateRoot(), name);
    };
    const result = await runPlays([play('p', hosts)], hosts, { connect });
    expect(outcomes(result)).toEqual({ a: 'failed', b: 'changed' });
    expect(ofType(events, 'host-failed')).toMatchObject([
      {
        failure: {
          code: 'unexpected',
          message: 'an error inside lava-play: socket.foo is not a function',
          output: undefined,
        },
      },
    ]);
    await runPlays([play('p', hosts)], hosts, { connect, stacks: 'shown' });
    expect(ofType(events, 'host-failed').at(-1)?.failure.output).toContain('run.test.ts');
  });

  test('the lock names who runs it and since when', async () => {
    const noting = (): Task => {
      const module = defineModule({
        name: 'noting',
        summary: '',
        example: '',
        schema: { type: 'object', additionalProperties: false, properties: {} },
        desired: ({ host }): readonly Resource[] => {
          const folder = roots.get(host.name)?.folder;
          const script = `readlink '${folder}'/run/lava-play.lock > '${folder}/seen'`;
          return [
            {
              id: 'note',
              probe: `[ ! -e '${folder}/seen' ] || echo there`,
              parse: String,
              change: (now) =>
                now === ''
                  ? { before: '', after: 'x', steps: [{ title: 'note', script }] }
                  : undefined,
            },
          ];
        },
      });
      return { label: 'noting', module, args: {}, retries: 0, place };
    };
    await runPlays([play('p', ['a'], { tasks: new Map([['a', [noting()]]]) })], ['a']);
    const [, , holder = ''] = readFileSync(join(roots.get('a')?.folder ?? '', 'seen'), 'utf8')
      .trim()
      .split(':');
    expect(Buffer.from(holder, 'base64').toString()).toMatch(
      /^admin@laptop since \d{4}-\d\d-\d\dT/,
    );
  });
});
