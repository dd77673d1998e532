import { InvalidInput } from '../../contract/errors.ts';
import { keyPlaceOf, type Place, placeOf } from '../../values/places.ts';
import { describe, type Fields, isList, isMap } from '../../values/values.ts';
import { type Around, inside, merged } from './around.ts';
import { parseKeyValues } from './key_values.ts';
import { type KeySchema, readKeys, without } from './keys.ts';
import { knownValue } from './known_values.ts';
import { loopItems, readLoop, readLoopControl } from './loops.ts';
import type { Entry, Reading } from './reading.ts';
import { applySchema, includeSchema } from './task_keywords.ts';

/** An import or include as it was written. */
export interface IncludeArgs {
  readonly args: Fields;
  /** Where the file or role is named. */
  readonly place: Place;
  /** The keywords beside it. */
  readonly fields: Fields;
  readonly label: string;
  /** Variables of an include are parameters, which are stronger than those of an import. */
  readonly how: 'import' | 'include';
}

/** What an import names and what is said beside it; nothing where it names nothing, which is a mistake. */
export function includeArgs(
  entry: Entry & { readonly key: string },
  schema: KeySchema & { readonly required: readonly [string] },
  reading: Reading,
): IncludeArgs | undefined {
  const { fields: all, key, label, place } = entry;
  const { errors } = reading;
  const [main] = schema.required;
  const fields = readKeys(without(all, key), includeSchema, entry, errors);
  const value = all[key];
  const at = placeOf(all, key) ?? place;
  const own = isMap(value) ? value : typeof value === 'string' ? textOf(value, main) : undefined;
  if (!own) {
    const message = `${label}.${key} must be a map or text, not ${describe(value)}`;
    errors.push({ code: 'wrong-type', message, place: at });
    return undefined;
  }
  const given = isMap(fields.args) ? merged([fields.args, own]) : own;
  const how = key.includes('include') ? 'include' : 'import';
  const args = readKeys(given, schema, { label: `${label}.${key}`, place: at }, errors);
  if (how === 'import' && args.apply !== undefined) {
    const message = `${label}.${key} has no key 'apply'`;
    const hint = `write what it says beside ${key}`;
    errors.push({ code: 'unknown-key', message, place: keyPlaceOf(args, 'apply') ?? at, hint });
  }
  if (typeof args[main] !== 'string') return undefined;
  return { args, place: placeOf(args, main) ?? at, fields, label, how };
}

/** `file.yml`, or `name=x tasks_from=y`. */
function textOf(text: string, main: string): Fields {
  const parsed = parseKeyValues(text);
  if (!parsed || parsed.pairs.length === 0) return { [main]: text.trim() };
  const pairs = parsed.pairs.map(({ key, value }) => [key, value] as const);
  return { ...(parsed.rest !== '' && { [main]: parsed.rest }), ...Object.fromEntries(pairs) };
}

/** What is around the tasks that an import or include brings. */
export function aroundInclude(
  { args, fields, how, label, place: at }: IncludeArgs,
  around: Around,
  reading: Reading,
): Around {
  const own = inside(around, how === 'include' ? without(fields, 'vars') : fields, reading);
  const params =
    how === 'include' && isMap(fields.vars) ? [...own.params, fields.vars] : own.params;
  const here = { ...own, params };
  if (!isMap(args.apply)) return here;
  const { errors } = reading;
  const place = placeOf(args, 'apply') ?? at;
  return inside(
    here,
    readKeys(args.apply, applySchema, { label: `${label}.apply`, place }, errors),
    reading,
  );
}

const KNOWN_LOOP =
  'the items of an include must stand in the playbook; write the loop at each task of the file instead';

/** What is around the tasks of an include, once for each item of its loop. */
export function roundsOf(
  { fields, label, place }: IncludeArgs,
  around: Around,
  { errors }: Reading,
): readonly Around[] {
  const loop = readLoop(fields, label, errors);
  if (!loop) return [around];
  const { loopVar, indexVar } = readLoopControl(fields);
  const at = loop.place ?? place;
  const asWritten = isList(loop.value) && loop.shape === 'list';
  const value = asWritten
    ? loop.value
    : knownValue(loop.value, at, around, { errors, hint: KNOWN_LOOP });
  if (value === undefined) return [];
  try {
    return loopItems(value, loop.shape, at).map((item, index) => ({
      ...around,
      params: [
        ...around.params,
        { [loopVar]: item, ...(indexVar !== undefined && { [indexVar]: index }) },
      ],
    }));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    errors.push(...error.diagnostics);
    return [];
  }
}
