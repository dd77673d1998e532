import type { Scope } from '../../values/values.ts';
import type { Run } from './look_up.ts';
import { type Lookups, lookedUp } from './lookups.ts';
import { badTemplate } from './refusal.ts';

/** Steps that one text may take; the templates of real roles take some hundreds. */
const MOST_STEPS = 2_000_000;

/** What one rendering shares; throws Refusal from `spend` when it takes too long. */
export function newRun(scope: Scope, lookups: Lookups): Run {
  const made = new WeakSet<object>();
  let steps = 0;
  return {
    scope,
    spend(count) {
      steps += count;
      if (steps > MOST_STEPS) throw badTemplate('this takes too many steps');
    },
    isMade: (container) =>
      typeof container === 'object' && container !== null && made.has(container),
    made(container) {
      if (typeof container === 'object' && container !== null) made.add(container);
      return container;
    },
    lookUp: (terms, named, isWrittenOut) => lookedUp(lookups, { terms, named, isWrittenOut }),
  };
}
