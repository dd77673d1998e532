import type { Fields } from '../../values/values.ts';
import type { Around } from './around.ts';
import { aroundInclude, includeArgs, roundsOf } from './include.ts';
import type { PlayTask } from './playbook.ts';
import { readRole } from './read_role.ts';
import type { Entry, Reading } from './reading.ts';
import type { RoleRequest } from './role_request.ts';
import { roleArgsSchema } from './task_keywords.ts';

/** Reads `import_role` and `include_role`; both are taken in here, before any host is asked. */
export async function readImportedRole(
  entry: Entry & { readonly key: string },
  around: Around,
  reading: Reading,
): Promise<readonly PlayTask[]> {
  const given = includeArgs(entry, roleArgsSchema, reading);
  if (!given) return [];
  const { args, fields, label, place } = given;
  if (around.kind === 'handler') {
    const message = `${label}: a role cannot be a handler`;
    reading.errors.push({
      code: 'not-allowed',
      message,
      place,
      hint: 'import its tasks: import_tasks',
    });
    return [];
  }
  const own = aroundInclude(given, around, reading);
  const tasks: PlayTask[] = [];
  for (const round of roundsOf(given, own, reading)) {
    const request: RoleRequest = {
      name: args.name,
      place,
      label,
      fields,
      params: {},
      from: filesOf(args),
      how: 'imported',
      allowDuplicates: args.allow_duplicates !== false,
      exposed: given.how === 'import' || args.public === true,
    };
    const role = await readRole(request, round, reading);
    tasks.push(...role.tasks);
  }
  return tasks;
}

function filesOf(args: Fields): RoleRequest['from'] {
  const kinds = ['tasks', 'vars', 'defaults', 'handlers'] as const;
  const named = kinds.flatMap((kind) => {
    const from = args[`${kind}_from`];
    return typeof from === 'string' ? [[kind, from] as const] : [];
  });
  return Object.fromEntries(named);
}
