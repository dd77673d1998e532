import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { converge, type HostWork, type Made, readPlan } from '../../../engine/apply/converge.ts';
import type { HostError } from '../../../engine/contract/errors.ts';
import type { Task } from '../../../engine/contract/task.ts';
import type { Session } from '../../../engine/contract/transport.ts';
import type { Event } from '../../../engine/events/event.ts';
import { labFacts } from '../../../engine/plan/lab_facts.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import { isEmpty } from '../../../engine/plan/plan.ts';
import { entryOf, entryText } from '../../../engine/script/ledger.ts';
import { Deferred, type Handler, Pending, type Resource } from '../../../engine/sdk.ts';
import { eventually } from '../../support/eventually.ts';
import { type PrivateRoot, privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';
import { ofType } from '../../support/program.ts';
import { taskOf } from '../../support/task.ts';

let root: PrivateRoot;
let session: Session;
let events: Event[];

beforeEach(async () => {
  root = privateRoot();
  events = [];
  session = await privateSession(root);
});

afterEach(() => session?.close());

function work(stop = new AbortController().signal): HostWork {
  const host = { name: 'here', address: 'localhost', groups: ['all'], vars: {} };
  const lab = { hosts: { here: host }, groups: { all: ['here'] } };
  return {
    host,
    lab,
    labFacts: labFacts([], lab),
    session,
    report: (event) => events.push(event),
    holder: { text: 'admin@laptop since now', run: 'run1', inUse: 'wait' },
    memory: newMemory(),
    stop,
  };
}

/** A file in the private root that should hold one line. */
function line(
  name: string,
  wanted: string,
  script?: string,
  onChange: Handler[] = [],
): Resource<string> {
  const path = join(root.folder, name);
  return {
    id: `file ${name}`,
    probe: `cat '${path}' 2>/dev/null || :`,
    parse: String,
    change: (now) =>
      now === wanted
        ? undefined
        : {
            before: now,
            after: wanted,
            onChange,
            steps: [
              { title: `write ${name}`, script: script ?? `printf %s '${wanted}' > '${path}'` },
            ],
          },
  };
}

/** Writes down what an earlier run did not get to. */
function leavePending(handler: Handler): void {
  const folder = here('var/lib/lava-play/owed');
  mkdirSync(folder, { recursive: true });
  const text = entryText(handler, 'eve@laptop since yesterday');
  writeFileSync(join(folder, entryOf(handler.id)), `${text}\n`);
}

async function failureOf(promise: Promise<unknown>): Promise<HostError> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error as HostError,
  );
}

function read(name: string): string {
  return readFileSync(join(root.folder, name), 'utf8');
}

const here = (name: string): string => join(root.folder, name);

