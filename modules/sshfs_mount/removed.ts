import { absent, daemonReload, type Resource, unit } from '../../engine/sdk.ts';
import { idFiles, type Mount, unitFile } from '../../lab/share/mount.ts';
import { mountUnit } from '../../lab/share/mount_path.ts';
import { unlessUsed } from './mount_users.ts';
import { emptyMountPoint, notMounted } from './mounted.ts';

/** A mount that goes, with all that made it, as soon as nobody uses it. */
export function removed(mount: Mount, users: readonly string[] | undefined): readonly Resource[] {
  const { where } = mount;
  const unlessOpen = <State>(resource: Resource<State>): Resource<State> =>
    unlessUsed(resource, where, users);
  return [
    unlessOpen(notMounted(mount)),
    unlessOpen(unit({ name: mountUnit(where), enabled: false, running: false })),
    unlessOpen(absent({ path: unitFile(mount), onChange: [daemonReload()] })),
    ...Object.values(idFiles(mount)).map((path) => absent({ path })),
    emptyMountPoint(mount),
  ];
}
