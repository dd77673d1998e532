import type { Diagnostic } from '../../contract/errors.ts';
import { carryPlaces, placeOf } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import { expandRanges } from './host_range.ts';
import { connectionVariables } from './schema.ts';

/** Settings in which a range can only mean "one for each host"; passwords may hold brackets of their own. */
const STEPPED: ReadonlySet<string> = new Set([
  ...connectionVariables.address.names,
  ...connectionVariables.port.names,
  ...connectionVariables.user.names,
  ...connectionVariables.identity_file.names,
  ...connectionVariables.jump.names,
  'lab_address',
]);

/** A range, and not an IPv6 address in brackets. */
const RANGE = /\[(\d*:\d+|[a-zA-Z]:[a-zA-Z])(:\d+)?\]/;

/**
 * Deals out ranges in connection settings: `worker[01:20]: { address: 10.0.1.[10:29] }`.
 *
 * Ansible leaves such a range in the address as it is; people who write one mean one for each host.
 */
export function withValuesInStep(
  vars: Fields,
  count: number,
  errors: Diagnostic[],
): (index: number) => Fields {
  const stepped = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(vars)) {
    if (!STEPPED.has(key) || typeof value !== 'string' || !RANGE.test(value)) continue;
    const place = placeOf(vars, key);
    const expanded = expandRanges(value);
    if ('problem' in expanded) {
      errors.push({ code: 'bad-range', message: expanded.problem, hint: expanded.hint, place });
    } else if (expanded.names.length === count) stepped.set(key, expanded.names);
    else {
      const hosts = count === 1 ? 'one host' : `${count} hosts`;
      const message = `'${key}' gives ${expanded.names.length} values for ${hosts}`;
      const hint = 'the two ranges must have the same length';
      errors.push({ code: 'bad-range', message, place, hint });
    }
  }
  if (stepped.size === 0) return () => vars;
  return (index) => {
    const own: Record<string, unknown> = { ...vars };
    carryPlaces(vars, own);
    for (const [key, values] of stepped) own[key] = values[index];
    return own;
  };
}
