import { suggest } from '../contract/problems.ts';
import { nearest } from '../values/nearest.ts';

/** A name in a case that means nothing would make it prove nothing. */
export function refuseUnknown(
  what: string,
  given: readonly string[],
  known: readonly string[],
): void {
  const stray = given.find((name) => !known.includes(name));
  if (stray === undefined) return;
  const hint = suggest(nearest(stray, known), known);
  throw new Error(`the module has no ${what} called ${stray}${hint ? `; ${hint}` : ''}`);
}
