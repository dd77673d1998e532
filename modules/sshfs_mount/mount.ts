import { mountUnit } from './mount_path.ts';

/** A folder of the master on a worker. */
export interface Mount {
  readonly where: string;
  readonly folder: string;
  readonly account: string;
  /** The master as this host reaches it. */
  readonly address: string;
  readonly port: number;
  /** Private key of this host. */
  readonly key: string;
  /** `user`: what belongs to the account on the master belongs to root here, and the other way round. */
  readonly idmap: 'none' | 'user';
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly umask: string | undefined;
}

/** The keys of masters that this host trusts, for mounts only. */
export const KNOWN_HOSTS = '/etc/lava-play/ssh/known_hosts';

/** What the kernel calls such a mount. */
export const FUSE_SSHFS = 'fuse.sshfs';

/** The first line of each unit of ours. */
export const HEAD = '# Made by lava-play (sshfs_mount).';

/** How ssh finds the master and proves both ends; without a terminal, and never for long. */
export function sshOptions({ key, port }: Mount): readonly string[] {
  return [
    'BatchMode=yes',
    'ConnectTimeout=5',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    `IdentityFile=${key}`,
    'IdentitiesOnly=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${KNOWN_HOSTS}`,
    'GlobalKnownHostsFile=/dev/null',
    ...(port === 22 ? [] : [`Port=${port}`]),
  ];
}

/** User and address, as ssh takes them. */
export function loginOf({ account, address }: Mount): string {
  return `${account}@${address}`;
}

/** The mount as the kernel names its source. */
export function sourceOf({ account, address, folder }: Mount): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${account}@${host}:${folder}`;
}

/** The name by which ssh looks a server up in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export function knownName({ address, port }: Mount): string {
  return port === 22 ? address : `[${address}]:${port}`;
}

/** Where the mount's unit stands. */
export function unitFile({ where }: Pick<Mount, 'where'>): string {
  return `/etc/systemd/system/${mountUnit(where)}`;
}

/**
 * The mount as a unit of systemd.
 *
 * `delay_connect`: it is there also while the master is not, at the start of the host too, and connects when somebody
 * looks; so nothing is ever written below the mount point. Lazy, because a dead mount cannot be left in another way.
 */
export function unitText(mount: Mount): string {
  const { where, idmap, uid, gid, umask } = mount;
  const options = [
    '_netdev',
    'allow_other',
    'default_permissions',
    `idmap=${idmap}`,
    ...(uid === undefined ? [] : [`uid=${uid}`]),
    ...(gid === undefined ? [] : [`gid=${gid}`]),
    ...(umask === undefined ? [] : [`umask=${umask}`]),
    'reconnect',
    'delay_connect',
    ...sshOptions(mount),
  ];
  return `${HEAD}
[Unit]
Description=${mount.folder} of the LAVA master ${mount.address}
After=network-online.target
Wants=network-online.target

[Mount]
What=${sourceOf(mount)}
Where=${where}
Type=${FUSE_SSHFS}
Options=${options.join(',')}
LazyUnmount=yes
TimeoutSec=20

[Install]
WantedBy=remote-fs.target
`;
}
