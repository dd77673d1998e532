import type { HostError } from '../contract/errors.ts';
import type { Resource } from '../contract/resource.ts';
import { entryOf, keyOf, type Task } from '../contract/task.ts';
import type { Fields } from '../values/values.ts';

/** What a run remembers of a host from one read to the next; tasks by `keyOf`. */
export interface Memory {
  /** Results of actions that have run, and of tasks whose failure was ignored or rescued. */
  readonly outcomes: Map<string, Fields>;
  /** Tasks that have changed something, or may have: a step that failed counts too. */
  readonly changed: Set<string>;
  /** How often a task was tried: an action, or one that failed. */
  readonly attempts: Map<string, number>;
  /** Actions that have run, by task and resource: see `ranKey`. */
  readonly ran: Set<string>;
  /** What was read before the run changed anything that came after it, which keeps its meaning from then on. */
  readonly readings: Map<string, Fields>;
  /** The same of the last read, as long as nothing was changed since. */
  fresh: ReadonlyMap<string, Fields>;
  /** Handlers that earlier runs left pending, by id. */
  left?: ReadonlySet<string>;
  /** Blocks in which a task has failed, and which rescue it. */
  readonly failedBlocks: Set<string>;
  /** Blocks that a failure has left before their end: what is always done in them still is. */
  readonly leftBlocks: Set<string>;
  /** What earlier plays and stages give to later ones, by the place in the list. */
  readonly kept: Map<string, Kept>;
  /** What late tasks stood for when they were looked at last, by the place in the list. */
  readonly stoodFor: Map<string, readonly Task[]>;
  /** A failure that nothing rescues, while what always comes after it is still done. */
  failure?: HostError;
  /** The facts of the host, read once in a run. */
  facts?: Fields;
}

/** Of a host on which nothing was done yet. */
export function newMemory(): Memory {
  return {
    outcomes: new Map(),
    changed: new Set(),
    attempts: new Map(),
    ran: new Set(),
    readings: new Map(),
    fresh: new Map(),
    failedBlocks: new Set(),
    leftBlocks: new Set(),
    kept: new Map(),
    stoodFor: new Map(),
  };
}

/** By what a run remembers an action: a task may have several. */
export function ranKey(task: Task, resource: Pick<Resource, 'id'>): string {
  return JSON.stringify([keyOf(task), resource.id]);
}

/** The tasks themselves, those that were late as what they stand for; none where that is not known. */
export function settledTasks(tasks: readonly Task[], { stoodFor }: Memory): readonly Task[] {
  return tasks.flatMap((task) => (task.flow?.late ? (stoodFor.get(entryOf(task)) ?? []) : [task]));
}

/** What a place in a play's list has given. */
export interface Kept {
  readonly result: Fields;
  readonly variables: Fields | undefined;
}
