import type { Known } from '../../contract/task.ts';
import type { Fields, Scope } from '../../values/values.ts';

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
    const get = () =>
      name === 'ansible_facts' ? withoutPrefix(known.facts()) : known.facts()[name];
    Object.defineProperty(scope, name, { enumerable: true, configurable: true, get });
  }
  return scope;
}

/** `ansible_facts.distribution` is `ansible_distribution`. */
function withoutPrefix(facts: Fields): Fields {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name.replace(/^ansible_/, ''), value]),
  );
}

/** The names of facts in a text that a playbook holds, at any depth. */
export function factNames(value: unknown): readonly string[] {
  return [...new Set(JSON.stringify(value)?.match(/\bansible_[a-z0-9_]+/g) ?? [])];
}
