import { dirname, isAbsolute, join } from 'node:path';
import type { Place } from '../../values/places.ts';
import { describe } from '../../values/values.ts';
import type { Around } from './around.ts';
import { firstFile, importedBy } from './imported_files.ts';
import { aroundInclude, includeArgs, roundsOf } from './include.ts';
import { knownValue } from './known_values.ts';
import type { PlayTask } from './playbook.ts';
import type { Entry, Reading } from './reading.ts';
import { tasksFileSchema } from './task_keywords.ts';
import { readTasksFile } from './tasks_file.ts';

const ONE_EACH =
  "a file of tasks is named without variables of a host: import each with its own 'when'";

/** Reads `import_tasks` and `include_tasks`; both are taken in here, before any host is asked. */
export async function readImportedTasks(
  entry: Entry & { readonly key: string },
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const given = includeArgs(entry, tasksFileSchema, reading);
  if (!given) return [];
  const own = aroundInclude(given, around, reading);
  const tasks: PlayTask[] = [];
  for (const round of roundsOf(given, own, reading)) {
    const name = knownValue(given.args.file, given.place, round, {
      errors: reading.errors,
      hint: ONE_EACH,
    });
    if (name === undefined) continue;
    tasks.push(...(await tasksOfFile(name, given.place, round, reading)));
  }
  return tasks;
}

async function tasksOfFile(
  name: unknown,
  place: Place,
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const { errors } = reading;
  if (typeof name !== 'string') {
    const message = `the name of a file must be text, not ${describe(name)}`;
    errors.push({ code: 'wrong-type', message, place });
    return [];
  }
  const path = await findTasks(name, around);
  if (path === undefined) {
    const message = `there is no file of tasks ${name}`;
    const hint = [`looked for in ${foldersFor(around).join(', ')}`, importedBy(around.chain)];
    errors.push({ code: 'no-file', message, place, hint: hint.filter(Boolean).join('; ') });
    return [];
  }
  return readTasksFile(path, place, around, reading);
}

/** Beside the file that names it first, then among the tasks of the role, then beside the playbook. */
function findTasks(name: string, around: Around): Promise<string | undefined> {
  if (isAbsolute(name)) return firstFile([name]);
  return firstFile(foldersFor(around).map((folder) => join(folder, name)));
}

function foldersFor({ chain, roleFolders, playbookFolder }: Around): readonly string[] {
  return [
    ...new Set([
      dirname(chain.at(-1)?.file ?? ''),
      ...roleFolders.map((folder) => join(folder, 'tasks')),
      playbookFolder,
    ]),
  ];
}
