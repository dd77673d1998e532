import { file, type Resource } from '../../engine/sdk.ts';
import { idFiles, idLines, type Mount, type Numbers } from '../../lab/share/mount.ts';

/** The numbers of this host's account on the master, for sshfs; the unit names them too, and is what decides when to mount afresh. */
export function whoIsWho(mount: Mount, { uid, gid }: Numbers): readonly Resource[] {
  if (mount.idmap === 'none') return [];
  const { uids, gids } = idFiles(mount);
  return [
    file({ path: uids, content: idLines(mount, uid) }),
    file({ path: gids, content: idLines(mount, gid) }),
  ];
}
