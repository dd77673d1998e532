import { existsSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apply, counts, failures, firstPlan, here, owed, read } from '../../support/apply_tasks.ts';
import { events } from '../../support/run_plays.ts';

describe('actions', () => {
  const text = "tasks:\n- name: count\n  shell: 'echo once >> {{ top }}/log'\n";

  test('run once a run, are counted apart, and need no second round', async () => {
    expect(counts(await apply(text))).toEqual({ outcome: 'unchanged', changes: 0, runs: 1 });
    expect(read('log')).toBe('once\n');
    expect(counts(await apply(text))).toEqual({ outcome: 'unchanged', changes: 0, runs: 1 });
    expect(read('log')).toBe('once\nonce\n');
  });

  test('do not run in a dry run, which says that they would', async () => {
    expect(counts(await apply(text, 'dry run'))).toEqual({
      ...{ outcome: 'would change', changes: 0, runs: 1 },
    });
    expect(firstPlan()?.changes).toMatchObject([{ task: 'count', runs: true }]);
    expect(read('log')).toBe('');
  });
});

describe('register', () => {
  test('gives the result of an action to later tasks, which a dry run knows only after apply', async () => {
    const text = `tasks:
- name: ask
  shell: echo blue; echo careful >&2
  register: colour
- name: answer
  copy: { dest: '{{ top }}/colour', content: "{{ colour.stdout }} {{ colour.rc }} {{ colour.stderr }}" }
- name: only if red
  copy: { dest: '{{ top }}/red', content: '' }
  when: colour.stdout == "red"
`;
    await apply(text, 'dry run');
    expect(firstPlan()?.pending.map(({ task }) => task)).toEqual(['answer', 'only if red']);
    expect(counts(await apply(text))).toEqual({ outcome: 'changed', changes: 1, runs: 1 });
    expect([read('colour'), existsSync(here('red'))]).toEqual(['blue 0 careful', false]);
    expect(counts(await apply(text))).toEqual({ outcome: 'unchanged', changes: 0, runs: 1 });
  });

  test('tells whether a resource changed, which a dry run knows', async () => {
    const text = `tasks:
- copy: { dest: '{{ top }}/a', content: x }
  register: a
- copy: { dest: '{{ top }}/b', content: x }
  when: a.changed
`;
    await apply(text, 'dry run');
    expect(firstPlan()?.pending).toEqual([]);
    expect(firstPlan()?.changes).toHaveLength(2);
    expect(counts(await apply(text)).changes).toBe(2);
    rmSync(here('b'));
    expect(counts(await apply(text)).changes).toBe(0);
  });

  test('of a loop lists the results, and of a skipped task says so', async () => {
    const text = `tasks:
- command: echo {{ item }}
  loop: [one, two]
  register: said
- command: echo never
  when: false
  register: none
- copy: { dest: '{{ top }}/said', content: "{{ said.results.[1].stdout }} {{ none.skipped }}" }
`;
    expect(counts(await apply(text)).runs).toBe(2);
    expect(read('said')).toBe('two true');
  });
});

