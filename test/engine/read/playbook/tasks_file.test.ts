import { expect, test } from 'vitest';
import { tasksOf } from '../../../support/playbook_files.ts';

test('the tasks of a file are called by it', async () => {
  const { errors } = await tasksOf('- import_tasks: sub/a.yml', { 'sub/a.yml': '- sampl: {}\n' });
  expect(errors).toEqual([
    "sub/a.yml:1:3 unknown-key task 1 of sub/a.yml: 'sampl' is neither a module nor a keyword | did you mean 'sample'?",
  ]);
});

test.each(['', '---\n', '[]\n'])('a file with no task is none: %j', async (text) => {
  expect(await tasksOf('- import_tasks: a.yml', { 'a.yml': text })).toMatchObject({
    tasks: [],
    errors: [],
  });
});

test('a file that is no list says who imports it', async () => {
  const { errors } = await tasksOf('- import_tasks: a.yml', {
    'a.yml': '- import_tasks: b.yml\n',
    'b.yml': 'tasks: []\n',
  });
  expect(errors).toEqual([
    'b.yml:1:1 wrong-type b.yml must be a list of tasks, not a map | imported by a.yml:1, by playbook.yaml:3',
  ]);
});

test('a file is read again where it is imported again, and its mistakes are told once', async () => {
  const { tasks, errors } = await tasksOf('- import_tasks: a.yml\n- import_tasks: a.yml\n', {
    'a.yml': '- sample: { a: "b }\n',
  });
  expect(tasks).toEqual([]);
  expect(errors).toHaveLength(1);
});
