import { type Known, NotKnown, type Task } from '../contract/task.ts';
import type { Memory } from './memory.ts';
import { naming } from './naming.ts';

/** A place in a play's list, with the tasks that it stands for, or why that is not known yet. */
export interface Place {
  readonly entry: Task;
  readonly tasks: readonly Task[];
  readonly waits?: string;
}

/** What each place of a host's list stands for, as far as it can be told; `knownAt` is what is known before the place. */
export function expand(
  entries: readonly Task[],
  host: string,
  memory: Memory,
  knownAt: (index: number) => Known,
): readonly Place[] {
  return entries.map((entry, index) => {
    if (!isActive(entry, memory)) return { entry, tasks: [] };
    const late = entry.flow?.late;
    if (!late) return { entry, tasks: [entry] };
    return naming(host, entry, undefined, () => {
      try {
        return { entry, tasks: late(knownAt(index)) };
      } catch (error) {
        if (!(error instanceof NotKnown)) throw error;
        return { entry, tasks: [], waits: error.message };
      }
    });
  });
}

/** Whether the same places wait in both, so that a further look would find nothing new. */
export function sameWaits(a: readonly Place[], b: readonly Place[]): boolean {
  return a.every(({ waits }, i) => (waits === undefined) === (b[i]?.waits === undefined));
}

/** Whether a task may run: the rest of a block does not once it has failed, and what rescues it only then; what a block inside of it always does is still done. */
function isActive({ flow }: Task, { failedBlocks, leftBlocks, failure }: Memory): boolean {
  const blocks = flow?.blocks ?? [];
  if (failure)
    return blocks.some(({ block, part }) => part === 'always' && failure.blocks.has(block));
  return blocks.every(
    ({ block, part }, depth) =>
      part === 'always' ||
      (part === 'rescue') === failedBlocks.has(block) ||
      (part === 'block' &&
        blocks
          .slice(depth + 1)
          .some((inner) => inner.part === 'always' && leftBlocks.has(inner.block))),
  );
}
