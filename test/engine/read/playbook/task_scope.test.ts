import { expect, test } from 'vitest';
import { NotKnown } from '../../../../engine/contract/task.ts';
import { needsHost } from '../../../../engine/read/playbook/task_scope.ts';

test('an argument needs the host where it uses what is not known yet', () => {
  const scope = Object.create(null);
  Object.defineProperty(scope, 'said', {
    enumerable: true,
    get() {
      throw new NotKnown('later');
    },
  });
  scope.place = '/srv';
  const task = { args: { src: '{{ said }}', dest: '{{ place }}/x' } } as never;
  const input = { secrets: String } as never;
  expect(['src', 'dest'].map((key) => needsHost(task, key, () => scope, input))).toEqual([
    true,
    false,
  ]);
});
