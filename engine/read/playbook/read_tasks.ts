import { keyPlaceOf, placeOf } from '../../values/places.ts';
import { describe, field, isList, isMap } from '../../values/values.ts';
import type { Around } from './around.ts';
import { readImportedRole } from './import_role.ts';
import { readImportedTasks } from './import_tasks.ts';
import { readMeta } from './meta.ts';
import type { PlayTask } from './playbook.ts';
import { readBlock } from './read_block.ts';
import { readTask } from './read_task.ts';
import type { Entry, Reading, TaskList } from './reading.ts';

type ReadEntry = (
  entry: Entry & { readonly key: string },
  around: Around,
  reading: Reading,
) => Promise<readonly PlayTask[]> | readonly PlayTask[];

/** What stands in a list of tasks beside tasks, by its key. */
const ENTRIES: Readonly<Record<string, ReadEntry>> = {
  block: readBlock,
  import_role: readImportedRole,
  import_tasks: readImportedTasks,
  include_role: readImportedRole,
  include_tasks: readImportedTasks,
  meta: readMeta,
};

/** Reads a list of tasks, with all that is imported there, in the order in which it runs. */
export async function readTasks(
  { entries, label, place }: TaskList,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const { errors } = reading;
  if (!isList(entries)) return [];
  const tasks: PlayTask[] = [];
  for (const [index, given] of entries.entries()) {
    const at = placeOf(entries, index) ?? place;
    const called = `task ${index + 1} of ${label}`;
    if (!isMap(given)) {
      const message = `${called} must be a map, not ${describe(given)}`;
      const hint = typeof given === 'string' ? `write ${given}: {}` : undefined;
      errors.push({ code: 'wrong-type', message, place: at, hint });
      continue;
    }
    tasks.push(...(await readEntry({ fields: given, label: called, place: at }, around, reading)));
  }
  return tasks;
}

async function readEntry(
  entry: Entry,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const { fields, label } = entry;
  const stray = ['rescue', 'always'].find((key) => field(fields, key) !== undefined);
  if (stray !== undefined && field(fields, 'block') === undefined) {
    const message = `${label}: '${stray}' belongs to a block`;
    const place = keyPlaceOf(fields, stray);
    const hint = `put the tasks before it in block: beside ${stray}:`;
    reading.errors.push({ code: 'missing-key', message, place, hint });
    return [];
  }
  const key = Object.keys(fields).find((each) => Object.hasOwn(ENTRIES, plain(each)));
  const read = key === undefined ? undefined : ENTRIES[plain(key)];
  if (key !== undefined && read) return read({ ...entry, key }, around, reading);
  const task = readTask(entry, around, reading);
  return task ? [task] : [];
}

function plain(key: string): string {
  return key.replace(/^ansible\.(builtin|legacy)\./, '');
}
