import { HostError } from '../contract/errors.ts';
import type { Resource } from '../contract/resource.ts';
import { entryOf, type Known, keyOf, NotKnown, type Task } from '../contract/task.ts';
import type { Fields } from '../values/values.ts';
import type { Place } from './expand.ts';
import type { Kept, Memory } from './memory.ts';
import { naming } from './naming.ts';
import type { PlannedChange } from './plan.ts';

/** What was read for a task beside whether it is right. */
export interface Read {
  readonly task: Task;
  readonly resource: Resource;
  readonly result: Fields;
}

/** What a read has brought to light. */
export interface Findings {
  readonly places: readonly Place[];
  readonly reads: readonly Read[];
  readonly changes: readonly PlannedChange[];
  /** Tasks of which a module could not say everything. */
  readonly pending: ReadonlySet<Task>;
  /** Handlers that an earlier run left pending, by id. */
  readonly left: ReadonlySet<string>;
}

/** What is known before anything was read but the facts of the host. */
export function nothingKnown({ facts }: Memory): Known {
  const notYet = (): never => {
    throw new NotKnown('it was not read yet');
  };
  return { result: notYet, variables: notYet, notified: notYet, facts: () => facts ?? notYet() };
}

/**
 * What is known before a place of the list, by what a read has brought to light.
 *
 * Nothing is known of what comes after a place that waits, nor of an action that has still to run, nor of what was
 * only looked at while a change before it is still to be made, since that may alter it.
 */
export function knownBefore(index: number, found: Findings, memory: Memory): Known {
  const { places } = found;
  const firstWaiting = places.findIndex(({ waits }) => waits !== undefined);
  const reach = firstWaiting === -1 ? places.length : firstWaiting;
  const at = new Map(places.map(({ entry }, i) => [entryOf(entry), i]));

  function placeOf(entry: string): Place {
    const i = at.get(entry);
    const place = i === undefined ? undefined : places[i];
    if (i === undefined || !place || i >= index) throw new NotKnown('it comes later in the play');
    if (i > reach || place.waits !== undefined) {
      const waiting = places[reach]?.entry.label ?? place.entry.label;
      throw new NotKnown(`"${waiting}" waits`);
    }
    return place;
  }

  function resultOf(task: Task): Fields {
    const kept = memory.outcomes.get(keyOf(task));
    if (kept) return kept;
    const planned = found.changes.filter((each) => each.task === task);
    if (planned.some(({ change }) => change.runs) || found.pending.has(task)) {
      throw new NotKnown(`it needs the result of "${task.label}"`);
    }
    const fixed = memory.readings.get(keyOf(task));
    if (fixed && planned.length === 0 && !memory.changed.has(keyOf(task))) {
      return judged(task, { failed: false, ...fixed, changed: false, skipped: false });
    }
    const read = found.reads.find((each) => each.task === task);
    const earlier = read && changeBefore(task, found);
    if (earlier) {
      throw new NotKnown(`"${earlier.task.label}" may alter what "${task.label}" reads`);
    }
    const changed = planned.length > 0 || memory.changed.has(keyOf(task));
    const result = { failed: false, ...read?.result, changed, skipped: false };
    if (waitsStill(task, result, found, memory)) {
      throw new NotKnown(`"${task.label}" waits for what it was told to`);
    }
    return judged(task, result);
  }

  /** Of a place that is left out now: what it did before a block around it failed, if anything. */
  function formerResult(entry: string): Fields {
    const changed = memory.changed.has(entry);
    return memory.outcomes.get(entry) ?? { changed, failed: false, skipped: !changed };
  }

  function mayChange(task: Task): boolean {
    const kept = memory.outcomes.get(keyOf(task));
    if (kept) return kept.changed === true;
    const planned = found.changes.filter((each) => each.task === task);
    const isOpen = planned.some(({ change }) => change.runs?.changed !== undefined);
    if (isOpen || task.flow?.judge) return resultOf(task).changed === true;
    return planned.length > 0 || memory.changed.has(keyOf(task));
  }

  /** A place that is left out now has notified whom it would when it still was there. */
  function hasNotified({ tasks }: Place, entry: string): boolean {
    if (tasks.length > 0) return tasks.some(mayChange);
    return [...memory.changed].some((key) => key === entry || key.startsWith(`${entry}.`));
  }

  return {
    result(entry) {
      const kept = at.has(entry) ? undefined : memory.kept.get(entry);
      if (kept) return kept.result;
      const { tasks, entry: place } = placeOf(entry);
      const [only] = tasks;
      if (place.flow?.looped || only?.flow?.looped) return listed(tasks.map(resultOf));
      return only ? resultOf(only) : formerResult(entry);
    },
    variables(entry) {
      const kept = at.has(entry) ? undefined : memory.kept.get(entry);
      return kept ? kept.variables : placeOf(entry).tasks.at(-1)?.flow?.variables;
    },
    facts: nothingKnown(memory).facts,
    notified: (entries, handler) =>
      entries.some((entry) =>
        at.has(entry)
          ? hasNotified(placeOf(entry), entry)
          : memory.kept.get(entry)?.result.changed === true,
      ) || found.left.has(handler),
  };
}

