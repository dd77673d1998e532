import { expect, test } from 'vitest';
import { newMemory } from '../../../engine/plan/memory.ts';

test('a host on which nothing was done has nothing to remember, and shares none of it', () => {
  const [memory, other] = [newMemory(), newMemory()];
  memory.outcomes.set('0.0', {});
  memory.changed.add('0.0');
  memory.attempts.set('0.0', 1);
  memory.failedBlocks.add('b');
  memory.leftBlocks.add('b');
  memory.kept.set('0.0', { result: {}, variables: undefined });
  const sizes = Object.values(other).map((each) => (each as { size: number }).size);
  expect(new Set(sizes)).toEqual(new Set([0]));
  expect([other.failure, other.facts]).toEqual([undefined, undefined]);
});
