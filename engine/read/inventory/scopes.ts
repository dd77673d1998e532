import type { Environment } from '../../contract/environment.ts';
import type { Group } from '../../contract/inventory.ts';
import type { SecretValues } from '../../contract/secrets.ts';
import type { Fields, Scope } from '../../values/values.ts';
import { layeredScope, lazyVariables } from '../expression/variables.ts';
import type { PlacedGroup } from './layers.ts';

/** What templates of each host may use: its variables, and the names that Ansible gives every host. */
export function hostScopes(
  merged: ReadonlyMap<string, Fields>,
  groupNames: ReadonlyMap<string, readonly PlacedGroup[]>,
  groups: ReadonlyMap<string, Group>,
  secrets: SecretValues,
  env?: Environment,
): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  const byGroup = Object.assign(
    Object.create(null),
    Object.fromEntries([...groups.values()].map(({ name, hosts }) => [name, hosts])),
  );
  const hostvars: Scope = lazyHostvars(scopes, [...merged.keys()]);
  for (const [name, raw] of merged) {
    const own = lazyVariables(raw, {
      scope: () => scopes.get(name) ?? {},
      secret: secrets,
      env: env?.variable,
    });
    const given = {
      inventory_hostname: name,
      inventory_hostname_short: name.split('.')[0],
      group_names: (groupNames.get(name) ?? []).map((g) => g.name).filter((g) => g !== 'all'),
      groups: byGroup,
      hostvars,
    };
    scopes.set(name, layeredScope(own, given));
  }
  return scopes;
}

function lazyHostvars(scopes: ReadonlyMap<string, Scope>, names: readonly string[]): Scope {
  const hostvars: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    Object.defineProperty(hostvars, name, { enumerable: true, get: () => scopes.get(name) });
  }
  return hostvars;
}
