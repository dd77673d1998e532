import { sh } from '../script/shell.ts';

/** A user's entry and groups; nothing when there is no such user. */
export type UserState =
  | {
      readonly comment: string;
      readonly home: string;
      readonly shell: string;
      /** All, the own one among them. */
      readonly groups: readonly string[];
      readonly uid?: number;
      /** The group of new files. */
      readonly group?: string;
      /** SHA-256 of what /etc/shadow holds as the password's hash; of a locked one with its `!`. */
      readonly password?: string;
    }
  | undefined;

/** Shell that prints an account for `parseUser`: its entry, its groups, its own group and a digest of its password's hash. */
export function userProbe(name: string): string {
  return [
    sh`if getent passwd -- ${name}; then`,
    sh`  id -nG -- ${name}`,
    sh`  id -ng -- ${name}`,
    sh`  if shadow=$(getent shadow -- ${name}); then`,
    `    shadow=\${shadow#*:} && printf %s "\${shadow%%:*}" | sha256sum`,
    '  fi',
    'else [ $? -eq 2 ]; fi',
  ].join('\n');
}

/** Reads what `userProbe` printed. */
export function parseUser(output: string): UserState {
  const [entry = '', groups = '', group = '', digest = ''] = output.split('\n');
  const [name, , uid = '', , comment = '', home = '', shell = ''] = entry.split(':');
  if (!name) return undefined;
  const [password = ''] = digest.split(' ');
  return {
    ...{ comment, home, shell, groups: groups.split(' ').filter((word) => word !== '') },
    ...(uid !== '' && { uid: Number(uid) }),
    ...(group !== '' && { group }),
    ...(password !== '' && { password }),
  };
}
