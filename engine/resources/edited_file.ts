import { Refused, type Resource } from '../contract/resource.ts';
import type { Schema } from '../contract/schema.ts';
import { PatternError } from '../values/python_pattern.ts';
import { attributeArguments } from './attribute_arguments.ts';
import { type FileState, file } from './file.ts';
import { validatingArguments, validator } from './validator.ts';

/** The arguments that Ansible's modules have in common which edit a file. */
export const editingArguments = {
  path: { type: 'string', aliases: ['dest', 'destfile', 'name'], description: 'Absolute path' },
  ...attributeArguments,
  ...validatingArguments,
} as const satisfies Readonly<Record<string, Schema>>;

/** What a task says of a file that it edits. */
export interface Editing {
  readonly path: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
  readonly validate?: string | undefined;
}

/** What becomes of a file that is missing. */
export type WhenMissing = 'made' | 'stays missing' | 'refused';

/**
 * A file whose text is edited, with owner and mode kept unless they are given.
 *
 * An edit that changes its own result once more is repeated; one that would do so in each run is refused.
 */
export function editedFile(
  { path, owner, group, mode, validate }: Editing,
  whenMissing: WhenMissing,
  edit: (now: string) => string,
): Resource<FileState> {
  return file({
    ...{ path, owner, group, mode, unset: 'as it is', validate: validator(validate) },
    content(now, found) {
      if (found === 'missing' && whenMissing === 'stays missing') return undefined;
      if (found === 'missing' && whenMissing === 'refused') {
        throw new Refused(`${path} does not exist`, 'create it with an earlier task');
      }
      return understood(() => settled(path, now, edit));
    },
  });
}

/** What the edit makes of the text in the end, where each run of it would change something again. */
function settled(path: string, text: string, edit: (now: string) => string): string {
  let now = text;
  for (let runs = 0; runs < MOST_RUNS; runs += 1) {
    const next = edit(now);
    if (next === now) return now;
    now = next;
  }
  throw new Refused(
    `the edit of ${path} would change the file again in each run`,
    'write the pattern so that it does not match what it is replaced with',
  );
}

/** As many lines as may match one pattern and become the same line, one in each run. */
const MOST_RUNS = 10;

/** Says of a pattern that cannot be used that the task is wrong, not the program. */
function understood<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new Refused(`a regular expression cannot be used: ${error.message}`);
  }
}
