import { vi } from 'vitest';

/** Tries an assertion until it holds; long enough for a machine that is busy with other tests. */
export function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assertion, { timeout: 60_000, interval: 20 });
}
