import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../engine/apply/run.ts';
import type { Task } from '../../../engine/contract/task.ts';
import type { Connect } from '../../../engine/contract/transport.ts';
import { defineModule, type Resource } from '../../../engine/sdk.ts';
import { privateRoot } from '../../support/private_root.ts';
import { privateSession } from '../../support/private_session.ts';
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
} from '../../support/run_plays.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

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
    const confirm = () => expect.unreachable('nothing to ask');
    const result = await run(optionsOf([play('p', ['a'])], inventory, { confirm }));
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

  test('asked to stop between two plays, calls a host done only if the second has nothing for it', async () => {
    const stop = new AbortController();
    const hosts = ['a', 'b', 'c'];
    const plays = [play('one', ['a', 'b']), play('two', ['a', 'c'])];
    const result = await runPlays(plays, hosts, {
      stop: stop.signal,
      report: (event) => {
        if (event.type === 'host-applied' && event.host === 'b') stop.abort();
      },
      forks: 1,
    });
    expect(outcomes(result)).toEqual({ a: 'interrupted', b: 'changed', c: 'interrupted' });
    expect(result.hosts.map(({ changes }) => changes)).toEqual([1, 1, 0]);
  });

  test('an error that nobody foresaw is the failure of its host alone', async () => {
    const hosts = ['a', 'b'];
    const connect: Connect = async ({ name }) => {
      if (name === 'a') throw new TypeError('socket.foo is not a function');
      return privateSession(roots.get(name) ?? privateRoot(), name);
    };
    const result = await runPlays([play('p', hosts)], hosts, { connect });
    expect(outcomes(result)).toEqual({ a: 'failed', b: 'changed' });
    expect(ofType(events, 'host-failed')).toMatchObject([
      {
        failure: {
          code: 'unexpected',
          message: 'internal error: socket.foo is not a function',
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
      return { label: 'noting', module, index: 0, args: {}, retries: 0, place };
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
