import { describe, expect, test } from 'vitest';
import { placeOf } from '../../../../engine/values/places.ts';
import { tasksOf } from '../../../support/playbook_files.ts';

async function call(task: string) {
  const { tasks, errors } = await tasksOf(task);
  const { module, args, delegateTo } = tasks[0] ?? {};
  return { module, args, ...(delegateTo && { delegateTo }), ...(errors.length > 0 && { errors }) };
}

describe('a module is called', () => {
  test.each([
    ['- sample: { text: a }', { module: 'sample', args: { text: 'a' } }],
    ['- sample:', { module: 'sample', args: {} }],
    ['- ansible.builtin.sample: { text: a }', { module: 'sample', args: { text: 'a' } }],
    ['- service: { text: a }', { module: 'systemd', args: { text: 'a' } }],
    [
      '- sample: text="a b" count=3 open=yes list=x,y',
      { module: 'sample', args: { text: 'a b', count: 3, open: true, list: ['x', 'y'] } },
    ],
    [
      '- command: touch x creates=/x',
      { module: 'command', args: { cmd: 'touch x', creates: '/x' } },
    ],
    ['- command: env A=b', { module: 'command', args: { cmd: 'env A=b' } }],
    [
      '- command: touch x\n  args: { creates: /x, cmd: other }',
      { module: 'command', args: { creates: '/x', cmd: 'touch x' } },
    ],
    ['- action: command touch x', { module: 'command', args: { cmd: 'touch x' } }],
    [
      '- action: { module: ansible.builtin.sample, text: a }',
      { module: 'sample', args: { text: 'a' } },
    ],
    ['- action: sample text=a', { module: 'sample', args: { text: 'a' } }],
    [
      '- local_action: command ls',
      { module: 'command', args: { cmd: 'ls' }, delegateTo: 'localhost' },
    ],
  ])('%j', async (task, wanted) => {
    expect(await call(task)).toEqual(wanted);
  });

  test('arguments as text have their places', async () => {
    const { tasks } = await tasksOf('- sample: text=a count=12');
    expect(placeOf(tasks[0]?.args, 'count')).toMatchObject({ line: 3, column: 22, length: 8 });
  });
});

describe('a call that makes no sense', () => {
  test.each([
    ['- sample: "text=\'a"', /3:15 wrong-type the arguments of sample must be a map, not the text/],
    ['- sample: [a]', /3:15 wrong-type the arguments of sample must be a map, not a list/],
    ['- sample: {}\n  action: command ls', /4:7 two-modules .* 'sample' and 'action'/],
    [
      '- action: smaple text=a',
      /3:15 unknown-module .*must begin with the name of a module.*\| did you mean 'sample'\?/,
    ],
    ['- action: { text: a }', /unknown-module/],
    ['- ansible.builtin.smaple: {}', /3:7 unknown-key .*\| did you mean 'sample'\?/],
  ])('%j', async (task, wanted) => {
    const { tasks, errors } = await tasksOf(task);
    expect(tasks).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(wanted)]);
  });
});
