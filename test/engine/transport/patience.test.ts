import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { within } from '../../../engine/transport/patience.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function never(): Promise<never> {
  return new Promise(() => {});
}

test('what comes in time has come, and no timer is left to keep Node alive', async () => {
  expect(await within(1_000, Promise.resolve(false))).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test('what does not come is given up when the time is over, and not before', async () => {
  const settled: boolean[] = [];
  const waiting = within(1_000, never()).then((came) => settled.push(came));
  await vi.advanceTimersByTimeAsync(999);
  expect(settled).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(settled).toEqual([false]);
});

test('what fails in time fails for the one who waits', async () => {
  await expect(within(1_000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  expect(vi.getTimerCount()).toBe(0);
});

test('what fails after it was given up troubles nobody', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  let fail = (_: Error): void => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const waiting = within(1_000, late);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await waiting).toBe(false);
  fail(new Error('too late'));
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});
