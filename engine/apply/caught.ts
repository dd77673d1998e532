import { type FailureContext, HostError } from '../contract/errors.ts';
import { type BlockPart, keyOf, type Task } from '../contract/task.ts';
import type { Memory } from '../plan/memory.ts';
import type { Plan, PlannedChange } from '../plan/plan.ts';

/** A step of a change has failed. */
export class StepFailed extends HostError {
  readonly planned: PlannedChange;

  constructor(planned: PlannedChange, message: string, context: FailureContext) {
    const { task, resource } = planned;
    super('failed', 'step-failed', message, {
      ...context,
      task: task.label,
      resource: resource.id,
    });
    this.planned = planned;
  }
}

/** The task of a plan of which a step has failed; nothing for any other failure. */
export function failedTask(error: unknown, { changes }: Pick<Plan, 'changes'>): Task | undefined {
  if (!(error instanceof StepFailed)) return undefined;
  return changes.find((planned) => planned === error.planned)?.task;
}

/**
 * Whether the playbook says how to go on after a failure: it is ignored, a block around the task rescues it, or
 * something is always done before the host is given up.
 */
export function isCaught(task: Task, error: unknown, memory: Memory): boolean {
  if (!(error instanceof HostError)) return false;
  const tried = memory.attempts.get(keyOf(task)) ?? 0;
  if (task.retries > 0 && tried <= task.retries) return false;
  const { ignoreErrors, blocks = [] } = task.flow ?? {};
  memory.outcomes.set(keyOf(task), resultOfFailure(error));
  if (ignoreErrors) return true;
  const rescuing = blocks.findLastIndex(
    ({ block, part, rescued }) => part === 'block' && rescued && !memory.failedBlocks.has(block),
  );
  const left = leave(blocks.slice(rescuing + 1), memory);
  const rescued = blocks[rescuing];
  if (rescued) {
    memory.failedBlocks.add(rescued.block);
    return true;
  }
  if (left === 0 && !memory.failure) return false;
  memory.failure ??= error;
  return true;
}

/** Notes that a failure leaves these blocks, and says of how many something is still always done. */
function leave(blocks: readonly BlockPart[], { leftBlocks }: Memory): number {
  const isOver = ({ part }: BlockPart): boolean => part === 'always';
  for (const { block } of blocks.filter(isOver)) leftBlocks.delete(block);
  const left = blocks.filter((each) => !isOver(each));
  for (const { block } of left) leftBlocks.add(block);
  return left.length;
}

function resultOfFailure({ message, context }: HostError) {
  const stdout = context.output ?? '';
  return { failed: true, changed: false, skipped: false, msg: message, stdout };
}