describe('handlers', () => {
  const text = `tasks:
- copy: { dest: '{{ top }}/a', content: x }
  notify: note
- copy: { dest: '{{ top }}/b', content: x }
  notify: [note, all]
- copy: { dest: '{{ top }}/c', content: x }
handlers:
- name: last
  listen: all
  shell: echo last >> {{ top }}/log
- name: note
  shell: echo note >> {{ top }}/log
`;

  test('run once, at the end, in their own order, where something changed', async () => {
    expect(counts(await apply(text))).toEqual({ outcome: 'changed', changes: 3, runs: 2 });
    expect([read('log'), owed()]).toEqual(['last\nnote\n', []]);
    expect(counts(await apply(text))).toEqual({ outcome: 'unchanged', changes: 0, runs: 0 });
    rmSync(here('a'));
    await apply(text, 'dry run');
    expect(firstPlan()?.changes.map(({ task }) => task)).toEqual(['copy', 'note']);
  });

  test('survive a failure in between: the next run pays them', async () => {
    const failing = text.replace('handlers:', '- command: "false"\nhandlers:');
    await apply(failing);
    expect([read('log'), owed().length]).toEqual(['', 2]);
    expect(counts(await apply(text))).toEqual({ outcome: 'unchanged', changes: 0, runs: 2 });
    expect([read('log'), owed()]).toEqual(['last\nnote\n', []]);
  });

  test('run at a flush, and again for what changes after it', async () => {
    const flushed = text.replace(
      "- copy: { dest: '{{ top }}/b",
      "- meta: flush_handlers\n- copy: { dest: '{{ top }}/b",
    );
    await apply(flushed);
    expect(read('log')).toBe('note\nlast\nnote\n');
  });

  test('are not run for a task that says it changed nothing', async () => {
    await apply(`tasks:
- command: echo fine
  register: said
  changed_when: said.stdout == "other"
  notify: note
handlers:
- name: note
  shell: echo note >> {{ top }}/log
`);
    expect([read('log'), owed()]).toEqual(['', []]);
  });
});

describe('failures', () => {
  test('failed_when decides, and ignore_errors goes on', async () => {
    const text = `tasks:
- command: echo trouble
  register: said
  failed_when: '"trouble" in said.stdout'
  ignore_errors: true
- command: "false"
  ignore_errors: true
- copy: { dest: '{{ top }}/a', content: "{{ said.failed }}" }
`;
    expect(counts(await apply(text))).toEqual({ outcome: 'changed', changes: 1, runs: 2 });
    expect(read('a')).toBe('True');
  });

  test('a block is rescued, its rest left out, and what always comes done', async () => {
    const text = `tasks:
- block:
  - command: "false"
  - copy: { dest: '{{ top }}/never', content: x }
  rescue:
  - copy: { dest: '{{ top }}/rescued', content: x }
  always:
  - copy: { dest: '{{ top }}/always', content: x }
- copy: { dest: '{{ top }}/after', content: x }
`;
    expect(counts(await apply(text)).outcome).toBe('changed');
    const made = ['never', 'rescued', 'always', 'after'].filter((name) => existsSync(here(name)));
    expect(made).toEqual(['rescued', 'always', 'after']);
  });

  test('without a rescue the host fails once what always comes is done', async () => {
    const text = `tasks:
- block:
  - command: "false"
  always:
  - copy: { dest: '{{ top }}/always', content: x }
- copy: { dest: '{{ top }}/after', content: x }
`;
    expect(counts(await apply(text)).outcome).toBe('failed');
    expect(failures()).toEqual(['run false ended with status 1']);
    expect([existsSync(here('always')), existsSync(here('after'))]).toEqual([true, false]);
  });

  test('until tries again, and gives up after the retries', async () => {
    const count = 'echo x >> {{ top }}/log; wc -l < {{ top }}/log';
    const text = (until: string): string => `tasks:
- shell: ${count}
  register: lines
  until: ${until}
  retries: 3
  delay: 0
`;
    expect(counts(await apply(text('lines.stdout == "3"'))).outcome).toBe('unchanged');
    expect(read('log')).toBe('x\nx\nx\n');
    expect(counts(await apply(text('lines.stdout == "0"'))).outcome).toBe('failed');
    expect(read('log')).toBe('x\n'.repeat(7));
  });

  test('assert fails the host with its words, and a mistake that shows late names its place', async () => {
    await apply("tasks:\n- assert: { that: top == 'elsewhere', fail_msg: wrong place }\n");
    expect(events.find(({ type }) => type === 'host-failed')).toMatchObject({
      failure: { message: 'assert ended with status 1', output: 'wrong place' },
    });
    await apply(`tasks:
- command: echo x
  register: said
- copy: { dest: '{{ top }}/a', content: "{{ said.nothing }}" }
`);
    expect(failures()[0]).toMatch(/^'said' has no 'nothing' \(.*play\.yaml:5\)$/);
  });
});

