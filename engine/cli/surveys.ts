import { existsSync } from 'node:fs';
import { InvalidInput } from '../contract/errors.ts';
import type { AnyModule, Survey } from '../contract/module.ts';
import { nearest } from '../values/nearest.ts';

/** What people may ask a host, by name; of two with one name the built-in one counts. */
export function surveysOf(modules: readonly AnyModule[]): ReadonlyMap<string, Survey> {
  const all = modules.flatMap(({ surveys = {} }) => Object.entries(surveys));
  return new Map(all.toReversed());
}

/** Positional arguments that begin with an inventory, unless that is not a file but nearly the name of a survey. */
export function unlessMistyped(
  positionals: readonly string[],
  surveys: Iterable<string>,
): readonly string[] {
  const [word] = positionals;
  const near = word === undefined || existsSync(word) ? undefined : nearest(word, surveys);
  if (!near) return positionals;
  const message = `no survey or inventory is called '${word}'`;
  throw new InvalidInput([{ code: 'usage', message, hint: `did you mean '${near}'?` }]);
}
