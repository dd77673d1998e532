import type { Diagnostic } from '../../contract/errors.ts';
import type { Schema } from '../../contract/schema.ts';
import { nearest } from '../../values/nearest.ts';
import { carryEntry, keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import { type Fields, field, isList } from '../../values/values.ts';
import { check } from '../schema/schema_check.ts';
import { ansibleHints } from './keywords.ts';

/** A schema with its keys, as those of plays, tasks and blocks are. */
export interface KeySchema {
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The known keys of a map, still with their places, and the names of all others. */
export function splitKeys(
  value: Fields,
  known: readonly string[],
): { readonly fields: Fields; readonly unknown: readonly string[] } {
  const fields: Record<string, unknown> = {};
  for (const key of known) {
    const part = field(value, key);
    if (part === undefined) continue;
    fields[key] = part;
    carryEntry(value, key, fields);
  }
  return { fields, unknown: Object.keys(value).filter((key) => !known.includes(key)) };
}

/** A map in which a key is called by its short name, still with its places. */
export function renamed(value: Fields, from: string, to: string): Fields {
  const map: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const name = key === from ? to : key;
    map[name] = value[key];
    carryEntry(value, key, map, name);
  }
  return map;
}

/** A map without one of its keys, still with its places. */
export function without(value: Fields, key: string): Fields {
  return splitKeys(
    value,
    Object.keys(value).filter((each) => each !== key),
  ).fields;
}

/** The keys that a schema knows, checked; every other key is a mistake. */
export function readKeys(
  value: Fields,
  schema: KeySchema,
  { label, place }: { readonly label: string; readonly place: Place },
  errors: Diagnostic[],
): Fields {
  const known = Object.keys(schema.properties);
  const { fields, unknown } = splitKeys(value, known);
  for (const key of unknown) errors.push(unknownKey(label, key, value, known));
  errors.push(...check(schema as unknown as Schema, fields, label, place).diagnostics);
  errors.push(...templatedTags(fields));
  return fields;
}

/** What is said of a key that does not belong there: what it is here, or what it is most like. */
export function unknownKey(
  label: string,
  key: string,
  container: Fields,
  known: readonly string[],
): Diagnostic {
  const near = nearest(key, known);
  return {
    code: 'unknown-key',
    message: `${label} has no key '${key}'`,
    place: keyPlaceOf(container, key),
    hint:
      ansibleHint(key) ?? (near ? `did you mean '${near}'?` : `known here: ${known.join(', ')}`),
  };
}

/** What those who know Ansible find here instead of a word. */
export function ansibleHint(word: string): string | undefined {
  if (Object.hasOwn(ansibleHints, word)) return ansibleHints[word];
  return word.startsWith('with_')
    ? `'${word}' is not supported: write the items in 'loop'`
    : undefined;
}

/** Tags as a list, however they are written. */
export function tagList(tags: unknown): readonly string[] {
  const given = isList(tags) ? tags : [tags];
  return given
    .filter((tag) => typeof tag === 'string')
    .flatMap((tag) => tag.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** Tags are compared as they stand there: one with a template would never match. */
export function templatedTags(fields: Fields): readonly Diagnostic[] {
  const { tags } = fields;
  const wrong = tagList(tags).find((tag) => tag.includes('{{'));
  if (wrong === undefined) return [];
  const message = `the tag '${wrong}' is not filled in: tags are plain words`;
  const index = isList(tags) ? tags.findIndex((tag) => String(tag).includes('{{')) : -1;
  const place = index < 0 ? placeOf(fields, 'tags') : placeOf(tags, index);
  return [{ code: 'not-allowed', message, place }];
}
