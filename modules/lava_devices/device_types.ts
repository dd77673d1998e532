import { nearest, Refused } from '../../engine/sdk.ts';
import type { Device } from '../../lab/board/device.ts';
import { changedLines, type Registration } from '../../lab/master/registration.ts';
import { typeRecords } from './device_records.ts';

/** A device type of the inventory is known, and by what other names. */
export function typeRegistered(name: string, aliases: readonly string[]): Registration {
  return {
    id: `device type ${name} of LAVA`,
    difference(rows) {
      const types = typeRecords(rows);
      const now = types.get(name);
      for (const alias of aliases) {
        const owner = types.has(alias)
          ? alias
          : [...types.values()].find((type) => type.name !== name && type.aliases.includes(alias))
              ?.name;
        if (owner !== undefined) throw taken(alias, name, owner);
      }
      const missing = aliases.filter((alias) => !now?.aliases.includes(alias));
      if (now && missing.length === 0) return undefined;
      const known = now?.aliases ?? [];
      return {
        ...changedLines(
          { aliases: known.join(', ') },
          { aliases: [...known, ...missing].sort().join(', ') },
        ),
        ...(!now && { labels: ['missing', 'device type'] as const }),
        action: { do: 'type', name, aliases: missing },
      };
    },
  };
}

function taken(alias: string, type: string, owner: string): Refused {
  return owner === alias
    ? new Refused(`${alias} cannot be an alias of ${type}: it is a device type itself`)
    : new Refused(
        `${alias} cannot be an alias of ${type}: it is one of ${owner}`,
        `remove it there: lava-server manage aliases remove ${alias}`,
      );
}

/** The device types of the inventory with the aliases that any of their boards gives them. */
export function typesOf(devices: readonly Device[]): ReadonlyMap<string, readonly string[]> {
  const types = new Map<string, readonly string[]>();
  for (const { type, board } of devices) {
    types.set(type, [...new Set([...(types.get(type) ?? []), ...(board.aliases ?? [])])].sort());
  }
  return types;
}

/** Refuses a type for which LAVA has no template: its boards could run no job. */
export function refuseUnknownType({ board, type }: Device, templates: ReadonlySet<string>): void {
  if (board.jinja2 !== undefined || templates.has(type)) return;
  const near = nearest(type, templates);
  throw new Refused(
    `the board ${board.name} has the device type ${type}, which LAVA does not know`,
    near === undefined
      ? 'see /usr/share/lava-server/device-types on the master'
      : `did you mean ${near}?`,
  );
}
