import { describe, expect, test } from 'vitest';
import { type Known, NotKnown } from '../../../../engine/contract/task.ts';
import {
  loopScopes,
  nothingKnown,
  playScope,
  scopeOf,
} from '../../../../engine/read/playbook/task_scope.ts';
import { linesOf, mistakesOf } from '../../../support/lab_files.ts';
import { tasksOf } from '../../../support/playbook_files.ts';

const layers = ['defaults', 'facts', 'inventory', 'play', 'task', 'set', 'line'] as const;

/** The names a task may use where each of these layers gives `ansible_x`. */
function scopeWith(given: readonly string[]) {
  const of = (layer: string) => (given.includes(layer) ? { ansible_x: layer } : {});
  const scopes = new Map([['here', of('inventory')]]);
  const input = {
    ...{ playbook: { file: 'p.yaml' }, inventory: { scopes }, secrets: (name: string) => name },
    ...(given.includes('line') && { extraVars: of('line') }),
  };
  const context = {
    ...{ host: 'here', firstHost: 'here', playbookFile: 'p.yaml', play: { vars: of('play') } },
    ...{ input, factNames: Object.keys(of('facts')) },
  } as never;
  const sources = given.includes('set')
    ? [{ name: 'ansible_x', entry: '0.0', kind: 'set' as const }]
    : [];
  const known = { facts: () => of('facts'), variables: () => of('set') } as never as Known;
  const more = { vars: [of('task')], defaults: [{ ansible_x: 'weaker' }, of('defaults')] };
  return scopeOf(context, sources, known, more);
}

describe('what a task may use', () => {
  test.each(layers.map((layer, i) => [layer, layers.slice(0, i + 1)] as const))(
    'of %s is stronger than all below it',
    (layer, given) => {
      expect(scopeWith(given).ansible_x).toBe(layer);
    },
  );

  test('may name what another layer gives, the strongest first', () => {
    const context = {
      ...{ host: 'here', play: { vars: { a: '{{ b }}', b: 'play' } }, factNames: [] },
      input: {
        playbook: { file: 'p.yaml' },
        inventory: { scopes: new Map() },
        extraVars: { b: 'line' },
        secrets: String,
      },
    } as never;
    expect(playScope(context).a).toBe('line');
  });

  test('is not known before the host has answered', () => {
    const { result, variables, facts, notified } = nothingKnown;
    for (const ask of [() => result('0.0'), () => variables('0.0'), facts, () => notified([], '')])
      expect(ask).toThrow(NotKnown);
  });
});

describe('a loop', () => {
  const input = { secrets: String } as never;

  async function scopes(keys: string, scope = {}) {
    const { tasks } = await tasksOf(`- command: ":"\n${keys.replace(/^(?=.)/gm, '  ')}`);
    const [task] = tasks;
    if (!task) throw new Error('no task');
    return loopScopes(task, scope, input);
  }

  test('gives each item its name and number, over what they hide', async () => {
    const found = await scopes(
      'loop: "{{ list }}"\nloop_control: { loop_var: each, index_var: n }',
      { list: ['a', 'b'], each: 'hidden', other: 1 },
    );
    expect(found.map(({ each, n, other }) => [each, n, other])).toEqual([
      ['a', 0, 1],
      ['b', 1, 1],
    ]);
  });

  test('that is none has the names of its task alone', async () => {
    const scope = { a: 1 };
    expect(await scopes('', scope)).toEqual([scope]);
    expect(await scopes('loop: []', scope)).toEqual([]);
  });

  test.each([
    ['loop: "{{ nothing }}"', "3:9 unknown-name 'nothing' is not defined here"],
    ['loop: "{{ text }}"', `3:9 wrong-type 'loop' must be a list, not the text "x"`],
  ])('%j is refused', async (keys, wanted) => {
    const [line, ...others] = linesOf(await mistakesOf(() => scopes(keys, { text: 'x' })));
    expect([line?.replace(/^\d+:\d+/, ''), others]).toEqual([wanted.replace(/^\d+:\d+/, ''), []]);
  });
});
