import { HostError } from './errors.ts';
import type { PlannedChange } from './plan.ts';
import type { Report } from './report/event.ts';
import { NOT_NOW, type Reaction } from './resource.ts';
import {
  applyScript,
  type Holder,
  type OwedReaction,
  type ScriptEvent,
  type ScriptItem,
  stopCommand,
} from './script.ts';
import type { Session } from './transport/transport.ts';

/** How far an execution came. */
export interface Execution {
  /** Changes of which every step succeeded. */
  readonly done: readonly PlannedChange[];
  /** Ids of reactions that stay owed, because they would cut somebody off. */
  readonly putOff: readonly string[];
  /** `stale`: a thing was no longer as planned, plan again. `stopped`: the user asked to stop. */
  readonly end: 'complete' | 'stale' | 'stopped';
}

/** What an execution needs beside the changes. */
export interface ExecutionContext {
  readonly session: Session;
  readonly host: string;
  readonly holder: Holder;
  readonly report: Report;
  /** Aborted when the user asks to stop: the running item ends, the next does not begin. */
  readonly stop: AbortSignal;
}

/** One item of the script and what reports call it. */
interface Item extends ScriptItem {
  readonly planned?: PlannedChange;
  readonly title: string;
  readonly lastOfChange: boolean;
}

/** Makes planned changes on a host and pays what is owed, in one script. Rejects when a step fails. */
export async function execute(
  changes: readonly PlannedChange[],
  owed: readonly OwedReaction[],
  { session, host, holder, report, stop }: ExecutionContext,
): Promise<Execution> {
  const items = itemsOf(changes, owed);
  const { script, read } = applyScript(items, holder);
  const done: PlannedChange[] = [];
  const putOff: string[] = [];
  let end: Execution['end'] = 'complete';
  let failure: HostError | undefined;
  let running: Item | undefined;

  function take(event: ScriptEvent): void {
    if (event.type === 'locked') failure = lockedBy(event.holder, host);
    if (event.type === 'stopped') end = 'stopped';
    if (event.type === 'started') {
      running = items[event.item];
      if (running) report(progress('started', running, host, ''));
    }
    if (event.type !== 'finished') return;
    const item = items[event.item];
    running = undefined;
    if (!item) return;
    if (event.status === 0) {
      report(progress('finished', item, host, event.output));
      if (item.planned && item.lastOfChange) done.push(item.planned);
    } else if (event.status === NOT_NOW && item.planned) end = 'stale';
    else if (event.status === NOT_NOW) {
      putOff.push(item.title);
      const reason = event.output.trim().split('\n').at(-1) ?? '';
      report({ type: 'reaction-put-off', host, reaction: item.title, reason });
    } else failure = stepFailed(item, event.status, event.output, host);
  }

  const onStop = (): void => {
    session.runBeside(stopCommand(holder.run)).catch(() => undefined);
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    await session.run(script, {
      onOutput: (chunk) => {
        for (const event of read(chunk)) take(event);
      },
    });
  } catch (error) {
    throw interruptedAt(running, error);
  } finally {
    stop.removeEventListener('abort', onStop);
  }
  if (failure) throw failure;
  return { done: end === 'complete' ? changes : done, putOff, end };
}

/** The items of an apply in order: all steps, then each owed reaction once, lesser ones left to greater. */
function itemsOf(
  changes: readonly PlannedChange[],
  owed: readonly OwedReaction[],
): readonly Item[] {
  const due = new Map<string, Reaction>(owed.map((reaction) => [reaction.id, reaction]));
  const steps: Item[] = [];
  for (const planned of changes) {
    const { steps: own, onChange = [], settles = [] } = planned.change;
    for (const [i, step] of own.entries()) {
      const lastOfChange = i === own.length - 1;
      steps.push({
        planned,
        kind: 'step',
        title: step.title,
        lastOfChange,
        snippet: { script: step.script, user: planned.task.becomeUser },
        owes: i === 0 ? onChange : [],
        settles: lastOfChange ? settles : [],
      });
    }
    for (const id of settles) due.delete(id);
    for (const reaction of onChange) due.set(reaction.id, reaction);
  }
  return [...steps, ...reactionItems([...due.values()])];
}

function reactionItems(due: readonly Reaction[]): readonly Item[] {
  const covered = new Set(due.flatMap(({ covers }) => covers ?? []));
  const uncovered = due.filter(({ id }) => !covered.has(id));
  return [
    ...uncovered.filter(({ first }) => first),
    ...uncovered.filter(({ first }) => !first),
  ].map((reaction) => ({
    kind: 'reaction',
    title: reaction.id,
    lastOfChange: false,
    snippet: { script: reaction.script },
    owes: [],
    settles: [reaction.id, ...(reaction.covers ?? [])],
  }));
}

function progress(
  when: 'started' | 'finished',
  { planned, title }: Item,
  host: string,
  output: string,
): Parameters<Report>[0] {
  if (!planned) return { type: `reaction-${when}`, host, reaction: title };
  const about = { host, task: planned.task.label, resource: planned.resource.id, step: title };
  return when === 'started'
    ? { type: 'step-started', ...about }
    : { type: 'step-finished', ...about, output };
}

function stepFailed(item: Item, status: number, output: string, host: string): HostError {
  const what = item.planned ? item.title : `the owed reaction "${item.title}"`;
  const hint = /No space left on device|Disk quota exceeded/.test(output)
    ? 'free some disk space on the host, then apply again'
    : undefined;
  return new HostError('failed', 'step-failed', `${what} ended with status ${status}`, {
    host,
    task: item.planned?.task.label,
    resource: item.planned?.resource.id,
    output: output.trim().split('\n').slice(-20).join('\n'),
    hint,
  });
}

function lockedBy(holder: string, host: string): HostError {
  return new HostError('failed', 'locked', `another run is changing this host: ${holder}`, {
    host,
    hint: 'wait until it is done; a run that died frees its lock by itself',
  });
}

function interruptedAt(running: Item | undefined, error: unknown): unknown {
  if (!(error instanceof HostError)) return error;
  return new HostError(error.kind, error.code, error.message, {
    ...error.context,
    task: running?.planned?.task.label,
    resource: running?.planned?.resource.id ?? running?.title,
  });
}
