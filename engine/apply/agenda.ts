import type { Handler, Step } from '../contract/resource.ts';
import { inEnvironment } from '../plan/as_read.ts';
import type { PlannedChange } from '../plan/plan.ts';
import type { HandlerItem, StepItem } from '../script/apply_script.ts';
import { captured } from '../script/capture.ts';
import type { PendingHandler } from '../script/ledger.ts';
import { type Redact, redacted } from '../script/redact.ts';

/** The changes and the handlers of a host. */
export interface Work {
  readonly changes: readonly PlannedChange[];
  readonly pendingHandlers: readonly PendingHandler[];
  /** Ids of pending handlers that have failed in this run already: they are tried after the steps alone. */
  readonly failed: ReadonlySet<string>;
  /** Masks secrets in what is kept on the host; none unless set. */
  readonly redact?: Redact | undefined;
}

/** One item of an apply script and what reports call it. */
export type Item = (StepItem | HandlerItem) & {
  readonly planned?: PlannedChange;
  readonly title: string;
  readonly lastOfChange: boolean;
  /** A handler before the steps, which is tried again after them when it fails. */
  readonly isTriedAgain: boolean;
};

/** The items of an apply in order, and the ids of the handlers that are due before the first. */
export interface Agenda {
  readonly items: readonly Item[];
  readonly due: readonly string[];
}

/**
 * Handlers that earlier runs left pending, then all steps, then each handler once that is due by then.
 *
 * A pending handler that these steps settle or cause again comes after them, so that nothing is restarted twice.
 * `since` is how this run signs its handlers.
 */
export function agendaOf(
  { changes, pendingHandlers, failed, redact = (text) => text }: Work,
  since: string,
): Agenda {
  const known = new Map(
    pendingHandlers
      .filter(({ left }) => !left)
      .map((pendingHandler) => [pendingHandler.id, pendingHandler]),
  );
  const caused = changes.flatMap(({ change }) => change.onChange ?? []).filter(({ left }) => !left);
  const ahead = new Set([
    ...changes.flatMap(({ change }) => change.settles ?? []),
    ...caused.flatMap(({ id, covers = [] }) => [id, ...covers]),
  ]);
  const handlersLeft = [...known.values()].filter(
    (pendingHandler) =>
      pendingHandler.since !== since &&
      !failed.has(pendingHandler.id) &&
      !ahead.has(pendingHandler.id),
  );
  const all = [...new Map([...known, ...caused.map((each) => [each.id, each] as const)]).values()];
  const { steps, causedAtOnce } = stepItems(changes, redact);
  return {
    items: [
      ...(steps.length > 0 ? handlerItems(handlersLeft, all).map(triedAgain) : []),
      ...steps,
      ...handlerItems(all, all),
    ],
    due: [...known.keys(), ...causedAtOnce],
  };
}

/** How long a pending handler may keep the steps waiting, in seconds; after them it has all the time that it wants. */
const PATIENCE = 120;

function triedAgain(item: Item): Item {
  return { ...item, isTriedAgain: true, snippet: { ...item.snippet, seconds: PATIENCE } };
}

/** A change without steps is made when those before it are. */
function stepItems(
  changes: readonly PlannedChange[],
  redact: Redact,
): {
  readonly steps: readonly Item[];
  readonly causedAtOnce: readonly string[];
} {
  const steps: (Item & { readonly causes: string[] })[] = [];
  const causedAtOnce: string[] = [];
  for (const planned of changes) {
    const { steps: own, onChange = [], settles = [] } = planned.change;
    for (const [i, step] of own.entries()) {
      const lastOfChange = i === own.length - 1;
      steps.push({
        planned,
        kind: 'step',
        title: step.title,
        lastOfChange,
        isTriedAgain: false,
        snippet: { script: scriptOf(step, planned), user: planned.task.becomeUser },
        records: recordsOf(planned, i, redact),
        notifies: i === 0 ? onChange : [],
        settles: lastOfChange ? settles : [],
        causes: [],
      });
    }
    const causes = steps.at(-1)?.causes ?? causedAtOnce;
    causes.push(...onChange.filter(({ left }) => !left).map(({ id }) => id));
  }
  return { steps, causedAtOnce };
}

/** A step in the environment of its task; of an action, what it says is kept, and its end left to who judges it. */
function scriptOf({ script }: Step, { task, change }: PlannedChange): string {
  const whole = inEnvironment(script, task);
  return change.runs ? captured(whole, task.flow?.judge ? 'zero' : 'own') : whole;
}

/** A resource whose steps say nothing of what they change is named at its first. */
function recordsOf(
  { resource, change }: PlannedChange,
  step: number,
  redact: Redact,
): readonly string[] {
  const isTold = change.steps.some(({ records }) => records !== undefined);
  const other = redacted({ kind: 'other', name: resource.id, labels: change.labels }, redact);
  const lines = isTold ? (change.steps[step]?.records ?? []) : step === 0 ? [other] : [];
  return lines.map((line) => JSON.stringify(line));
}

/** Those that must come first, then greater ones before the lesser ones that they cover. */
function handlerItems(handlers: readonly Handler[], all: readonly Handler[]): readonly Item[] {
  const coveredBy = (id: string): readonly string[] =>
    all.filter(({ covers }) => covers?.includes(id)).map((greater) => greater.id);
  const rank = ({ id, first }: Handler): number => (first ? 0 : coveredBy(id).length > 0 ? 2 : 1);
  return handlers
    .toSorted((a, b) => rank(a) - rank(b))
    .map((handler) => ({
      kind: 'handler',
      id: handler.id,
      title: handler.id,
      lastOfChange: false,
      isTriedAgain: false,
      snippet: { script: handler.script },
      settles: [handler.id, ...(handler.covers ?? [])],
      coveredBy: coveredBy(handler.id),
    }));
}