/** Remembers what the places of a list give, for plays and stages that come after them, and what was read of them. */
export function keep(found: Findings, memory: Memory, host: string): void {
  const own = new Set(found.changes.map(({ task }) => task));
  const settled = found.reads.filter(
    ({ task }) => !own.has(task) && !found.pending.has(task) && !changeBefore(task, found),
  );
  memory.fresh = new Map(settled.map(({ task, result }) => [keyOf(task), result]));
  const known = knownBefore(found.places.length, found, memory);
  for (const { entry: task } of found.places) {
    const entry = entryOf(task);
    const given = naming(host, task, undefined, () =>
      unlessUnknown(
        (): Kept => ({ result: known.result(entry), variables: known.variables(entry) }),
      ),
    );
    if (given) memory.kept.set(entry, given);
  }
}

function unlessUnknown<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotKnown) return undefined;
    throw error;
  }
}

/** Changes are about to be made: what was read until then is what tasks after it go by, as with Ansible. */
export function fixReadings({ readings, fresh }: Memory): void {
  for (const [key, result] of fresh) if (!readings.has(key)) readings.set(key, result);
}

/** A change of an earlier task that is still to be made. */
function changeBefore(task: Task, { places, changes }: Findings): PlannedChange | undefined {
  const order = places.map(({ entry }) => entryOf(entry));
  const own = order.indexOf(entryOf(task));
  return changes.find(
    ({ task: other, change }) => order.indexOf(entryOf(other)) < own && !change.runs?.harmless,
  );
}

function judged(task: Task, result: Fields): Fields {
  const verdict = task.flow?.judge?.(result);
  if (!verdict) return result;
  const { changed, failed, isThere } = verdict;
  return { ...result, changed, failed: failed || !isThere };
}

/** Whether a task that has nothing left to do does not find what it waits for, and has not given up. */
function waitsStill(task: Task, result: Fields, { changes }: Findings, memory: Memory): boolean {
  if (changes.some((each) => each.task === task)) return false;
  const looked = memory.attempts.get(keyOf(task)) ?? 0;
  const hasGivenUp = task.flow?.ignoreErrors && looked > task.retries;
  return !hasGivenUp && task.flow?.judge?.(result).isThere === false;
}

/** Thrown where a task that only reads has to be asked again: see `until`. */
export class NotThereYet extends HostError {
  readonly task: Task;

  constructor({ task, resource }: Read, host: string) {
    const message = `${resource.id} is not what its task waits for`;
    super('failed', 'step-failed', message, { host, task: task.label, resource: resource.id });
    this.task = task;
  }
}

/**
 * A failure of its host: what was read has failed, or is not what its task waits for, or a task says by `failed_when`
 * that what it found is one.
 *
 * What an earlier change, still to be made, may put right is none yet; of actions it is told once they have run.
 */
export function refuseFailed(found: Findings, host: string, memory: Memory): void {
  for (const task of found.places.flatMap(({ tasks }) => tasks)) {
    const read = found.reads.find((each) => each.task === task);
    const isAction = found.changes.some((each) => each.task === task && each.change.runs);
    const key = keyOf(task);
    const isKnown = memory.outcomes.has(key) || memory.readings.has(key);
    const isOpen = isAction || isKnown || found.pending.has(task);
    if (isOpen || (!read && !task.flow?.judge) || changeBefore(task, found)) continue;
    naming(host, task, read?.resource.id, () =>
      refuseIfFailed(task, read, found, { host, memory }),
    );
  }
}

function refuseIfFailed(
  task: Task,
  read: Read | undefined,
  found: Findings,
  { host, memory }: { readonly host: string; readonly memory: Memory },
): void {
  const isPlanned = found.changes.some((each) => each.task === task);
  const changed = isPlanned || memory.changed.has(keyOf(task));
  const result: Fields = { failed: false, ...read?.result, changed, skipped: false };
  if (read && waitsStill(task, result, found, memory)) throw new NotThereYet(read, host);
  if (judged(task, result).failed !== true || task.flow?.ignoreErrors) return;
  const about = read?.resource.id;
  throw new HostError('failed', 'step-failed', failureOf(about ?? task.label, result), {
    ...{ host, task: task.label, resource: about },
    output: [result.stdout, result.stderr].filter((text) => Boolean(text)).join('\n'),
  });
}

function failureOf(what: string, { rc }: Fields): string {
  return rc === undefined || rc === 0
    ? `${what} has failed by failed_when`
    : `${what} ended with status ${String(rc)}`;
}

/** The result of a loop, as Ansible keeps it. */
function listed(results: readonly Fields[]): Fields {
  const some = (key: string): boolean => results.some((result) => result[key] === true);
  return {
    results,
    changed: some('changed'),
    failed: some('failed'),
    skipped: results.every(({ skipped }) => skipped === true),
  };
}
