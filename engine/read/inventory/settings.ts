import { isDeepStrictEqual } from 'node:util';
import type { Diagnostic } from '../../contract/errors.ts';
import { keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import type { Fields, Scope } from '../../values/values.ts';
import { fillKey } from '../expression/variables.ts';
import { check } from '../schema/schema_check.ts';
import { type ConnectionKey, connectionVariables } from './schema.ts';

/** A connection setting as some layer of the inventory gives it, checked. */
export interface Setting {
  readonly value: unknown;
  readonly place: Place | undefined;
}

/** The connection settings of one host, by our names. */
export type Settings = ReadonlyMap<ConnectionKey, Setting>;

const keys = Object.keys(connectionVariables) as readonly ConnectionKey[];

/** Reads the connection settings of a host from its variables, under whatever name they were given. */
export function readSettings(scope: Scope, vars: Fields, errors: Diagnostic[]): Settings {
  const settings = new Map<ConnectionKey, Setting>();
  for (const key of keys) {
    const { names, schema } = connectionVariables[key];
    const name = names.find((candidate) => Object.hasOwn(vars, candidate));
    if (name === undefined || vars[name] === null) continue;
    const filled = fillKey(scope, name);
    const place = placeOf(scope, name);
    const { value, diagnostics } = check(schema, filled.value, name, place);
    const found = filled.errors.length > 0 ? filled.errors : diagnostics;
    errors.push(...found);
    if (found.length === 0) settings.set(key, { value, place });
  }
  return settings;
}

/** A setting given twice in one place, under our name and under Ansible's, with different values. */
export function contradictions(vars: Fields): readonly Diagnostic[] {
  return keys.flatMap((key) => {
    const given = connectionVariables[key].names.filter((name) => Object.hasOwn(vars, name));
    const [first = ''] = given;
    const second = given.find((name) => !isDeepStrictEqual(vars[name], vars[first]));
    if (second === undefined) return [];
    const message = `'${first}' and '${second}' are two names of the same setting, with different values`;
    const place = keyPlaceOf(vars, second);
    return [{ code: 'contradiction', message, place, hint: 'keep one of the two' }];
  });
}
