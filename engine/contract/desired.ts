import { describe, isList, isMap } from '../values/values.ts';
import type { Resource } from './resource.ts';

/** What `desired` of a module gave, or its `Pending`; throws where that is not a list of resources. */
export function resourcesOf(given: readonly Resource[], module: string): readonly Resource[] {
  if (!isList(given)) {
    throw new Error(
      `desired of ${module} returned ${describe(given)}, which is not a list of resources`,
    );
  }
  for (const [i, item] of given.entries()) {
    const flaw = flawOf(item);
    if (flaw === undefined) continue;
    throw new Error(
      `desired of ${module} returned something that is not a resource (item ${i + 1}: ${flaw})`,
    );
  }
  return given;
}

function flawOf(item: unknown): string | undefined {
  if (!isMap(item)) return item === undefined ? 'undefined' : describe(item);
  const { id, probe, parse, change } = item;
  if (typeof id !== 'string' || id === '') return "a map without 'id'";
  if (typeof probe !== 'string') return `${id} without 'probe'`;
  if (typeof parse !== 'function') return `${id} without 'parse'`;
  return typeof change === 'function' ? undefined : `${id} without 'change'`;
}
