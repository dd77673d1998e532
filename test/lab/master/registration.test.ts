import { describe, expect, test } from 'vitest';
import { isDeferred } from '../../../engine/contract/resource.ts';
import { type Change, Refused } from '../../../engine/sdk.ts';
import type { MasterDatabase } from '../../../lab/master/database_probe.ts';
import { type Registration, registered } from '../../../lab/master/registration.ts';

const ANSWERED: MasterDatabase = { kind: 'answered', rows: {} };

function thing(name: string, state: 'right' | 'wrong' | 'busy'): Registration {
  return {
    id: `thing ${name}`,
    difference: () =>
      state === 'right'
        ? undefined
        : {
            ...{ before: '', after: `${name}\n`, action: { name } },
            ...(state === 'busy' && { deferred: `${name} is at work` }),
          },
  };
}

/** The changes of some things, those that wait among them; and for which names each change makes Django work. */
function changesOf(things: readonly Registration[], now: MasterDatabase = ANSWERED) {
  const registry = {
    queries: { things: { reads: {}, sql: 'SELECT' } },
    title: 'register things',
    python: 'pass',
  };
  return registered(things, registry).map((resource) => {
    try {
      return shown(resource.change(now));
    } catch (error) {
      if (!isDeferred(error)) throw error;
      return { deferred: error.message, ...shown(error.change) };
    }
  });
}

function shown(change: Pick<Change, 'after' | 'steps'> | undefined) {
  return (
    change && { after: change.after, makes: change.steps.map(({ script }) => namesIn(script)) }
  );
}

function namesIn(script: string): readonly string[] {
  const [, body = ''] = /<<'LAVA_PLAY_TEXT'\n([^_]*)LAVA_PLAY_TEXT/.exec(script) ?? [];
  const program = Buffer.from(body, 'base64').toString();
  const [, given = ''] = /given = json\.loads\(base64\.b64decode\("(.*?)"\)\)/.exec(program) ?? [];
  const actions: readonly { readonly name: string }[] = JSON.parse(
    Buffer.from(given, 'base64').toString(),
  );
  return actions.map(({ name }) => name);
}

describe('registrations of a module', () => {
  test('are all made by the first that is wrong, and each shows its own change', () => {
    const things = [
      thing('a', 'right'),
      thing('b', 'wrong'),
      thing('c', 'right'),
      thing('d', 'wrong'),
    ];
    expect(changesOf(things)).toEqual([
      undefined,
      { after: 'b\n', makes: [['b', 'd']] },
      undefined,
      { after: 'd\n', makes: [] },
    ]);
  });

  test('that wait are made by themselves, and the others without them', () => {
    const things = [thing('a', 'busy'), thing('b', 'wrong'), thing('c', 'busy')];
    expect(changesOf(things)).toEqual([
      { deferred: 'a is at work', after: 'a\n', makes: [['a']] },
      { after: 'b\n', makes: [['b']] },
      { deferred: 'c is at work', after: 'c\n', makes: [['c']] },
    ]);
  });

  test('are not made while nobody knows what there is', () => {
    const silent: MasterDatabase = { kind: 'no answer', server: 'db:5432', reason: 'timeout' };
    expect(() => changesOf([thing('a', 'right')], silent)).toThrow(
      new Refused(
        'cannot read what LAVA has registered: the database db:5432 does not answer: timeout',
      ),
    );
  });

  test('share one question', () => {
    const registry = { queries: { things: { reads: {}, sql: 'SELECT' } }, title: '', python: '' };
    const [a, b] = registered([thing('a', 'right'), thing('b', 'right')], registry);
    expect(a?.probe).toBe(b?.probe);
  });
});
