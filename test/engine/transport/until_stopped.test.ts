import { expect, test } from 'vitest';
import type { Session } from '../../../engine/contract/transport.ts';
import { connectUntilStopped, untilStopped } from '../../../engine/transport/until_stopped.ts';
import { hostErrorOf } from '../../support/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { localConnection } from '../../support/private_session.ts';

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

test('a session that comes after a stop is closed', async () => {
  const stop = new AbortController();
  let isClosed = false;
  let arrive: (session: Session) => void = () => {};
  const connecting = new Promise<Session>((resolve) => {
    arrive = resolve;
  });
  const left = hostErrorOf(
    connectUntilStopped(() => connecting, localConnection('a'), stop.signal),
  );
  stop.abort();
  expect((await left).code).toBe('interrupted');
  const close = async (): Promise<void> => {
    isClosed = true;
  };
  arrive({ close } as Session);
  await eventually(() => expect(isClosed).toBe(true));
});
