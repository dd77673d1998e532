import type { Host, Inventory } from '../../engine/contract/inventory.ts';
import type { HostView } from '../../engine/sdk.ts';
import { lavaLab } from '../../lab/field.ts';
import { localConnection } from './private_session.ts';

const place = { file: 'lab.yaml', line: 1, column: 1, length: 1, text: '' };

/** Hosts that are all this machine; `groups` are those beside `all`. */
export function localInventory(
  names: readonly string[],
  groups: Readonly<Record<string, readonly string[]>> = {},
): Inventory {
  const views: Record<string, HostView> = {};
  const hosts = new Map<string, Host>();
  for (const name of names) {
    hosts.set(name, { name, place, groups: ['all'], vars: {}, connection: localConnection(name) });
    views[name] = { name, address: name, groups: ['all'], vars: {} };
  }
  return {
    file: 'inventory.yaml',
    hosts,
    groups: new Map(),
    roles: lavaLab.roles,
    lab: { hosts: views, groups: { all: names, ...groups } },
    scopes: new Map(),
    secrets: new Map(),
    usedSecrets: new Map(),
    sensitive: [],
    warnings: [],
  };
}
