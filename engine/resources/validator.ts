import { Refused } from '../contract/resource.ts';

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