describe('converging a host', () => {
  test('costs two scripts when nothing is to change, and five when something is', async () => {
    const tasks = [taskOf('a', () => [line('a', 'one')]), taskOf('b', () => [line('b', 'two')])];
    const { changed, end } = await converge(tasks, undefined, work());
    expect([changed.length, end, session.cost.scripts]).toEqual([2, 'converged', 5]);
    expect([read('a'), read('b')]).toEqual(['one', 'two']);
    const again = await converge(tasks, undefined, work());
    expect([again.changed.length, session.cost.scripts]).toEqual([0, 7]);
  });

  test('comes round again for a task that had to wait for an earlier one', async () => {
    const version = { probe: `cat '${here('version')}' 2>/dev/null || :`, parse: String };
    const tasks = [
      taskOf('install', () => [line('version', '15')]),
      taskOf(
        'configure',
        ({ facts }) => {
          const { version: known } = facts as { version: string };
          if (known === '') throw new Pending('not installed yet');
          return [line('conf', `for ${known}`)];
        },
        { facts: { version } },
      ),
    ];
    const plan = await readPlan(tasks, work());
    expect(plan.pending.map(({ reason }) => reason)).toEqual(['not installed yet']);
    expect(plan.changes).toHaveLength(1);
    const { changed } = await converge(tasks, plan, work());
    expect(changed).toHaveLength(2);
    expect(read('conf')).toBe('for 15');
  });

  test('leaves a handler that says "not now" pending, tries it once a run, and names who is in the way', async () => {
    const restart: Handler = {
      id: 'restart console',
      script: `if [ -e '${here('client')}' ] && [ "$lava_play_kick" != yes ]; then echo 192.0.2.9 is connected; exit 75; fi; echo again >> '${here('restarts')}'`,
    };
    writeFileSync(here('client'), '');
    const tasks = [taskOf('a', () => [line('a', 'one', undefined, [restart])])];
    const { changed, deferred } = await converge(tasks, undefined, work());
    expect([changed.length, deferred]).toEqual([1, ['restart console']]);
    expect(ofType(events, 'handler-deferred')).toEqual([
      {
        type: 'handler-deferred',
        host: 'here',
        handler: 'restart console',
        reason: '192.0.2.9 is connected',
      },
    ]);
    expect((await readPlan(tasks, work())).ledger.pendingHandlers).toMatchObject([
      { id: restart.id },
    ]);
    expect(existsSync(here('restarts'))).toBe(false);
    const kicking = work();
    const holder = { ...kicking.holder, inUse: 'kick' } as const;
    const { deferred: left } = await converge(tasks, undefined, { ...kicking, holder });
    expect([left, read('restarts')]).toEqual([[], 'again\n']);
    expect(isEmpty(await readPlan(tasks, work()))).toBe(true);
  });

  test('ends with what waits left undone', async () => {
    const wanted = line('a', 'one');
    const held: Resource<string> = {
      ...wanted,
      change(now) {
        const change = wanted.change(now);
        if (change) throw new Deferred('192.0.2.9 is connected', change);
        return undefined;
      },
    };
    const tasks = [taskOf('a', () => [held, line('b', 'two')])];
    const { changed, deferred } = await converge(tasks, undefined, work());
    expect([changed.length, deferred, existsSync(here('a'))]).toEqual([1, ['file a'], false]);
    const kicking = work();
    const holder = { ...kicking.holder, inUse: 'kick' } as const;
    await converge(tasks, undefined, { ...kicking, holder });
    expect(read('a')).toBe('one');
  });

  test('says which task waits for nothing that happens', async () => {
    const deferred = taskOf('deferred', () => {
      throw new Pending('no cluster');
    });
    const error = await failureOf(converge([deferred], undefined, work()));
    expect(error).toMatchObject({ code: 'no-progress', context: { task: 'deferred' } });
    expect(error.message).toContain('no cluster');
  });

  test('says which resource does not converge', async () => {
    const error = await failureOf(
      converge([taskOf('t', () => [line('x', 'wanted', 'true')])], undefined, work()),
    );
    expect(error).toMatchObject({
      code: 'does-not-converge',
      context: { host: 'here', task: 't', resource: 'file x' },
    });
  });

  test.each([
    ['one resource is', ['x'], 2],
    ['two resources are by turns', ['x', 'y'], 4],
  ])('says when %s wanted otherwise at each read', async (_, names, rounds) => {
    let reads = 0;
    const restless = taskOf('t', () => {
      reads += 1;
      return [line(names[reads % names.length] ?? '', `${reads}`)];
    });
    const error = await failureOf(converge([restless], undefined, work()));
    expect(error).toMatchObject({ code: 'does-not-converge', context: { task: 't' } });
    expect(error.message).toContain('has a different desired state at each read');
    expect(ofType(events, 'step-finished').length).toBeLessThanOrEqual(rounds);
  });

  test('lets a resource be wanted otherwise after others have brought what was not known', async () => {
    const brings = taskOf('brings', () => [line('version', '2')]);
    const wants = taskOf('wants', () => {
      const known = existsSync(here('version')) ? read('version') : 'none';
      return [line('conf', `for ${known}`)];
    });
    const { end } = await converge([brings, wants], undefined, work());
    expect(end).toBe('converged');
    expect(read('conf')).toBe('for 2');
  });

  test('leaves a host alone that a newer lava-play keeps', async () => {
    mkdirSync(here('var/lib/lava-play'), { recursive: true });
    writeFileSync(here('var/lib/lava-play/format'), '2\n');
    const error = await failureOf(
      converge([taskOf('t', () => [line('x', 'wanted')])], undefined, work()),
    );
    expect(error).toMatchObject({ code: 'newer-format' });
    expect(error.message).toContain('format 2; this one supports 1');
    expect(existsSync(here('x'))).toBe(false);
    writeFileSync(here('var/lib/lava-play/format'), 'two\n');
    const nameless = await failureOf(converge([taskOf('t', () => [])], undefined, work()));
    expect(nameless).toMatchObject({ code: 'newer-format' });
  });

  describe('tells what a change proves', () => {
    function proving(resource: Resource<string>): Resource<string> {
      return {
        ...resource,
        change(now) {
          const change = resource.change(now);
          return change && { ...change, proves: 'it is gone' };
        },
      };
    }

    test('when the read after it finds it right', async () => {
      const tasks = [taskOf('t', () => [proving(line('x', 'gone'))])];
      await converge(tasks, undefined, work());
      await converge(tasks, undefined, work());
      expect(ofType(events, 'proved')).toEqual([
        { type: 'proved', host: 'here', proof: 'it is gone' },
      ]);
    });

    test('never when it is wrong again, or not read again', async () => {
      const again = [taskOf('t', () => [proving(line('x', 'gone', 'true'))])];
      expect(await failureOf(converge(again, undefined, work()))).toMatchObject({
        code: 'does-not-converge',
      });
      const once = taskOf('t', () => (existsSync(here('y')) ? [] : [proving(line('y', 'gone'))]));
      expect(await failureOf(converge([once], undefined, work()))).toMatchObject({
        code: 'not-proved',
        context: { task: 't', resource: 'file y' },
      });
      expect(ofType(events, 'proved')).toEqual([]);
    });
  });

  test('tries a failed task again as often as its retries allow', async () => {
    const flaky = `echo x >> '${here('tries')}'; [ "$(grep -c x '${here('tries')}')" -ge 2 ] && printf y > '${here('x')}'`;
    const tasks = (retries: number): Task[] => [
      taskOf('flaky', () => [line('x', 'y', flaky)], { retries }),
    ];
    expect((await failureOf(converge(tasks(0), undefined, work()))).code).toBe('step-failed');
    writeFileSync(here('tries'), '');
    const { changed } = await converge(tasks(1), undefined, work());
    expect(changed).toHaveLength(1);
  });

  test('waits before a retry as long as the task says, and no longer than until a stop', async () => {
    const failing = (delay: number): Task[] => [
      taskOf('flaky', () => [line('x', 'y', 'exit 1')], { retries: 3, delay }),
    ];
    expect((await failureOf(converge(failing(0), undefined, work()))).code).toBe('step-failed');
    const stop = new AbortController();
    const ended = failureOf(converge(failing(3600), undefined, { ...work(), stop: stop.signal }));
    await eventually(() => expect(ofType(events, 'step-started').length).toBeGreaterThan(4));
    stop.abort();
    expect((await ended).code).toBe('step-failed');
  });

  test('tells what was made before a failure', async () => {
    const made: Made[] = [];
    const tasks = [
      taskOf('good', () => [line('a', '1')]),
      taskOf('bad', () => [line('b', '1', 'exit 1')]),
      taskOf('late', () => [line('c', '1')]),
    ];
    const onMade = (counts: Made): void => void made.push(counts);
    await failureOf(converge(tasks, undefined, { ...work(), onMade }));
    expect(made).toEqual([{ changes: 1, ran: 0, handlers: 0 }]);
  });

  test('pays a handler once, the greater in place of the lesser', async () => {
    const pay = (what: string): string => `echo ${what} >> '${here('log')}'`;
    const reload: Handler = { id: 'reload x', script: pay('reload') };
    const restart: Handler = { id: 'restart x', script: pay('restart'), covers: ['reload x'] };
    const tasks = [
      taskOf('a', () => [line('a', '1', undefined, [restart])]),
      taskOf('b', () => [line('b', '1', undefined, [reload])]),
      taskOf('c', () => [line('c', '1', undefined, [restart])]),
    ];
    await converge(tasks, undefined, work());
    expect(read('log')).toBe('restart\n');
    expect(readdirSync(here('var/lib/lava-play/owed'))).toEqual([]);
  });

  test('a handler that fails stays pending, is shown by the next plan and paid by the next apply', async () => {
    const restart: Handler = {
      id: 'restart x',
      script: `[ -e '${here('mended')}' ] && echo paid > '${here('log')}'`,
    };
    const tasks = [taskOf('a', () => [line('a', '1', undefined, [restart])])];
    const error = await failureOf(converge(tasks, undefined, work()));
    expect(error.message).toContain('restart x');
    writeFileSync(here('mended'), '');
    const plan = await readPlan(tasks, work());
    expect(plan.changes).toEqual([]);
    expect(plan.ledger.pendingHandlers.map(({ id }) => id)).toEqual(['restart x']);
    await converge(tasks, plan, work());
    expect(read('log')).toBe('paid\n');
    expect(isEmpty(await readPlan(tasks, work()))).toBe(true);
  });

  describe('pays', () => {
    const log = (word: string): string => `echo ${word} >> '${here('log')}'`;

    test('a restart in the same run although a later step fails', async () => {
      const restart: Handler = { id: 'restart x', script: log('restart') };
      const tasks = [
        taskOf('good', () => [line('a', '1', undefined, [restart])]),
        taskOf('bad', () => [line('b', '1', 'exit 4')]),
      ];
      const error = await failureOf(converge(tasks, undefined, work()));
      expect(error.message).toBe('write b ended with status 4');
      expect(read('log')).toBe('restart\n');
      expect((await readPlan(tasks, work())).ledger.pendingHandlers).toEqual([]);
    });

    test('what an earlier run owes before its first step, in one script', async () => {
      leavePending({ id: 'restart x', script: log('restart') });
      const tasks = [taskOf('a', () => [line('a', '1', `${log('step')}; exit 4`)])];
      await failureOf(converge(tasks, undefined, work()));
      expect(read('log')).toBe('restart\nstep\n');
      expect(session.cost.scripts).toBe(3);
      expect((await readPlan(tasks, work())).ledger.pendingHandlers).toEqual([]);
    });

    test('a pending handler after the steps that fix what made it fail', async () => {
      leavePending({ id: 'restart x', script: `[ -s '${here('a')}' ] && ${log('restart')}` });
      const tasks = [taskOf('a', () => [line('a', '1')])];
      const { handlersLeft, handlers } = await converge(tasks, undefined, work());
      expect([handlersLeft.unfinished.size, handlers, read('log')]).toEqual([0, 1, 'restart\n']);
      expect(ofType(events, 'handler-failed')).toMatchObject([
        { handler: 'restart x', status: 1, next: 'after the steps' },
      ]);
    });

    test('nothing of a pending handler that a step settles, but for the case that the step fails', async () => {
      const starts = (script: string): Task => {
        const unit = line('unit', 'up', script);
        return taskOf('start', () => [
          {
            ...unit,
            change(now: string) {
              const change = unit.change(now);
              return change && { ...change, settles: ['restart x'] };
            },
          },
        ]);
      };
      leavePending({ id: 'restart x', script: log('restart') });
      const fails = starts('exit 1');
      await failureOf(converge([fails], undefined, work()));
      expect(read('log')).toBe('restart\n');
      leavePending({ id: 'restart x', script: log('again') });
      await converge([starts(`printf up > '${here('unit')}'`)], undefined, work());
      expect(read('log')).toBe('restart\n');
      expect((await readPlan([fails], work())).ledger.pendingHandlers).toEqual([]);
    });

    test('a pending handler that the run causes again once, after the steps, also when one fails', async () => {
      const restart: Handler = { id: 'restart x', script: log('restart') };
      leavePending(restart);
      const tasks = (script?: string): Task[] => [
        taskOf('bad', () => [line('b', '1', script)]),
        taskOf('a', () => [line('a', '1', log('step'), [restart])]),
      ];
      await failureOf(converge(tasks('exit 4'), undefined, work()));
      expect(read('log')).toBe('restart\n');
      leavePending(restart);
      await failureOf(converge(tasks(), undefined, work()));
      expect(read('log')).toBe('restart\nstep\nrestart\n');
    });

    test('the other handlers of a run in which one fails, and fails with that one’s words', async () => {
      const bad: Handler = { id: 'restart bad', script: 'echo it does not start; exit 3' };
      const good: Handler = { id: 'restart good', script: log('good') };
      const tasks = [taskOf('a', () => [line('a', '1', undefined, [bad, good])])];
      const error = await failureOf(converge(tasks, undefined, work()));
      expect(error).toMatchObject({
        code: 'handler-failed',
        message: 'the pending handler "restart bad" ended with status 3',
        context: { output: 'it does not start' },
      });
      expect(read('log')).toBe('good\n');
      expect((await readPlan(tasks, work())).ledger.pendingHandlers).toMatchObject([
        { id: 'restart bad' },
      ]);
    });

    test('what it can, and gives a pending handler back that fails to the end', async () => {
      leavePending({ id: 'restart x', script: `${log('try')}; exit 3` });
      const tasks = [taskOf('a', () => [line('a', '1')])];
      const { changed, handlersLeft, end } = await converge(tasks, undefined, work());
      expect([changed.length, [...handlersLeft.unfinished.keys()], end]).toEqual([
        1,
        ['restart x'],
        'converged',
      ]);
      expect(read('log')).toBe('try\ntry\n');
      await converge(tasks, undefined, work(), handlersLeft);
      expect(read('log')).toBe('try\ntry\n');
    });
  });

  test('plans again when a thing is no longer as the plan saw it', async () => {
    const once = `if [ -e '${here('seen')}' ]; then printf y > '${here('x')}'; else touch '${here('seen')}'; exit 75; fi`;
    const { changed } = await converge(
      [taskOf('t', () => [line('x', 'y', once)])],
      undefined,
      work(),
    );
    expect(changed).toHaveLength(1);
    expect(read('x')).toBe('y');
  });

  test('asked to stop during a step, keeps what was made and reads the host no more', async () => {
    const stop = new AbortController();
    const untilAsked = `while [ ! -e '${here('run')}'/lava-play.lock.stop-run1 ]; do sleep 0.05; done`;
    const tasks = [
      taskOf('a', () => [line('a', '1', untilAsked)]),
      taskOf('b', () => [line('b', '1')]),
    ];
    const { changed, end } = await converge(tasks, undefined, {
      ...work(stop.signal),
      report: (event) => {
        if (event.type === 'step-started') stop.abort();
      },
    });
    expect([end, changed.length, session.cost.scripts]).toEqual(['stopped', 1, 3]);
  });

  test('asked to stop before, begins nothing at all', async () => {
    const stop = new AbortController();
    stop.abort();
    const tasks = [taskOf('a', () => [line('a', '1')])];
    const { changed, end } = await converge(tasks, undefined, work(stop.signal));
    expect([end, changed.length, existsSync(here('a'))]).toEqual(['stopped', 0, false]);
  });

  test('asked to stop when it is already planned, sends nothing that makes changes', async () => {
    const stop = new AbortController();
    const tasks = [taskOf('a', () => [line('a', '1')])];
    const planned = await readPlan(tasks, work());
    const { scripts } = session.cost;
    stop.abort();
    const { changed, end } = await converge(tasks, planned, work(stop.signal));
    expect([end, changed.length, session.cost.scripts - scripts]).toEqual(['stopped', 0, 0]);
  });

  test('names the question that a host cannot answer, with its own words', async () => {
    const broken: Resource<string> = { ...line('x', 'y'), probe: 'echo no such bus >&2; exit 1' };
    const error = await failureOf(readPlan([taskOf('t', () => [broken])], work()));
    expect(error).toMatchObject({
      code: 'probe-failed',
      context: { host: 'here', task: 't', resource: 'file x', output: 'no such bus\n' },
    });
  });
});
