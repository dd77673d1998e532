import { describe, expect, test } from 'vitest';
import { FACT_NAMES } from '../../../../engine/contract/fact_names.ts';
import { type Known, NotKnown } from '../../../../engine/contract/task.ts';
import type { Play } from '../../../../engine/read/playbook/playbook.ts';
import {
  factNames,
  factsScope,
  type Source,
  sourcesScope,
} from '../../../../engine/read/playbook/sources.ts';
import type { Fields } from '../../../../engine/values/values.ts';

/** What is known of entries; others are not known yet. */
function knownOf(results: Fields, variables: Fields, facts?: Fields): Known {
  const of = (from: Fields, entry: string): Fields | undefined => {
    if (!Object.hasOwn(from, entry)) throw new NotKnown(`${entry} is to come`);
    return from[entry] as Fields | undefined;
  };
  return {
    result: (entry) => of(results, entry) ?? {},
    variables: (entry) => of(variables, entry),
    notified: () => false,
    facts() {
      if (!facts) throw new NotKnown('no facts yet');
      return facts;
    },
  };
}

const set = (entry: string, name = 'a'): Source => ({ name, entry, kind: 'set' });
const registered = (entry: string, name = 'a'): Source => ({ name, entry, kind: 'registered' });

describe('variables of earlier tasks', () => {
  test('are those of the last task that gives them', () => {
    const known = knownOf({ '0.0': { rc: 1 } }, { '0.1': { a: 'set' } });
    const sources = [registered('0.0'), set('0.1')];
    expect(sourcesScope(sources, {}, known).a).toBe('set');
    expect(sourcesScope(sources.toReversed(), {}, known).a).toEqual({ rc: 1 });
  });

  test('are those before them where a task was skipped, and in the end those of the inventory', () => {
    const skipped = knownOf({}, { '0.0': { a: 'first' }, '0.1': undefined, '0.2': { b: 1 } });
    expect(sourcesScope([set('0.0'), set('0.1')], {}, skipped).a).toBe('first');
    expect(sourcesScope([set('0.1'), set('0.2')], { a: 'below' }, skipped).a).toBe('below');
    expect(sourcesScope([set('0.1')], {}, skipped).a).toBeUndefined();
  });

  test('that may be given by a task still to come are not guessed', () => {
    const known = knownOf({}, { '0.0': { a: 'first' } });
    const scope = sourcesScope([set('0.0'), set('0.1')], { a: 'below' }, known);
    expect(() => scope.a).toThrow(NotKnown);
    expect(Object.keys(scope)).toEqual(['a']);
  });

  test('have no name that every object has', () => {
    const known = knownOf({}, { '0.0': {} });
    expect(sourcesScope([], {}, known).constructor).toBeUndefined();
    const scope = sourcesScope([set('0.0', 'constructor')], Object.create(null), known);
    expect(scope.constructor).toBeUndefined();
  });
});

describe('facts', () => {
  test('are looked at when they are used', () => {
    const known = knownOf({}, {}, { ansible_system: 'Linux', ansible_mounts: [] });
    expect(factsScope(['ansible_system'], known).ansible_system).toBe('Linux');
    expect(() => factsScope(['ansible_system'], knownOf({}, {})).ansible_system).toThrow(NotKnown);
  });

  test.each<[unknown, readonly string[]]>([
    [
      '{{ ansible_system }} and {{ ansible_distribution }}',
      ['ansible_distribution', 'ansible_system'],
    ],
    [{ when: ['ansible_system == "x"', { deep: 'ansible_system' }] }, ['ansible_system']],
    [
      'ansible_host ansible_user ansible_become_method ansible_ssh_common_args ansible_check_mode',
      [],
    ],
    ['ansible_python_interpreter ansible_loop ansible_role_name ansible_play_hosts', []],
    ['my_ansible_system lansible_x', []],
  ])('that %j uses are %j', (value, wanted) => {
    const play = { vars: { value }, tasks: [], handlers: [] } as unknown as Play;
    expect(factNames([play])).toEqual(wanted);
  });

  test('may be any where there is a template, which is read later', () => {
    const play = { tasks: [{ module: 'template' }], handlers: [] } as unknown as Play;
    expect(factNames([play])).toEqual(FACT_NAMES);
  });
});
