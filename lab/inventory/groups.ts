import type { PlacedGroup, Roles } from '../../engine/extend.ts';

/** The group of workers that leave the lab: they are cleaned, and nobody serves them any more. */
export const RETIRED = 'retired';

const OPTIONAL: readonly string[] = ['gate', 'proxy', RETIRED];

/** What a host may be to a lab. */
export const roles: Roles = {
  all: ['database', 'master', 'workers', ...OPTIONAL],
  optional: OPTIONAL,
};

/** A host that retires remains what else it is to the lab; its variables are still those of its groups. */
export function withRetired(
  host: string,
  groups: ReadonlyMap<string, readonly PlacedGroup[]>,
): ReadonlyMap<string, readonly PlacedGroup[]> {
  const left = ['all', ...roles.all].filter((name) => name !== 'workers' && name !== RETIRED);
  const kept = (groups.get(host) ?? []).filter(({ name }) => left.includes(name));
  return new Map(groups).set(host, [...kept, { name: RETIRED, depth: 1, priority: 1 }]);
}
