import { expect, test } from 'vitest';
import { apply, counts, failures, read } from '../../support/flow_runs.ts';

test('a task with a state is tried as often as it says, then its failure is ignored', async () => {
  const result = await apply(`tasks:
- shell: { cmd: 'echo once >> {{ top }}/log; false', creates: '{{ top }}/nothing' }
  retries: 1
  delay: 0
  ignore_errors: true
- copy: { dest: '{{ top }}/after', content: x }
`);
  expect(counts(result)).toEqual({ outcome: 'changed', changes: 1, runs: 0 });
  expect([read('log'), read('after')]).toEqual(['once\nonce\n', 'x']);
});

test('what a block inside of a rescued one always does comes before the rescue', async () => {
  await apply(`tasks:
- block:
  - block:
    - shell: 'false'
    - shell: echo never >> {{ top }}/log
    always:
    - shell: echo always >> {{ top }}/log
  - block:
    - shell: echo never >> {{ top }}/log
    always:
    - shell: echo not reached >> {{ top }}/log
  rescue:
  - shell: echo rescue >> {{ top }}/log
`);
  expect(failures()).toEqual([]);
  expect(read('log')).toBe('always\nrescue\n');
});
