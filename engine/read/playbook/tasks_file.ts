import type { Place } from '../../values/places.ts';
import { describe, isList } from '../../values/values.ts';
import type { Around } from './around.ts';
import { importedBy } from './imported_files.ts';
import type { PlayTask } from './playbook.ts';
import type { Reading } from './reading.ts';

/** Reads the tasks of a file that is there; `place` is where it is imported. */
export async function readTasksFile(
  file: string,
  place: Place,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const { errors, files } = reading;
  const chain = files.enter(file, place, around.chain);
  const parsed = chain && (await files.read(file));
  if (!chain || !parsed) return [];
  const { value, start } = parsed;
  if (value !== null && !isList(value)) {
    const message = `${file} must be a list of tasks, not ${describe(value)}`;
    errors.push({ code: 'wrong-type', message, place: start, hint: importedBy(chain) });
    return [];
  }
  return reading.tasks({ entries: value, label: file, place: start }, { ...around, chain });
}
