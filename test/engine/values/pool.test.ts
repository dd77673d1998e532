import { expect, test } from 'vitest';
import { inParallel } from '../../../engine/values/pool.ts';

test('so many at a time, the next when one is done, and the end when all are', async () => {
  const running = new Set<number>();
  const done: number[] = [];
  let most = 0;
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running.add(item);
    most = Math.max(most, running.size);
    await new Promise((resolve) => setImmediate(resolve));
    running.delete(item);
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
