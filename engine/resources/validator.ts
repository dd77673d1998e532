import { Refused } from '../contract/resource.ts';
import type { Schema } from '../contract/schema.ts';

/** The arguments by which Ansible's modules guard what they write. */
export const validatingArguments = {
  validate: { type: 'string', description: 'Command that fails for a wrong file: visudo -cf %s' },
  backup: {
    type: 'boolean',
    default: false,
    description: 'The previous content is kept in the backup of the run in any case',
  },
} as const satisfies Readonly<Record<string, Schema>>;

/** Shell for `validate` of `file` from a command as Ansible's modules take it, with `%s` where the path goes. */
export function validator(command: string | undefined): string | undefined {
  if (command === undefined) return undefined;
  if (!command.includes('%s')) {
    throw new Refused(
      `validate has no %s: ${command}`,
      'write %s where the path of the new file belongs',
    );
  }
  return command.replaceAll('%s', '"$file"');
}
