import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Work } from '../../../engine/apply/agenda.ts';
import { type Execution, type ExecutionContext, execute } from '../../../engine/apply/execute.ts';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Change } from '../../../engine/contract/resource.ts';
import type { Session } from '../../../engine/contract/transport.ts';
import type { Event } from '../../../engine/events/event.ts';
import { newMemory } from '../../../engine/plan/memory.ts';
import type { PlannedChange } from '../../../engine/plan/plan.ts';
import { entryOf, type PendingHandler } from '../../../engine/script/ledger.ts';
import { hostErrorOf } from '../../support/connection.ts';
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

const here = (name: string): string => join(root.folder, name);

/** A change of steps that are called by their numbers. */
function planned(
  name: string,
  scripts: readonly string[],
  more: Partial<Change> = {},
): PlannedChange {
  const steps = scripts.map((script, i) => ({ title: `${name} ${i + 1}`, script }));
  const change: Change = { before: '', after: name, steps, ...more };
  const resource = { id: `file ${name}`, probe: '', parse: String, change: () => change };
  return { task: taskOf(name, () => [resource]), resource, change };
}

function pendingHandler(id: string, script: string): PendingHandler {
  return { id, script, since: 'eve@laptop since then', entry: entryOf(id) };
}

function run(work: Partial<Work>, more: Partial<ExecutionContext> = {}): Promise<Execution> {
  return execute(
    { changes: [], pendingHandlers: [], failed: new Set(), ...work },
    {
      session,
      host: 'here',
      holder: { text: 'admin@laptop since now', run: 'run1', inUse: 'wait' },
      report: (event) => events.push(event),
      stop: new AbortController().signal,
      memory: newMemory(),
      ...more,
    },
  );
}

test('tells of each step of its task and resource, with what it printed', async () => {
  const change = planned('a', ['echo one', 'echo two']);
  const { done, end } = await run({ changes: [change] });
  expect([done, end]).toEqual([[change], 'complete']);
  const about = { host: 'here', task: 'a', resource: 'file a' };
  expect(events).toEqual([
    { type: 'step-started', ...about, step: 'a 1' },
    { type: 'step-finished', ...about, step: 'a 1', output: 'one\n' },
    { type: 'step-started', ...about, step: 'a 2' },
    { type: 'step-finished', ...about, step: 'a 2', output: 'two\n' },
  ]);
});

test('names step, task and resource when a step fails, with the last twenty lines of the host, and does not go on', async () => {
  const bad = planned('bad', ['seq 25; echo No space left on device >&2; exit 4']);
  const error = await hostErrorOf(
    run({ changes: [bad, planned('next', [`: >'${here('next')}'`])] }),
  );
  expect(error).toMatchObject({ code: 'step-failed', message: 'bad 1 ended with status 4' });
  expect(error.context).toMatchObject({
    task: 'bad',
    resource: 'file bad',
    hint: 'free some disk space on the host, then apply again',
  });
  const said = error.context.output?.split('\n') ?? [];
  expect([said.length, said[0], said.at(-1)]).toEqual([20, '7', 'No space left on device']);
  expect(existsSync(here('next'))).toBe(false);
});

test('the hint names the file system that the host calls full', async () => {
  const said = 'No space left on device: the file system /home is full';
  const error = await hostErrorOf(run({ changes: [planned('bad', [`echo ${said}; exit 1`])] }));
  expect(error.context.hint).toBe('free some space in /home on the host, then apply again');
});

test('of changes that end early, only those are done of which every step was made', async () => {
  const [whole, half, late] = [
    planned('whole', ['true', 'true']),
    planned('half', ['true', 'exit 75']),
    planned('late', ['true']),
  ];
  const { done, end } = await run({ changes: [whole, half, late] });
  expect([done, end]).toEqual([[whole], 'stale']);
});

test('a handler that fails before the steps and not after them leaves nothing behind', async () => {
  const needy = pendingHandler('needy', `echo tried; [ -e '${here('fixed')}' ]`);
  const { completed, unfinished } = await run({
    changes: [planned('fix', [`: >'${here('fixed')}'`])],
    pendingHandlers: [needy],
  });
  expect([[...completed], unfinished.size]).toEqual([['needy'], 0]);
  expect(ofType(events, 'handler-failed')).toEqual([
    {
      type: 'handler-failed',
      host: 'here',
      handler: 'needy',
      status: 1,
      output: 'tried\n',
      next: 'after the steps',
    },
  ]);
  expect(ofType(events, 'handler-finished')).toMatchObject([{ handler: 'needy' }]);
});

