import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type LabFact, Pending } from '../../../engine/contract/module.ts';
import { listen } from '../../support/free_port.ts';
import { ofType } from '../../support/program.ts';
import { events, made, outcomes, play, runPlays } from '../../support/run_plays.ts';
import { taskOf } from '../../support/task.ts';

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

test('a second play on the same host sees what the first has made', async () => {
  const result = await runPlays([play('first', ['a']), play('second', ['a'])], ['a']);
  expect(result.hosts).toMatchObject([{ outcome: 'changed', changes: 2 }]);
});

test('a play goes on where a host that it needs had nothing to change, or takes no part in the run', async () => {
  const plays = [
    play('nothing', ['m'], { tasks: new Map([['m', [taskOf('none', () => [])]]]) }),
    play('workers', ['w'], { needs: ['m', 'elsewhere'] }),
  ];
  const result = await runPlays(plays, ['m', 'w', 'elsewhere']);
  expect(outcomes(result)).toEqual({ m: 'unchanged', w: 'changed' });
});

test('the trials of modules are made where any host has changed, and nowhere else', async () => {
  const server = createServer();
  const port = await listen(server);
  onTestFinished(async () => {
    server.close();
    await once(server, 'close');
  });
  const checked = taskOf('checked', () => []);
  const trials = () => [{ kind: 'tcp', host: '127.0.0.1', port }] as const;
  const tasks = new Map([['m', [{ ...checked, module: { ...checked.module, trials } }]]]);
  const last = play('last', ['m'], { tasks });
  const idle = play('idle', ['a'], { tasks: new Map([['a', [taskOf('none', () => [])]]]) });
  await runPlays([idle, last], ['a', 'm']);
  expect(ofType(events, 'proved')).toEqual([]);
  await runPlays([play('p', ['a']), last], ['a', 'm']);
  expect(ofType(events, 'proved')).toEqual([
    { type: 'proved', host: 'm', proof: `a connection to 127.0.0.1:${port}` },
  ]);
});

test('what a failed host would have brought is not waited for by others', async () => {
  const keys: LabFact<string> = { of: 'all', probe: 'echo none', parse: String };
  const waiting = taskOf(
    'waits for keys',
    ({ facts }) => {
      if ('bad' in (facts.keys as object)) throw new Pending('bad has no key yet');
      return [];
    },
    { facts: { keys } },
  );
  const master = play('master', ['m'], { needs: [], tasks: new Map([['m', [waiting]]]) });
  const result = await runPlays([play('keys', ['bad']), master], ['bad', 'm']);
  expect(outcomes(result)).toEqual({ bad: 'failed', m: 'unchanged' });
});
