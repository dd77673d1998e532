import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Place, placeOf } from '../../values/places.ts';
import { describe, type Fields, isList, isMap } from '../../values/values.ts';
import type { Around } from './around.ts';
import { knownValue } from './known_values.ts';
import type { Reading } from './reading.ts';

const HINT =
  'names of vars_files may use variables of the play itself; include_vars those of hosts';

/** The variables of the `vars_files` of a play, in their order; of a list of names in it the first that is there counts. */
export async function readVarsFiles(
  given: unknown,
  place: Place,
  around: Around,
  reading: Reading,
): Promise<readonly Fields[]> {
  const entries = given === undefined || given === null ? [] : [given].flat();
  const layers: Fields[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = (isList(given) ? placeOf(given, index) : undefined) ?? place;
    const layer = await readEntry(entry, at, around, reading);
    if (layer) layers.push(layer);
  }
  return layers;
}

async function readEntry(
  entry: unknown,
  place: Place,
  around: Around,
  { files, errors }: Reading,
): Promise<Fields | undefined> {
  const names = [entry].flat().flatMap((name) => {
    const known = knownValue(name, place, around, { errors, hint: HINT });
    return typeof known === 'string' ? [known] : [];
  });
  const paths = names.map((name) => (isAbsolute(name) ? name : join(around.playbookFolder, name)));
  const there = await Promise.all(paths.map(isThere));
  const file = paths.find((_, i) => there[i]);
  if (file === undefined) {
    if (paths.length === 0) return undefined;
    const message = `there is no file ${paths.join(', nor ')}`;
    errors.push({ code: 'no-file', message, place });
    return undefined;
  }
  const parsed = await files.read(file);
  if (!parsed || parsed.value === null) return undefined;
  if (isMap(parsed.value)) return parsed.value;
  const message = `${file} must be a map of variables, not ${describe(parsed.value)}`;
  errors.push({ code: 'wrong-type', message, place: parsed.start });
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
