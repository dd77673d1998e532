import { expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import { naming, where } from '../../../engine/plan/naming.ts';
import { Refused } from '../../../engine/sdk.ts';
import { taskOf } from '../../support/task.ts';

const task = taskOf('configure', () => []);

function named(resource: string | undefined, error: unknown): unknown {
  try {
    naming('worker01', task, resource, () => {
      throw error;
    });
  } catch (caught) {
    return caught;
  }
  return expect.unreachable('it throws what it is given');
}

test('what goes well is handed on', () => {
  expect(naming('worker01', task, undefined, () => 7)).toBe(7);
});

test('a refusal keeps its words and its hint, and gets the names', () => {
  expect(named('file /etc/x', new Refused('is a folder', 'move it away'))).toMatchObject({
    kind: 'failed',
    code: 'module-refused',
    message: 'is a folder',
    context: {
      ...{ host: 'worker01', task: 'configure', resource: 'file /etc/x', hint: 'move it away' },
    },
  });
});

test('any other error, and what is none, is one of the module, with its cause', () => {
  const error = new TypeError('x is undefined');
  expect(named(undefined, error)).toMatchObject({
    ...{ kind: 'failed', code: 'module-error', message: 'x is undefined', cause: error },
    context: { host: 'worker01', task: 'configure', resource: undefined },
  });
  expect(named('file /etc/x', 'no')).toMatchObject({ code: 'module-error', message: 'no' });
});

test('an error that names a host already is left as it is', () => {
  const error = new HostError('unreachable', 'timeout', 'no sign of life', { host: 'master' });
  expect(named('file /etc/x', error)).toBe(error);
});

test('a task stands in a file and a line', () => {
  expect(where(task)).toBe('lab.yaml:3');
});
