import { setTimeout as pause } from 'node:timers/promises';
import { patience } from './patience.ts';

/** Tries an assertion until it holds; long enough for a machine that is busy with other tests. */
export async function eventually<T>(assertion: () => T | Promise<T>): Promise<T> {
  const limit = patience(60_000);
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (limit.isOver()) throw error;
    }
    await pause(20);
  }
}
