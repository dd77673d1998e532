import { expect, test } from 'vitest';
import { untilStopped } from '../../../engine/transport/until_stopped.ts';
import { hostErrorOf } from '../../support/connection.ts';

const never = new Promise<string>(() => {});

test('work that ends before a stop gives its result, or its error', async () => {
  const { signal } = new AbortController();
  expect(await untilStopped(Promise.resolve('done'), 'a', signal)).toBe('done');
  const failing = Promise.reject(new Error('broken'));
  await expect(untilStopped(failing, 'a', signal)).rejects.toThrow('broken');
});

test('a stop leaves the work to itself, also one that came before', async () => {
  const stop = new AbortController();
  const left = hostErrorOf(untilStopped(never, 'a', stop.signal));
  stop.abort();
  expect(await left).toMatchObject({ code: 'interrupted', context: { host: 'a' } });
  expect((await hostErrorOf(untilStopped(never, 'a', stop.signal))).code).toBe('interrupted');
});
