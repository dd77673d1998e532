import type { Said } from '../contract/action.ts';
import { HostError } from '../contract/errors.ts';
import { NOT_NOW } from '../contract/resource.ts';
import { keyOf, type Task, type Verdict } from '../contract/task.ts';
import type { Session } from '../contract/transport.ts';
import type { Report } from '../events/event.ts';
import { resultOf } from '../plan/as_read.ts';
import { fixReadings } from '../plan/known.ts';
import { type Memory, ranKey } from '../plan/memory.ts';
import { naming } from '../plan/naming.ts';
import type { PlannedChange } from '../plan/plan.ts';
import { applyScript, type ScriptEvent } from '../script/apply_script.ts';
import { readSaid } from '../script/capture.ts';
import { type Holder, isLockEvent } from '../script/lock.ts';
import type { Fields } from '../values/values.ts';
import { agendaOf, type Item, type Work } from './agenda.ts';
import { StepFailed } from './caught.ts';
import { lockError } from './lock_error.ts';

/** How far an execution came. */
export interface Execution {
  /** Changes of which every step succeeded. */
  readonly done: readonly PlannedChange[];
  /** Ids of handlers that are no longer pending. */
  readonly completed: ReadonlySet<string>;
  /** Ids of handlers that stay pending, because they would cut somebody off. */
  readonly deferredHandlers: ReadonlySet<string>;
  /** Handlers that failed and stay pending, by id. */
  readonly unfinished: ReadonlyMap<string, HostError>;
  /**
   * `stale`: a thing was no longer as planned, plan again. `stopped`: the user asked to stop. `again`: what the last
   * action gave is not what its task waits for.
   */
  readonly end: 'complete' | 'stale' | 'stopped' | 'again';
}

/** What an execution needs beside the changes. */
export interface ExecutionContext {
  readonly session: Session;
  readonly host: string;
  readonly holder: Holder;
  readonly report: Report;
  /** Aborted when the user asks to stop: the running item ends, the next does not begin. */
  readonly stop: AbortSignal;
  /** Told what became of each task. */
  readonly memory: Memory;
}

/** What is done so far; it grows while a script runs, and says how far one came that failed. */
export interface Progress {
  /** Changes of which every step succeeded. */
  readonly done: PlannedChange[];
  /** Ids of handlers that are no longer pending. */
  readonly completed: Set<string>;
}

type Finished = Extract<ScriptEvent, { type: 'finished' }>;

/**
 * Makes planned changes on a host and runs pending handlers, in one script. Rejects when a step fails.
 *
 * Handlers that earlier runs left pending run before the first step; handlers of changes that were made, after
 * the last. One that fails is reported and given back; it keeps no other from running.
 */
