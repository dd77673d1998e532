import { describe, expect, test } from 'vitest';
import { aroundPlay, inside, merged } from '../../../../engine/read/playbook/around.ts';
import { moduleNames } from '../../../../engine/read/playbook/module_names.ts';
import { parseYaml } from '../../../../engine/read/yaml/yaml.ts';
import { placeOf } from '../../../../engine/values/places.ts';
import { isMap } from '../../../../engine/values/values.ts';
import { playbookOf, playModules, tasksOf } from '../../../support/playbook_files.ts';

const play = aroundPlay({ playVars: {}, playbookFolder: '/x', chain: [] });
const reading = { modules: moduleNames(playModules), errors: [] };

describe('what is around a task', () => {
  test('is nothing at first', () => {
    expect(inside(play, {}, reading)).toEqual(play);
  });

  test('adds up conditions, tags and variables, and is replaced in what can be said once', async () => {
    const { tasks, errors } = await tasksOf(
      [
        '- when: a',
        '  tags: [x]',
        '  vars: { v: 1 }',
        '  environment: [{ A: 1, B: 1 }, { B: 2 }]',
        '  become_user: one',
        '  no_log: true',
        '  ignore_errors: true',
        '  check_mode: true',
        '  delegate_to: other',
        '  run_once: true',
        '  block:',
        '    - { sample: {} }',
        '    - sample: {}',
        '      when: [b, c]',
        '      tags: y, x',
        '      vars: { v: 2 }',
        '      environment: { B: 3 }',
        '      become: false',
        '      become_user: two',
        '      no_log: false',
        '      ignore_errors: false',
        '      check_mode: false',
        '      run_once: false',
        '      delegate_to: third',
        '',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    const whens = tasks.map(({ when }) => when.map(({ condition }) => condition.text));
    expect(whens).toEqual([['a'], ['a', 'b', 'c']]);
    expect(tasks).toMatchObject([
      {
        tags: ['x'],
        vars: [{ v: 1 }],
        environment: { A: 1, B: 2 },
        becomeUser: 'one',
        noLog: true,
        ignoreErrors: true,
        checkMode: 'always',
        delegateTo: 'other',
        runOnce: true,
      },
      {
        tags: ['x', 'y'],
        vars: [{ v: 1 }, { v: 2 }],
        environment: { A: 1, B: 3 },
        become: false,
        becomeUser: 'two',
        noLog: false,
        ignoreErrors: false,
        checkMode: 'no',
        delegateTo: 'third',
        runOnce: false,
      },
    ]);
  });

  test('is also what the play says for all', async () => {
    const { tasks, plays } = await playbookOf(
      '- hosts: all\n  vars: { v: 1 }\n  become_user: one\n  environment: { A: 1 }\n  no_log: true\n  tasks: [{ sample: {} }]\n',
    );
    expect(tasks).toMatchObject([
      { becomeUser: 'one', environment: { A: 1 }, noLog: true, vars: [] },
    ]);
    expect(plays[0]?.vars).toEqual({ v: 1 });
  });
});

describe('module_defaults', () => {
  test('are weaker than the arguments, the inner stronger than the outer', async () => {
    const { tasks, errors } = await playbookOf(
      [
        '- hosts: all',
        '  module_defaults: { ansible.builtin.sample: { text: a, count: 1 }, service: { text: s } }',
        '  tasks:',
        '    - { sample: { count: 2 } }',
        '    - { sample: { }, module_defaults: { sample: { text: b } } }',
        '    - systemd:',
        '',
      ].join('\n'),
    );
    expect(errors).toEqual([]);
    expect(tasks.map(({ args }) => args)).toEqual([
      { text: 'a', count: 2 },
      { text: 'b', count: 1 },
      { text: 's' },
    ]);
  });

  test('of an unknown module are a mistake', async () => {
    const { errors } = await tasksOf('- { sample: {}, module_defaults: { group/aws: { a: 1 } } }');
    expect(errors).toEqual([
      "playbook.yaml:3:40 unknown-module module_defaults: there is no module 'group/aws' | groups of modules are not known: name each",
    ]);
  });
});

test('maps are merged with the places of the strongest', () => {
  const { value } = parseYaml('- { a: 1, b: 1 }\n- { b: 2 }\n', 'x');
  const whole = merged((value as readonly unknown[]).filter(isMap));
  expect(whole).toEqual({ a: 1, b: 2 });
  expect(placeOf(whole, 'b')).toMatchObject({ line: 2 });
});
