import { HostError } from '../contract/errors.ts';
import { keyOf, type Task } from '../contract/task.ts';
import type { Memory } from '../plan/memory.ts';
import type { Plan } from '../plan/plan.ts';

/** The task of a plan of which a step has failed; nothing for any other failure. */
export function failedTask(error: unknown, { changes }: Pick<Plan, 'changes'>): Task | undefined {
  if (!(error instanceof HostError) || error.code !== 'step-failed') return undefined;
  return changes.find(
    ({ task, resource }) =>
      task.label === error.context.task && resource.id === error.context.resource,
  )?.task;
}

/**
 * Whether the playbook says how to go on after a failure: it is ignored, a block around the task rescues it, or
 * something is always done before the host is given up.
 */
export function isCaught(task: Task, error: unknown, memory: Memory): boolean {
  if (!(error instanceof HostError) || memory.failure) return false;
  const tried = memory.attempts.get(keyOf(task)) ?? 0;
  const { ignoreErrors, blocks = [] } = task.flow ?? {};
  const rescuing = blocks.findLast(
    ({ block, part, rescued }) => part === 'block' && rescued && !memory.failedBlocks.has(block),
  );
  const open = blocks.filter(({ part }) => part !== 'always').map(({ block }) => block);
  if (tried <= task.retries && task.retries > 0) return false;
  if (ignoreErrors || rescuing) {
    memory.outcomes.set(keyOf(task), resultOfFailure(error));
    if (!ignoreErrors && rescuing) {
      memory.failedBlocks.add(rescuing.block);
      const inner = blocks.slice(blocks.indexOf(rescuing) + 1);
      for (const { block, part } of inner) if (part !== 'always') memory.leftBlocks.add(block);
    }
    return true;
  }
  if (open.length === 0) return false;
  memory.failure = { error, blocks: new Set(open) };
  return true;
}

function resultOfFailure({ message, context }: HostError) {
  const stdout = context.output ?? '';
  return { failed: true, changed: false, skipped: false, msg: message, stdout };
}
