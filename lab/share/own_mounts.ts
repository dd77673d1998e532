import { type Fact, sh } from '../../engine/sdk.ts';
import { HEAD, type Mount } from './mount.ts';

/** A mount that this module has made, whatever a playbook says now. */
export interface OwnMount extends Pick<Mount, 'where' | 'account' | 'address' | 'folder'> {}

/** The mounts of this module that a host has units of. */
export const ownMounts: Fact<readonly OwnMount[]> = {
  probe: [
    sh`grep -lxF -- ${HEAD} /etc/systemd/system/*.mount 2>/dev/null | while read -r file; do`,
    `  sed -n 's/^What=/what /p; s/^Where=/where /p' "$file"`,
    'done',
  ].join('\n'),
  parse: (output) =>
    [...output.matchAll(/^what ([^@\s]+)@\[?(\S+?)\]?:(\/\S+)\nwhere (\S+)$/gm)].map(
      ([, account = '', address = '', folder = '', where = '']) => ({
        ...{ where, account, address, folder },
      }),
    ),
};

/** Such a mount as far as it matters for taking it away. */
export function ownMount(own: OwnMount, key: string): Mount {
  const rest = { uid: undefined, gid: undefined, umask: undefined };
  return { ...own, ...rest, key, port: 22, idmap: 'user', user: 'root', programs: 'refused' };
}
