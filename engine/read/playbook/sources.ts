import { FACT_NAMES } from '../../contract/fact_names.ts';
import type { Known } from '../../contract/task.ts';
import type { Scope } from '../../values/values.ts';
import type { Play } from './playbook.ts';

/** A variable that an earlier task of the host gives, by `register` or `set_fact`. */
export interface Source {
  readonly name: string;
  /** The place in the list of the task. */
  readonly entry: string;
  readonly kind: 'registered' | 'set';
}

/** The variables of earlier tasks as a scope: the last task that gives a variable counts, unless it was skipped. */
export function sourcesScope(sources: readonly Source[], below: Scope, known: Known): Scope {
  const scope: Record<string, unknown> = Object.create(null);
  for (const name of new Set(sources.map((source) => source.name))) {
    const own = sources.filter((source) => source.name === name).toReversed();
    Object.defineProperty(scope, name, {
      enumerable: true,
      configurable: true,
      get: () => lastGiven(name, own, below, known),
    });
  }
  return scope;
}

function lastGiven(name: string, sources: readonly Source[], below: Scope, known: Known): unknown {
  for (const { entry, kind } of sources) {
    if (kind === 'registered') return known.result(entry);
    const given = known.variables(entry);
    if (given && Object.hasOwn(given, name)) return given[name];
  }
  return below[name];
}

/** The facts of a host as a scope: those of these names, which the playbook uses. */
export function factsScope(names: readonly string[], known: Known): Scope {
  const scope: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    const get = () => known.facts()[name];
    Object.defineProperty(scope, name, { enumerable: true, configurable: true, get });
  }
  return scope;
}

/**
 * The facts that a playbook may use: those whose names stand in it, at any depth, and all where it has templates,
 * which are read later.
 */
export function factNames(plays: readonly Play[]): readonly string[] {
  const tasks = plays.flatMap((play) => [...play.tasks, ...play.handlers]);
  if (tasks.some(({ module }) => module === 'template')) return FACT_NAMES;
  const named = new Set(JSON.stringify(plays).match(/\bansible_[a-z0-9_]+/g) ?? []);
  return FACT_NAMES.filter((name) => named.has(name));
}
