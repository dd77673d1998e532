import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Resource } from '../../../engine/contract/resource.ts';
import type { Task } from '../../../engine/contract/task.ts';
import { asRead, resultOf } from '../../../engine/plan/as_read.ts';
import { taskOf } from '../../support/task.ts';

function action(script: string, more: Partial<Resource> = {}): Resource {
  return {
    id: 'run it',
    probe: '',
    parse: () => undefined,
    change: () => ({ before: '', after: script, steps: [{ title: 'run', script }], runs: {} }),
    ...more,
  };
}

const plain = taskOf('t', () => []);
const reading: Task = { ...plain, flow: { entry: '0.0', key: '0.0', reads: true } };

describe('an action of a task that only reads', () => {
  test('is asked as a probe, and wants nothing changed, however it ends', () => {
    const resource = asRead(reading, action('echo out; echo err >&2; exit 3'));
    const { status, stdout } = spawnSync('sh', ['-s'], { input: resource.probe, encoding: 'utf8' });
    const now = resource.parse(stdout);
    expect([status, resource.id, resource.change(now)]).toEqual([0, 'run it', undefined]);
    expect(resource.result?.(now)).toMatchObject({ rc: 3, stdout: 'out\n', failed: true });
  });

  test.each<[string, Task, Resource]>([
    ['of a task that does not say so', plain, action(':')],
    ['that has a state to read', reading, action(':', { probe: 'cat /x' })],
    [
      'that is none',
      reading,
      action(':', { change: () => ({ before: '', after: '', steps: [] }) }),
    ],
    ['that wants nothing', reading, action(':', { change: () => undefined })],
  ])('%s is left as it is', (_, task, resource) => {
    expect(asRead(task, resource)).toBe(resource);
  });
});

describe('a result', () => {
  const said = { rc: 0, stdout: 'a\n\nb\n', stderr: 'careful' };

  test('has what was said, by lines too', () => {
    expect(resultOf({}, said)).toEqual({
      ...{ rc: 0, stdout: 'a\n\nb\n', stderr: 'careful' },
      ...{ stdout_lines: ['a', '', 'b'], stderr_lines: ['careful'] },
      ...{ changed: true, failed: false, skipped: false },
    });
    expect(resultOf({}, { ...said, stdout: '' }).stdout_lines).toEqual([]);
    expect(resultOf({}, { ...said, stdout: '\n' }).stdout_lines).toEqual(['']);
  });

  test('of a failure has changed nothing, whatever the action says', () => {
    const found = resultOf({ changed: () => true }, { ...said, rc: 4 });
    expect(found).toMatchObject({ rc: 4, changed: false, failed: true });
  });

  test('is what the action makes of it, but for how it ended', () => {
    const action = {
      result: () => ({ stdout: 'mine', more: 1, failed: true, skipped: true }),
      changed: ({ stdout }: typeof said) => stdout === 'other',
    };
    expect(resultOf(action, said)).toMatchObject({
      ...{ stdout: 'mine', more: 1, changed: false, failed: false, skipped: false },
    });
  });
});
