import { InvalidInput } from '../../contract/errors.ts';
import type { Known } from '../../contract/task.ts';
import { nearest } from '../../values/nearest.ts';
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
    const get = () => factOf(name, known.facts());
    Object.defineProperty(scope, name, { enumerable: true, configurable: true, get });
  }
  return scope;
}

function factOf(name: string, facts: Fields): unknown {
  if (Object.hasOwn(facts, name)) return facts[name];
  const near = nearest(name, Object.keys(facts));
  const hint = near && `did you mean '${near}'?`;
  throw new InvalidInput([
    { code: 'unknown-name', message: `the host has no fact '${name}'`, hint },
  ]);
}

/** Names that begin as those of facts do, and are settings or given by the program. */
const NO_FACTS =
  /^ansible_(host|port|user|password|connection|ssh_\w+|become\w*|private_key_file|\w*interpreter|check_mode|diff_mode|verbosity|version|play_\w+|role_\w+|loop\w*|index_var|failed_\w+|limit|run_tags|skip_tags|inventory_sources|managed|search_path|config_file)$/;

/** The names of facts in a text that a playbook holds, at any depth. */
export function factNames(value: unknown): readonly string[] {
  const names = JSON.stringify(value)?.match(/\bansible_[a-z0-9_]+/g) ?? [];
  return [...new Set(names)].filter((name) => !NO_FACTS.test(name));
}
