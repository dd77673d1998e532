import type { Schema } from '../../contract/schema.ts';
import { keyPlaceOf, placeOf } from '../../values/places.ts';
import { describe, field, isList, isMap } from '../../values/values.ts';
import { check } from '../schema/schema_check.ts';
import { splitKeys, templatedTags } from './keys.ts';
import type { Reading, TaskList } from './reading.ts';
import type { RoleRequest } from './role_request.ts';
import { aroundKeys } from './task_keywords.ts';

const KEYWORDS = { type: 'object', properties: aroundKeys } as unknown as Schema;

/** The roles that `roles:` of a play or `dependencies:` of a role list: names, or maps with parameters. */
export function listedRoles(
  { entries, label, place }: TaskList,
  exposed: boolean,
  { errors }: Pick<Reading, 'errors'>,
): readonly RoleRequest[] {
  if (!isList(entries)) {
    const message = `the roles of ${label} must be a list, not ${describe(entries)}`;
    errors.push({ code: 'wrong-type', message, place, hint: 'write - NAME' });
    return [];
  }
  return entries.flatMap((given, index) => {
    const at = placeOf(entries, index) ?? place;
    const called = `role ${index + 1} of ${label}`;
    const usual = { label: called, from: {}, how: 'listed', exposed } as const;
    if (typeof given === 'string') {
      const bare = { fields: {}, params: {}, allowDuplicates: undefined };
      return [{ ...usual, ...bare, name: given, place: at }];
    }
    const key = ['role', 'name'].find((each) => field(given, each) !== undefined);
    if (!isMap(given) || key === undefined) {
      const message = isMap(given)
        ? `${called} needs 'role'`
        : `${called} must be a name or a map, not ${describe(given)}`;
      errors.push({ code: isMap(given) ? 'missing-key' : 'wrong-type', message, place: at });
      return [];
    }
    const { name: _name, ...keywords } = aroundKeys;
    const { fields, unknown } = splitKeys(given, Object.keys(keywords));
    errors.push(...check(KEYWORDS, fields, called, at).diagnostics, ...templatedTags(fields));
    const { fields: params } = splitKeys(
      given,
      unknown.filter((each) => each !== 'role' && each !== 'name'),
    );
    const own = { name: given[key], place: placeOf(given, key) ?? keyPlaceOf(given, key) ?? at };
    return [{ ...usual, ...own, fields, params, allowDuplicates: undefined }];
  });
}
