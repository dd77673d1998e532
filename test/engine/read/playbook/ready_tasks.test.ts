import { describe, expect, test } from 'vitest';
import { type Known, NotKnown, type Task } from '../../../../engine/contract/task.ts';
import { labOf, linesOf, mistakesOf } from '../../../support/lab_files.ts';

const INVENTORY = `
all: { vars: { word: inventory, user: admin, become: true } }
workers: { hosts: { "w[1:2]": } }
`;

/** The tasks of a host, of a play that has these as YAML. */
async function tasksOf(tasks: string, host = 'w1'): Promise<readonly Task[]> {
  const indented = tasks.replace(/^(?=.)/gm, '    ');
  const { plays } = await labOf(INVENTORY, `- hosts: workers\n  tasks:\n${indented}`);
  return plays.flatMap((play) => play.tasks.get(host) ?? []);
}

async function mistakes(tasks: string): Promise<readonly string[]> {
  return linesOf(await mistakesOf(() => tasksOf(tasks)));
}

/** What the entry of a late task would stand for; results by entry. */
function lateOf(task: Task | undefined, results: Readonly<Record<string, unknown>>) {
  const known = {
    result(entry: string) {
      if (!Object.hasOwn(results, entry)) throw new NotKnown(`${entry} is to come`);
      return results[entry];
    },
  };
  const late = task?.flow?.late;
  if (!late) throw new Error('it is not late');
  return late(known as Known).map(({ label, args, flow }) => ({ label, args, key: flow?.key }));
}

describe('a task', () => {
  test('that needs nothing of others is ready at once, with its place in the list', async () => {
    const tasks = await tasksOf(
      '- sample: { text: "{{ word }}" }\n- sample: { text: b }\n  when: word == "other"\n- sample: { text: c }\n',
    );
    expect(tasks.map(({ args, index, flow }) => [args, index, flow?.entry, flow?.late])).toEqual([
      [{ text: 'inventory', count: 3 }, 0, '0.0', undefined],
      [{ text: 'c', count: 3 }, 2, '0.2', undefined],
    ]);
  });

  test('that uses a result waits for it, and is checked once it is there', async () => {
    const [first, second] = await tasksOf(
      '- sample: { text: a }\n  register: said\n- name: say {{ said.word }}\n  sample: { text: "{{ said.word }}" }\n  when: said.rc == 0\n',
    );
    expect(first?.flow?.late).toBeUndefined();
    expect(() => lateOf(second, {})).toThrow(NotKnown);
    expect(lateOf(second, { '0.0': { rc: 1 } })).toEqual([]);
    expect(lateOf(second, { '0.0': { rc: 0, word: 'hi' } })).toEqual([
      { label: 'say hi', args: { text: 'hi', count: 3 }, key: '0.1' },
    ]);
    expect(() => lateOf(second, { '0.0': { rc: 0, word: '' } })).toThrow(/sample\.text is empty/);
  });

  test('that was skipped is still known where somebody asks for its result', async () => {
    const [skipped] = await tasksOf('- sample: { text: a }\n  register: said\n  when: false\n');
    expect([skipped?.flow?.entry, lateOf(skipped, {})]).toEqual(['0.0', []]);
  });

  test('that is run once is for the first host alone', async () => {
    const text = '- sample: { text: a }\n  run_once: true\n- sample: { text: b }\n';
    expect((await tasksOf(text, 'w1')).map(({ index }) => index)).toEqual([0, 1]);
    expect((await tasksOf(text, 'w2')).map(({ index }) => index)).toEqual([1]);
  });

  test('without become is run by who is logged in', async () => {
    const tasks = await tasksOf(
      '- sample: { text: a }\n  become: false\n- sample: { text: b }\n  become_user: "{{ word }}"\n- sample: { text: c }\n',
    );
    expect(tasks.map(({ becomeUser }) => becomeUser)).toEqual(['admin', 'inventory', undefined]);
  });
});

describe('a loop', () => {
  test('has a task for each item, told apart by key and label', async () => {
    const tasks = await tasksOf(
      '- sample: { text: "{{ item }}" }\n  loop: [a, b]\n  when: item != "x"\n- sample: { text: "{{ each.name }}" }\n  loop: [{ name: c }]\n  loop_control: { loop_var: each }\n',
    );
    expect(tasks.map(({ label, flow }) => [label, flow?.key, flow?.entry])).toEqual([
      ['sample (a)', '0.0.0', '0.0'],
      ['sample (b)', '0.0.1', '0.0'],
      ['sample (c)', '0.1.0', '0.1'],
    ]);
  });

  test('keeps the number of an item whatever happens to those before it', async () => {
    const tasks = await tasksOf(
      '- sample: { text: "{{ item }}" }\n  loop: [a, b, c]\n  when: item != "a"\n',
    );
    expect(tasks.map(({ flow }) => flow?.key)).toEqual(['0.0.1', '0.0.2']);
  });

  test('that is registered is one place, also without an item', async () => {
    const text = (items: string) =>
      `- sample: { text: "{{ item }}" }\n  loop: ${items}\n  register: said\n`;
    const [some, ...none] = await tasksOf(text('[a, b]'));
    expect([some?.flow?.looped, none]).toEqual([true, []]);
    expect(lateOf(some, {}).map(({ key }) => key)).toEqual(['0.0.0', '0.0.1']);
    const [empty] = await tasksOf(text('[]'));
    expect([empty?.flow?.looped, lateOf(empty, {})]).toEqual([true, []]);
  });

  test('over what is not known yet waits for it', async () => {
    const [, loop] = await tasksOf(
      '- sample: { text: a }\n  register: said\n- sample: { text: "{{ item }}" }\n  loop: "{{ said.list }}"\n',
    );
    expect(lateOf(loop, { '0.0': { list: ['x', 'y'] } }).map(({ args }) => args)).toEqual([
      { text: 'x', count: 3 },
      { text: 'y', count: 3 },
    ]);
    expect(() => lateOf(loop, { '0.0': { list: 'x' } })).toThrow(/'loop' must be a list/);
  });
});

describe('refused', () => {
  test.each([
    [
      '- sample: { text: a }\n  delegate_to: w2\n',
      '3:7 unknown-key delegate_to is not supported (host w1 and 1 more host) | write a play for that host, before this one',
    ],
    [
      '- sample: { text: a }\n  run_once: true\n  register: said\n',
      /the result of a run_once task is known on its own host only/,
    ],
    ['- sample: { text: a }\n  when: nothing\n', /unknown-name 'nothing' is not defined here/],
    ['- sample: { text: a }\n  become_user: "{{ nothing }}"\n', /unknown-name 'nothing'/],
    ['- sample: { text: "{{ nothing }}", count: x }\n', /unknown-name 'nothing'/],
  ])('%j', async (tasks, wanted) => {
    expect(await mistakes(tasks)).toEqual([
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted),
    ]);
  });

  test('all mistakes of all tasks are found at once', async () => {
    const found = await mistakes('- sample: { text: "" }\n- sample: { text: a, nothing: 1 }\n');
    expect(found).toHaveLength(2);
  });

  test('delegating to its own host is none', async () => {
    const tasks = await tasksOf(
      '- sample: { text: a }\n  delegate_to: "{{ inventory_hostname }}"\n',
    );
    expect(tasks).toHaveLength(1);
  });
});