export async function execute(
  work: Work,
  { session, host, holder, report, stop, memory }: ExecutionContext,
  progress: Progress = { done: [], completed: new Set() },
): Promise<Execution> {
  const { items, due } = agendaOf(work, holder.text);
  const { script, read } = applyScript(items, holder, {
    pendingHandlers: work.pendingHandlers,
    due,
  });
  const { done, completed } = progress;
  if (work.changes.length > 0) fixReadings(memory);
  const deferredHandlers = new Set<string>();
  const unfinished = new Map<string, HostError>();
  let end: Execution['end'] = 'complete';
  let failure: HostError | undefined;
  let running: Item | undefined;

  function take(event: ScriptEvent): void {
    if (isLockEvent(event)) failure = lockError(event, host);
    if (event.type === 'stopped') end = 'stopped';
    if (event.type === 'started') {
      running = items[event.item];
      if (running) report(stepEvent('started', running, host, ''));
    }
    if (event.type !== 'finished') return;
    const item = items[event.item];
    running = undefined;
    if (!item) return;
    if (event.status === 0) succeeded(item, event);
    else if (item.planned?.change.runs) ran(item, item.planned, event);
    else if (item.kind === 'handler') notPaid(item, event);
    else if (event.status === NOT_NOW) end = 'stale';
    else {
      if (item.planned) {
        countAttempt(item.planned);
        mayHaveChanged(item.planned.task);
      }
      failure = ended(item, { ...event, output: wordsOf(item, event.output) }, host);
    }
  }

  function countAttempt({ task }: PlannedChange): number {
    const key = keyOf(task);
    const attempts = (memory.attempts.get(key) ?? 0) + 1;
    memory.attempts.set(key, attempts);
    return attempts;
  }

  /** A late task stands for others: what is done in its own name is that a handler is struck off. */
  function mayHaveChanged(task: Task): void {
    if (!task.flow?.late) memory.changed.add(keyOf(task));
  }

  function succeeded(item: Item, finished: Finished): void {
    const { output } = finished;
    if (item.planned?.change.runs) {
      ran(item, item.planned, finished);
      return;
    }
    report(stepEvent('finished', item, host, wordsOf(item, output)));
    if (item.planned) mayHaveChanged(item.planned.task);
    if (item.planned && item.lastOfChange) done.push(item.planned);
    settled(item);
  }

  /** An action has ended; how, is for its task to say. */
  function ran(item: Item, planned: PlannedChange, { output, status }: Finished): void {
    const { task } = planned;
    const key = keyOf(task);
    const said = readSaid(output, status);
    const result = naming(host, task, planned.resource.id, () => judgedResult(planned, said));
    const attempts = countAttempt(planned);
    if (!result.isThere && attempts <= task.retries) {
      end = 'again';
      return;
    }
    const words = wordsOf(
      item,
      [said.stdout, said.stderr].filter((text) => text !== '').join('\n'),
    );
    const isIgnored = task.flow?.ignoreErrors && attempts > task.retries;
    if ((result.failed || !result.isThere) && !isIgnored) {
      failure = ended(item, { status: said.rc, output: words }, host);
      return;
    }
    if (status !== 0) end = 'stale';
    report(stepEvent('finished', item, host, words));
    done.push(planned);
    memory.outcomes.set(key, result.fields);
    memory.ran.add(ranKey(task, planned.resource));
    if (result.changed) memory.changed.add(key);
    settled(item);
  }

  function settled(item: Item): void {
    for (const id of item.settles) {
      completed.add(id);
      unfinished.delete(id);
      deferredHandlers.delete(id);
    }
  }

  function notPaid({ title: handler, ...item }: Item, finished: Finished): void {
    const { status, output } = finished;
    if (status === NOT_NOW) {
      const reason = output.trim().split('\n').at(-1) ?? '';
      if (!deferredHandlers.has(handler))
        report({ type: 'handler-deferred', host, handler, reason });
      deferredHandlers.add(handler);
      unfinished.delete(handler);
      completed.delete(handler);
      return;
    }
    const next = item.isTriedAgain ? 'after the steps' : 'next run';
    report({ type: 'handler-failed', host, handler, status, output, next });
    completed.delete(handler);
    unfinished.set(handler, ended({ title: handler, ...item }, finished, host));
  }

  try {
    await session.run(script, {
      stop,
      onOutput: (chunk) => {
        for (const event of read(chunk)) take(event);
      },
    });
  } catch (error) {
    throw interruptedAt(running, error);
  }
  if (failure) throw failure;
  if (end === 'complete') done.splice(0, done.length, ...work.changes);
  return {
    done,
    completed,
    deferredHandlers,
    unfinished,
    end,
  };
}

/** What an item said, unless its task hides that. */
function wordsOf({ planned }: Item, output: string): string {
  return planned?.task.flow?.noLog && output !== '' ? 'hidden by no_log' : output;
}

/** What became of an action, by its task's own words where it has some. */
function judgedResult(
  { task, change: { runs = {} } }: PlannedChange,
  said: Said,
): Verdict & { readonly fields: Fields } {
  const result = resultOf(runs, said);
  const { changed, failed, isThere } = task.flow?.judge?.(result) ?? {
    changed: result.changed === true,
    failed: result.failed === true,
    isThere: true,
  };
  return { changed, failed, isThere, fields: { ...result, changed, failed: failed || !isThere } };
}

function stepEvent(
  when: 'started' | 'finished',
  { planned, title }: Item,
  host: string,
  output: string,
): Parameters<Report>[0] {
  if (!planned) return { type: `handler-${when}`, host, handler: title };
  const about = { host, task: planned.task.label, resource: planned.resource.id, step: title };
  return when === 'started'
    ? { type: 'step-started', ...about }
    : { type: 'step-finished', ...about, output };
}

function ended(
  item: Item,
  { status, output }: Pick<Finished, 'status' | 'output'>,
  host: string,
): HostError {
  const isFull = /No space left on device|Disk quota exceeded/.test(output);
  const [, full = ''] = /the file system (\/.*) is full$/m.exec(output) ?? [];
  const space = full === '' ? 'some disk space' : `some space in ${full}`;
  const hint = isFull ? `free ${space} on the host, then apply again` : undefined;
  const words = output.trim().split('\n').slice(-20).join('\n');
  if (item.kind === 'handler') {
    const message = `the pending handler "${item.title}" ended with status ${status}`;
    const later = 'it stays pending; the next apply retries it';
    return new HostError('failed', 'handler-failed', message, {
      ...{ host, output: words, hint: hint ?? later },
    });
  }
  const message = `${item.title} ended with status ${status}`;
  const context = { host, output: words, hint };
  return item.planned
    ? new StepFailed(item.planned, message, context)
    : new HostError('failed', 'step-failed', message, context);
}

function interruptedAt(running: Item | undefined, error: unknown): unknown {
  if (!(error instanceof HostError)) return error;
  return new HostError(error.kind, error.code, error.message, {
    ...error.context,
    task: running?.planned?.task.label,
    resource: running?.planned?.resource.id ?? running?.title,
  });
}