test('a handler that fails is given back, keeps no other from running, and fails no step', async () => {
  const changes = [planned('a', ['true'])];
  const pendingHandlers = [
    pendingHandler('bad', 'echo no; exit 3'),
    pendingHandler('good', 'true'),
  ];
  const { done, completed, unfinished } = await run({ changes, pendingHandlers });
  expect([done, [...completed]]).toEqual([changes, ['good']]);
  expect([...unfinished]).toMatchObject([
    [
      'bad',
      {
        code: 'handler-failed',
        message: 'the pending handler "bad" ended with status 3',
        context: { output: 'no', hint: 'it stays pending; the next apply retries it' },
      },
    ],
  ]);
  expect(ofType(events, 'handler-failed').map(({ next }) => next)).toEqual([
    'after the steps',
    'next run',
  ]);
});

test('a handler that says "not now" is told once, with the last line of what it printed', async () => {
  const busy = pendingHandler('busy', 'echo looking; echo eve is connected; exit 75');
  const { deferredHandlers, unfinished, completed, end } = await run({ pendingHandlers: [busy] });
  expect([[...deferredHandlers], unfinished.size, completed.size, end]).toEqual([
    ['busy'],
    0,
    0,
    'complete',
  ]);
  expect(ofType(events, 'handler-deferred')).toEqual([
    { type: 'handler-deferred', host: 'here', handler: 'busy', reason: 'eve is connected' },
  ]);
});

test('a host that another run is changing is left alone, and its holder named', async () => {
  const other = await privateSession(root);
  const waits = `while [ -d '${root.folder}' ] && [ ! -e '${here('release')}' ]; do sleep 0.05; done`;
  const running = run({ changes: [planned('first', [waits])] }, { session: other });
  await eventually(() => expect(ofType(events, 'step-started')).toHaveLength(1));
  const error = await hostErrorOf(run({ changes: [planned('a', [`: >'${here('a')}'`])] }));
  expect(error).toMatchObject({
    code: 'locked',
    message: expect.stringMatching(
      /^another run is changing this host: admin@laptop since now; process \d+ there, for \d+ s$/,
    ),
  });
  expect(existsSync(here('a'))).toBe(false);
  writeFileSync(here('release'), '');
  expect((await running).end).toBe('complete');
  await other.close();
});

test('a connection that is lost names what was running', async () => {
  const lost = new HostError('unreachable', 'connection-lost', 'gone', { host: 'here' });
  const dying = (count: number): Session => ({
    ...session,
    async run(script, options) {
      const said: string[] = [];
      await session.run(script, { onOutput: (chunk) => said.push(chunk) });
      const marks = said.join('').split(/(?<=started \d+\n)/);
      options?.onOutput?.(marks.slice(0, count).join(''));
      throw lost;
    },
  });
  const work = {
    changes: [planned('a', ['true'])],
    pendingHandlers: [pendingHandler('x', 'true')],
  };
  const inHandler = await hostErrorOf(run(work, { session: dying(1) }));
  expect(inHandler).toMatchObject({
    kind: 'unreachable',
    code: 'connection-lost',
    message: 'gone',
  });
  expect(inHandler.context).toMatchObject({ resource: 'x', task: undefined });
  expect((await hostErrorOf(run(work, { session: dying(2) }))).context).toMatchObject({
    ...{ task: 'a', resource: 'file a' },
  });
});

test('asked to stop, ends the running step, begins no other, and leaves no wish behind', async () => {
  const stop = new AbortController();
  const untilAsked = `while [ ! -e '${here('run')}'/lava-play.lock.stop-run1 ]; do sleep 0.05; done`;
  const first = planned('a', [untilAsked]);
  const { done, end } = await run(
    { changes: [first, planned('b', [`: >'${here('b')}'`])] },
    {
      stop: stop.signal,
      report(event) {
        if (event.type === 'step-started') stop.abort();
      },
    },
  );
  expect([done, end, existsSync(here('b'))]).toEqual([[first], 'stopped', false]);
  expect(readdirSync(here('run'))).toEqual([]);
});
