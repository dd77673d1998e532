import { carryPlaces } from '../places.ts';
import { type Fields, isMap } from '../values.ts';
import { connectionVariables } from './schema.ts';

/**
 * Puts below every host's `lava` what a lab leaves unsaid, so that playbooks may name all of it.
 *
 * The database server and the master are the hosts of the groups `database` and `master`. The other
 * values are the defaults of lava-server 2023.01 (Debian) and of PostgreSQL.
 */
export function withLabDefaults(
  merged: ReadonlyMap<string, Fields>,
  members: (group: string) => readonly string[],
): ReadonlyMap<string, Fields> {
  const server = addressOfFirst(members('database'), merged);
  const master = addressOfFirst(members('master'), merged);
  const isLab = ['database', 'master', 'workers'].some((group) => members(group).length > 0);
  if (!isLab) return merged;
  const defaults = {
    instance: 'default',
    layout: 'debian',
    db: {
      name: 'lavaserver',
      user: 'lavaserver',
      port: 5432,
      sslmode: 'prefer',
      ...(server !== undefined && { server }),
    },
    ...(master !== undefined && { master }),
    proxy: '',
    heartbeat: { timeout: 300 },
  };
  return new Map([...merged].map(([host, vars]) => [host, withLava(vars, defaults)]));
}

function withLava(vars: Fields, defaults: Fields): Fields {
  const { lava = {} } = vars;
  const whole: Record<string, unknown> = {
    ...vars,
    lava: isMap(lava) ? fill(lava, defaults) : lava,
  };
  carryPlaces(vars, whole);
  return whole;
}

function fill(given: Fields, defaults: Fields): Fields {
  const whole: Record<string, unknown> = { ...defaults, ...given };
  for (const [key, value] of Object.entries(defaults)) {
    const own = given[key];
    if (isMap(value) && isMap(own)) whole[key] = fill(own, value);
  }
  carryPlaces(given, whole);
  return whole;
}

function addressOfFirst(hosts: readonly string[], merged: ReadonlyMap<string, Fields>): unknown {
  const [first] = hosts;
  if (first === undefined) return undefined;
  const vars = merged.get(first) ?? {};
  const names = ['lab_address', ...connectionVariables.address.names];
  return names.map((name) => vars[name]).find((value) => typeof value === 'string') ?? first;
}
