import { expect, test } from 'vitest';
import { newMemory } from '../../../engine/plan/memory.ts';

test('a new memory knows nothing, and shares nothing with another', () => {
  const memory = newMemory();
  memory.changed.add('0.1');
  const { changed, outcomes, failedBlocks, kept, facts, failure } = newMemory();
  expect([changed.size, outcomes.size, failedBlocks.size, kept.size]).toEqual([0, 0, 0, 0]);
  expect([facts, failure]).toEqual([undefined, undefined]);
});
