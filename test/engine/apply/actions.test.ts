import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { action, command, defineModule } from '../../../engine/sdk.ts';
import { apply, counts, failures, here, owed, read } from '../../support/apply_tasks.ts';
import { events, play, runPlays, wants } from '../../support/run_plays.ts';

describe('status 75 of a command is a failure like any other', () => {
  const script =
    'echo once >> {{ top }}/log; [ $(wc -l < {{ top }}/log) -lt 4 ] || exit 1; exit 75';

  test('of an action', async () => {
    await apply(`tasks:\n- shell: '${script}'\n`);
    expect(failures()).toMatchObject([expect.stringMatching(/ended with status 75$/)]);
    expect(read('log')).toBe('once\n');
  });

  test('of a command with a guard', async () => {
    await apply(`tasks:\n- shell: { cmd: '${script}', creates: '{{ top }}/nothing' }\n`);
    expect(failures()).toMatchObject([expect.stringMatching(/ended with status 1$/)]);
    expect(read('log')).toBe('once\n');
  });
});

test('actions that look alike each run once, although each is judged on its own', async () => {
  const task = "- shell: 'echo same >> {{ top }}/log'\n  changed_when: false\n";
  expect(counts(await apply(`tasks:\n${task}${task}${task}`))).toMatchObject({ runs: 3 });
  expect([failures(), read('log')]).toEqual([[], 'same\nsame\nsame\n']);
});

test('a loop of judged actions that begin alike comes to its end', async () => {
  await apply(`tasks:
- shell: |
    set -e
    echo {{ item }} >> {{ top }}/log
  changed_when: false
  loop: [1, 2, 3, 4]
`);
  expect([failures(), read('log')]).toEqual([[], '1\n2\n3\n4\n']);
});

test('a task that reads has the environment that it asks for', async () => {
  await apply(`tasks:
- command: printenv COLOUR
  environment: { COLOUR: blue }
  check_mode: false
  changed_when: false
  register: colour
- copy: { dest: '{{ top }}/colour', content: '{{ colour.stdout }}' }
`);
  expect([failures(), read('colour')]).toEqual([[], 'blue']);
});

describe('a handler that an action names in vain', () => {
  test('is no change', async () => {
    const result = await apply(`handlers:
- name: restart
  shell: 'true'
tasks:
- shell: 'true'
  changed_when: false
  notify: restart
`);
    expect(counts(result)).toEqual({ outcome: 'unchanged', changes: 0, runs: 1 });
    expect(owed()).toEqual([]);
  });

  test('is still paid where an earlier run left it pending', async () => {
    const text = `handlers:
- name: restart
  shell: '[ -e {{ top }}/ready ] && echo restarted >> {{ top }}/log'
tasks:
- copy: { dest: '{{ top }}/conf', content: x }
  notify: restart
- shell: 'true'
  changed_when: false
  notify: restart
`;
    await apply(text);
    expect(owed()).toHaveLength(1);
    writeFileSync(here('ready'), '');
    await apply(text);
    expect([failures(), owed(), read('log')]).toEqual([[], [], 'restarted\n']);
  });
});

test('a mistake in what a task says of its result has its place', async () => {
  await apply(`tasks:
- copy: { dest: '{{ top }}/a', content: x }
  register: copied
  changed_when: "'x' in copied.stdout"
`);
  expect(failures()).toMatchObject([expect.stringMatching(/^'copied' has no 'stdout' \(.*:5\)$/)]);
});

test('what a task under no_log prints is not told', async () => {
  await apply(`tasks:
- shell: echo $((6 * 7))0042; exit 3
  no_log: true
`);
  expect(failures()).toHaveLength(1);
  expect(JSON.stringify(events)).not.toContain('420042');
});

test('a judged task with several actions and a state does all of them', async () => {
  const log = () => here('log');
  const module = defineModule({
    name: 'several',
    summary: '',
    example: '',
    schema: { type: 'object', additionalProperties: false, properties: {} },
    desired: () => [
      action({ id: 'run reload', script: `echo reload >> ${log()}`, display: 'reload' }),
      command({
        name: 'start',
        run: `echo start >> ${log()}; touch ${log()}.started`,
        creates: log().concat('.started'),
      }),
      action({ id: 'run restart', script: `echo restart >> ${log()}`, display: 'restart' }),
    ],
  });
  const judge = () => ({ changed: false, failed: false, isThere: true });
  const task = { ...wants('x'), module, flow: { entry: '0.0', key: '0.0', judge } };
  const given = play('several', ['here'], {
    tasks: new Map([['here', [task, wants('after', 1)]]]),
  });
  await runPlays([given], ['here']);
  expect(read('log')).toBe('reload\nstart\nrestart\n');
});

describe('until of a task that reads', () => {
  const text = `tasks:
- stat: { path: '{{ top }}/late' }
  register: late
  until: late.stat.exists
  retries: 2
  delay: 0
- copy: { dest: '{{ top }}/size', content: '{{ late.stat.size }}' }
`;

  test('looks again after what comes before it, until it is there', async () => {
    const start = "tasks:\n- shell: '(sleep 0.5; echo x > {{ top }}/late) >/dev/null 2>&1 &'\n";
    await apply(`${start}${text.replace('tasks:\n', '').replace('delay: 0', 'delay: 1')}`);
    expect([failures(), read('size')]).toEqual([[], '2']);
  });

  test('is a failure in the end', async () => {
    await apply(text);
    expect(failures()).toMatchObject([expect.stringMatching(/^stat .*late /)]);
    expect(read('size')).toBe('');
  });
});
