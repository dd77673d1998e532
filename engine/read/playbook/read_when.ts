import { type Diagnostic, InvalidInput } from '../../contract/errors.ts';
import { placeOf } from '../../values/places.ts';
import { type Fields, field, isList } from '../../values/values.ts';
import { parseCondition } from '../expression/condition.ts';
import type { When } from './playbook.ts';

/** The conditions behind a key such as `when`, which must all hold; none where there is no such key. */
export function readWhen(fields: Fields, key: string, errors: Diagnostic[]): readonly When[] {
  const given = field(fields, key);
  if (!isList(given)) return condition(fields, key, errors);
  return given.flatMap((_, index) => condition(given, index, errors));
}

/** The same, where a key that is not there means something else than an empty list. */
export function readOptionalWhen(
  fields: Fields,
  key: string,
  errors: Diagnostic[],
): readonly When[] | undefined {
  return field(fields, key) === undefined ? undefined : readWhen(fields, key, errors);
}

function condition(
  container: Fields | readonly unknown[],
  key: string | number,
  errors: Diagnostic[],
): readonly When[] {
  const value = field(container, String(key));
  const place = placeOf(container, key);
  if ((typeof value !== 'string' && typeof value !== 'boolean') || !place) return [];
  try {
    return [{ condition: parseCondition(String(value), place), place }];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    errors.push(...error.diagnostics);
    return [];
  }
}
