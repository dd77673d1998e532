import { expect, test } from 'vitest';
import type { Change } from '../../../engine/contract/resource.ts';
import { unnamed, unshown } from '../../../engine/plan/no_log.ts';
import { action, command, file } from '../../../engine/sdk.ts';
import { apply, here, read } from '../../support/apply_tasks.ts';
import { events } from '../../support/run_plays.ts';
import { taskOf } from '../../support/task.ts';

const flow = { entry: '0.0', key: '0.0', noLog: true } as const;
const task = { ...taskOf('shell', () => []), flow };

test('what is called by its command gets a name without it, a file keeps its own', () => {
  const run = action({ id: 'run echo secret', script: 'echo secret', display: 'echo secret' });
  const guarded = command({ name: 'echo secret', run: 'echo secret', unless: 'false' });
  const motd = file({ path: '/etc/motd', content: '' });
  expect([run, guarded, motd].map((each, i) => unnamed(task, each as never, i).id)).toEqual([
    'shell hidden by no_log',
    'shell (2) hidden by no_log',
    'file /etc/motd',
  ]);
  expect(
    unnamed(
      taskOf('shell', () => []),
      run as never,
      0,
    ),
  ).toBe(run);
});

test('a change shows neither its texts nor the title of a command', () => {
  const steps = [{ title: 'run echo secret', script: 'echo secret' }];
  const change: Change = { before: 'a', after: 'secret', steps, runs: {} };
  const shown = unshown(change, { id: 'shell hidden by no_log' } as never);
  expect([shown.before, shown.after, shown.steps]).toEqual([
    '',
    'hidden by no_log\n',
    [{ title: 'shell hidden by no_log', script: 'echo secret' }],
  ]);
});

test('no event of a run has the words of the command, whether it fails or not', async () => {
  await apply(`tasks:
- shell: echo sesame > {{ top }}/a
  no_log: true
- shell: echo sesame > {{ top }}/b
  args: { creates: '{{ top }}/b' }
  no_log: true
- shell: echo sesame; exit 3
  no_log: true
`);
  expect([read('a'), read('b')]).toEqual(['sesame\n', 'sesame\n']);
  expect(JSON.stringify(events).replaceAll(here(), '')).not.toContain('sesame');
  expect(JSON.stringify(events)).toContain('ended with status 3');
});
