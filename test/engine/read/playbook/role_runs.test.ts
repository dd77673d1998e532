import { expect, test } from 'vitest';
import { roleRuns } from '../../../../engine/read/playbook/role_runs.ts';
import { tasksOf } from '../../../support/playbook_files.ts';

test('a role runs once, and its tasks have the tags of all who need it', async () => {
  const { tasks } = await tasksOf('- sample: {}\n');
  const runs = roleRuns();
  const read = () => Promise.resolve(tasks);
  expect(await runs.once('a', ['x'], read)).toBe(tasks);
  expect(await runs.once('a', ['y'], read)).toEqual([]);
  expect(await runs.once('b', [], read)).toBe(tasks);
  expect(tasks.map((task) => runs.complete(task).tags)).toEqual([['y']]);
});

test('variables that are shown to others are weaker than those of the task, each once', async () => {
  const { tasks } = await tasksOf('- { sample: {}, vars: { a: 1 } }\n');
  const [task] = tasks;
  if (!task) throw new Error('no task');
  const runs = roleRuns();
  runs.expose({ defaults: [{ d: 1 }], vars: [...task.vars, { b: 2 }] });
  runs.expose({ defaults: [], vars: task.vars });
  expect(runs.complete(task)).toMatchObject({ defaults: [{ d: 1 }], vars: [{ b: 2 }, { a: 1 }] });
});

test('handlers are read once', () => {
  const runs = roleRuns();
  expect([runs.hasHandlers('a'), runs.hasHandlers('a'), runs.hasHandlers('b')]).toEqual([
    false,
    true,
    false,
  ]);
});
