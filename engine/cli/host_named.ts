import { InvalidInput } from '../contract/errors.ts';
import type { Host, Inventory } from '../contract/inventory.ts';
import { nearest } from '../values/nearest.ts';

/** The host that a command line names; throws InvalidInput where the inventory has none. */
export function hostNamed({ hosts }: Inventory, name: string): Host {
  const host = hosts.get(name);
  if (host) return host;
  const near = nearest(name, hosts.keys());
  throw new InvalidInput([
    {
      code: 'unknown-host',
      message: `the inventory has no host '${name}'`,
      hint: near ? `did you mean '${near}'?` : 'lava-play inventory --graph shows the hosts',
    },
  ]);
}
