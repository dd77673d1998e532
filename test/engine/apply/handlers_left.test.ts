import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunOptions } from '../../../engine/apply/options.ts';
import type { Task } from '../../../engine/contract/task.ts';
import { entryOf, entryText } from '../../../engine/script/ledger.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';
import { ofType } from '../../support/program.ts';
import { events, made, outcomes, play, roots, runPlays, wants } from '../../support/run_plays.ts';
import { taskOf } from '../../support/task.ts';

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
    const deferred = withHandlersLeft(() => leaveRestart(`[ -e '${here('second')}' ] || exit 75`));
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

  test('keeps the failure that a host has already', async () => {
    const bad = play('first', ['bad', 'a']);
    const leave = (): void => {
      const folder = join(roots.get('bad')?.folder ?? '', 'var/lib/lava-play/owed');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'broken'), '');
    };
    await runPlays([bad], ['bad', 'a'], withHandlersLeft(leave));
    expect(ofType(events, 'host-failed')).toMatchObject([
      { host: 'bad', failure: { code: 'step-failed' } },
    ]);
  });
});