test('facts, set_fact and what only reads are known in a dry run', async () => {
  const text = `tasks:
- set_fact: { name: "{{ ansible_system }}" }
- command: echo read
  register: said
  changed_when: false
  check_mode: false
- copy: { dest: '{{ top }}/a', content: "{{ name }} {{ said.stdout }}" }
`;
  await apply(text, 'dry run');
  expect(firstPlan()?.pending).toEqual([]);
  expect(firstPlan()?.changes[0]?.after).toContain('Linux read');
  expect(counts(await apply(text))).toEqual({ outcome: 'changed', changes: 1, runs: 0 });
});

test('what is read is not known before an earlier change is made', async () => {
  const text = `tasks:
- copy: { dest: '{{ top }}/a', content: new }
- command: cat {{ top }}/a
  register: said
  changed_when: false
  check_mode: false
- copy: { dest: '{{ top }}/b', content: "{{ said.stdout }}" }
`;
  await apply(text, 'dry run');
  expect(firstPlan()?.pending.map(({ reason }) => reason)).toEqual([
    '"copy" may alter what "command" reads',
  ]);
  await apply(text);
  expect(read('b')).toBe('new');
});

test('no_log hides what changes, and environment reaches the steps', async () => {
  await apply(`tasks:
- copy: { dest: '{{ top }}/a', content: sesame }
  no_log: true
- shell: echo "$WORD" > {{ top }}/b
  environment: { WORD: 'two words' }
`);
  expect(JSON.stringify(events)).not.toContain('sesame');
  expect([read('a'), read('b')]).toEqual(['sesame', 'two words\n']);
});

test('an action that ends with 75 has failed, and runs once', async () => {
  await apply('tasks:\n- shell: echo x >> {{ top }}/log; exit 75\n');
  expect([failures().length, read('log')]).toEqual([1, 'x\n']);
});

test('variables of the command line are stronger than all others', async () => {
  const text = `vars: { word: play }
tasks:
- set_fact: { word: fact }
- copy: { dest: '{{ top }}/a', content: "{{ word }}" }
  vars: { word: task }
`;
  await apply(text, 'apply', { word: 'line' });
  expect(read('a')).toBe('line');
});

test('words of YAML 1.1 are booleans in tasks, failed_when counts for what is no action, var is an expression', async () => {
  await apply(`tasks:
- debug: { var: top }
- copy: { dest: '{{ top }}/a', content: x }
  no_log: yes
- copy: { dest: '{{ top }}/b', content: x }
  register: b
  failed_when: b.changed
`);
  expect(failures()).toEqual([`file ${here('b')} has failed by failed_when`]);
});

test('include_vars gives its variables, and a template its facts', async () => {
  const text = `tasks:
- include_vars: '{{ ansible_system }}.yml'
- template: { src: a.j2, dest: '{{ top }}/a' }
`;
  const files = {
    'vars/Linux.yml': 'colour: blue\n',
    'templates/a.j2': '{{ colour }} {{ ansible_system }}\n',
  };
  await apply(text, 'apply', {}, files);
  expect([failures(), read('a')]).toEqual([[], 'blue Linux\n']);
});

test('a list is gathered by set_fact in a loop, and no_log hides its items', async () => {
  const text = `tasks:
- set_fact: { all: "{{ all | default([]) + [item] }}" }
  loop: [a, b, c]
- copy: { dest: '{{ top }}/a', content: "{{ all | join(' ') }}" }
- debug: { msg: said }
  loop: [sesame]
  no_log: true
`;
  await apply(text);
  expect([failures(), read('a')]).toEqual([[], 'a b c']);
  expect(JSON.stringify(events)).not.toContain('sesame');
});
