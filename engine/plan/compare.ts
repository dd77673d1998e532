import { HostError } from '../contract/errors.ts';
import { type Change, isDeferred, type Resource } from '../contract/resource.ts';
import { keyOf, type Task } from '../contract/task.ts';
import { ranKey } from './memory.ts';
import { naming, where } from './naming.ts';
import { unshown } from './no_log.ts';
import type { DeferredChange, Plan, PlanInput, PlannedChange, PlanWarning } from './plan.ts';

/** One resource that a task wants. */
export interface Wanted {
  readonly task: Task;
  readonly resource: Resource;
}

/**
 * The changes in task order. Where several tasks shape one thing, each sees it as the ones before
 * it leave it, and all must be content with the last.
 */
export function compare(
  wanted: readonly Wanted[],
  states: readonly unknown[],
  { host: { name: host }, inUse, memory }: PlanInput,
): Pick<Plan, 'changes' | 'deferred'> {
  const changes: PlannedChange[] = [];
  const deferred: DeferredChange[] = [];
  const shaped = new Map<string, { state: unknown; by: Wanted[]; blind?: PlannedChange }>();
  for (const [i, { task, resource }] of wanted.entries()) {
    const known = shaped.get(resource.id) ?? { state: states[i], by: [] };
    shaped.set(resource.id, known);
    const wish = naming(host, task, resource.id, () => wishOf(resource, known.state));
    if (memory?.outcomes.get(keyOf(task))?.failed === true) continue;
    if (memory?.ran.has(ranKey(task, resource))) continue;
    if (wish?.reason !== undefined && inUse === 'wait') {
      deferred.push({ task, resource, change: wish.change, reason: wish.reason });
      continue;
    }
    const planned = wish && { task, resource, change: tied(task, resource, wish.change) };
    if (planned?.change.runs) {
      changes.push(planned);
      continue;
    }
    if (planned && known.blind) {
      if (!sameEffect(planned.change, known.blind.change))
        throw conflict(known.blind, planned, host);
      continue;
    }
    known.by.push({ task, resource });
    if (!planned) continue;
    changes.push(planned);
    if ('next' in planned.change) known.state = planned.change.next;
    else known.blind = planned;
  }
  for (const { state, by, blind } of shaped.values()) {
    const last = by.at(-1);
    const loser = blind
      ? undefined
      : by.slice(0, -1).find(({ resource }) => wishOf(resource, state));
    if (loser && last) throw conflict(loser, last, host);
  }
  return { changes, deferred };
}

/** A change with what the task itself says of it: which handlers it notifies, and that it is not to be shown. */
function tied({ flow }: Task, resource: Resource, change: Change): Change {
  if (!flow) return change;
  const { notifies = [], settles, noLog } = flow;
  return {
    ...(noLog ? unshown(change, resource) : change),
    ...(notifies.length > 0 && { onChange: [...(change.onChange ?? []), ...notifies] }),
    ...(settles !== undefined && { settles: [...(change.settles ?? []), settles] }),
  };
}

/** What a resource wants changed, and why that should wait. */
function wishOf(
  resource: Resource,
  state: unknown,
): { readonly change: Change; readonly reason?: string } | undefined {
  try {
    const change = resource.change(state);
    return change && { change };
  } catch (error) {
    if (!isDeferred(error)) throw error;
    return { change: error.change, reason: error.message };
  }
}

export function warningsOf(
  wanted: readonly Wanted[],
  states: readonly unknown[],
  host: string,
): readonly PlanWarning[] {
  return wanted.flatMap(({ task, resource }, i) =>
    naming(host, task, resource.id, () => resource.warnings?.(states[i]) ?? []).map((warning) => ({
      task,
      resource,
      ...warning,
    })),
  );
}

function sameEffect(a: Change, b: Change): boolean {
  return (
    JSON.stringify([a.before, a.after, a.steps]) === JSON.stringify([b.before, b.after, b.steps])
  );
}

function conflict(loser: Wanted, winner: Wanted, host: string): HostError {
  return new HostError(
    'failed',
    'conflict',
    `two tasks disagree about ${loser.resource.id}: "${loser.task.label}" (${where(loser.task)}) and "${winner.task.label}" (${where(winner.task)})`,
    { host, task: winner.task.label, resource: winner.resource.id, hint: 'remove one of them' },
  );
}
