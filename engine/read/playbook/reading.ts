import type { Environment } from '../../contract/environment.ts';
import type { Diagnostic } from '../../contract/errors.ts';
import type { Place } from '../../values/places.ts';
import type { Fields } from '../../values/values.ts';
import type { Around } from './around.ts';
import type { ImportedFiles } from './imported_files.ts';
import type { ModuleNames } from './module_names.ts';
import type { PlayTask } from './playbook.ts';
import type { RoleRuns } from './role_runs.ts';

/** What is at hand while the tasks of one play are read. */
export interface Reading {
  readonly modules: ModuleNames;
  readonly env: Environment;
  readonly files: ImportedFiles;
  readonly errors: Diagnostic[];
  readonly roles: RoleRuns;
  /** Handlers that its roles bring, those of each role by themselves. */
  readonly handlers: Readonly<Record<'listed' | 'imported', (readonly PlayTask[])[]>>;
  /** A name for a block that no other block of the playbook has. */
  nextBlock(): string;
  /** Reads a list of tasks, blocks and imports. */
  tasks(given: TaskList, around: Around): Promise<readonly PlayTask[]>;
}

/** A list of tasks as it stands in a file. */
export interface TaskList {
  readonly entries: unknown;
  /** What messages call the whole: `play 1`. */
  readonly label: string;
  readonly place: Place;
}

/** An entry of such a list. */
export interface Entry {
  readonly fields: Fields;
  /** What messages call it: `task 2 of play 1`. */
  readonly label: string;
  readonly place: Place;
}
