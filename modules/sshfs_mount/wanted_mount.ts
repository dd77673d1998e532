import { type HostView, type LabView, Refused } from '../../engine/sdk.ts';
import type { Mount } from '../../lab/share/mount.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';

/** What a task says about one mount. */
interface MountArgs
  extends Pick<Mount, 'account' | 'key' | 'idmap' | 'user'>,
    Partial<Pick<Mount, 'folder' | 'where' | 'address' | 'port' | 'umask'>> {
  readonly uid?: number;
  readonly gid?: number;
  readonly exec: boolean;
}

/** The mount that a task means. Nothing where nothing is wanted, and on the master itself, which has the folder at that place. */
export function mountOf(args: MountArgs, host: HostView, master: HostView): Mount | undefined {
  const { folder, key, idmap, user, uid, gid, umask } = args;
  if (folder === undefined) return undefined;
  const { where = folder, address = master.address, port = sshPort(master) } = args;
  if (master.name === host.name && where === folder) return undefined;
  const account = workerAccount(args.account, host.name);
  const programs = args.exec ? 'run' : 'refused';
  return { where, folder, account, address, port, key, idmap, user, uid, gid, umask, programs };
}

/** The host from which is mounted. */
export function masterOf(name: string | undefined, { groups, hosts }: LabView): HostView {
  const masters = groups.master ?? [];
  const chosen = hosts[name ?? masters[0] ?? ''];
  if (chosen && masters.includes(chosen.name)) return chosen;
  throw new Refused(
    name === undefined
      ? 'there is no master to mount from'
      : `${name} is not a host of the group master`,
    'put the host into the group master of the inventory',
  );
}

/** Where a host is reached by another address inside of the lab, the port of the outside says nothing. */
function sshPort({ vars }: HostView): number {
  const { lab_address: inner, port, ansible_port: ansiblePort = port } = vars;
  const number = inner === undefined ? Number(port ?? ansiblePort) : 22;
  return Number.isInteger(number) ? number : 22;
}
