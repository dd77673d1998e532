import type { Reaction } from '../contract/resource.ts';
import type { PlannedChange } from '../plan/plan.ts';
import type { ReactionItem, StepItem } from '../script/apply_script.ts';
import type { OwedReaction } from '../script/ledger.ts';

/** What is to be made and paid on a host. */
export interface Work {
  readonly changes: readonly PlannedChange[];
  readonly owed: readonly OwedReaction[];
  /** Ids of owed reactions that have failed in this run already: they are tried after the steps alone. */
  readonly failed: ReadonlySet<string>;
}

/** One item of an apply script and what reports call it. */
export type Item = (StepItem | ReactionItem) & {
  readonly planned?: PlannedChange;
  readonly title: string;
  readonly lastOfChange: boolean;
  /** A reaction before the steps, which is tried again after them when it fails. */
  readonly isTriedAgain: boolean;
};

/** The items of an apply in order, and the ids of the reactions that are due before the first. */
export interface Agenda {
  readonly items: readonly Item[];
  readonly due: readonly string[];
}

/**
 * Debts of earlier runs, then all steps, then each reaction once that is due by then.
 *
 * A debt that these steps settle or cause again comes after them, so that nothing is restarted twice.
 * `since` is how this run signs what it owes.
 */
export function agendaOf({ changes, owed, failed }: Work, since: string): Agenda {
  const known = new Map(owed.map((debt) => [debt.id, debt]));
  const caused = changes.flatMap(({ change }) => change.onChange ?? []);
  const ahead = new Set([
    ...changes.flatMap(({ change }) => change.settles ?? []),
    ...caused.flatMap(({ id, covers = [] }) => [id, ...covers]),
  ]);
  const debts = [...known.values()].filter(
    (debt) => debt.since !== since && !failed.has(debt.id) && !ahead.has(debt.id),
  );
  const all = [...new Map([...known, ...caused.map((each) => [each.id, each] as const)]).values()];
  const { steps, causedAtOnce } = stepItems(changes);
  return {
    items: [
      ...(steps.length > 0 ? reactionItems(debts, all).map(triedAgain) : []),
      ...steps,
      ...reactionItems(all, all),
    ],
    due: [...owed.map(({ id }) => id), ...causedAtOnce],
  };
}

/** How long a debt may keep the steps waiting, in seconds; after them it has all the time that it wants. */
const PATIENCE = 120;

function triedAgain(item: Item): Item {
  return { ...item, isTriedAgain: true, snippet: { ...item.snippet, seconds: PATIENCE } };
}

/** A change without steps is made when those before it are. */
function stepItems(changes: readonly PlannedChange[]): {
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
        snippet: { script: step.script, user: planned.task.becomeUser },
        owes: i === 0 ? onChange : [],
        settles: lastOfChange ? settles : [],
        causes: [],
      });
    }
    const causes = steps.at(-1)?.causes ?? causedAtOnce;
    causes.push(...onChange.map(({ id }) => id));
  }
  return { steps, causedAtOnce };
}

/** Those that must come first, then greater ones before the lesser ones that they cover. */
function reactionItems(reactions: readonly Reaction[], all: readonly Reaction[]): readonly Item[] {
  const coveredBy = (id: string): readonly string[] =>
    all.filter(({ covers }) => covers?.includes(id)).map((greater) => greater.id);
  const rank = ({ id, first }: Reaction): number => (first ? 0 : coveredBy(id).length > 0 ? 2 : 1);
  return reactions
    .toSorted((a, b) => rank(a) - rank(b))
    .map((reaction) => ({
      kind: 'reaction',
      id: reaction.id,
      title: reaction.id,
      lastOfChange: false,
      isTriedAgain: false,
      snippet: { script: reaction.script },
      settles: [reaction.id, ...(reaction.covers ?? [])],
      coveredBy: coveredBy(reaction.id),
    }));
}
