import { bracketed, header } from '../../engine/sdk.ts';
import { mountUnit } from './mount_path.ts';

/** A folder of the master on a worker. */
export interface Mount {
  readonly where: string;
  readonly folder: string;
  /** As whom this host logs in there. */
  readonly account: string;
  /** The master as this host reaches it. */
  readonly address: string;
  readonly port: number;
  /** Private key of this host. */
  readonly key: string;
  /** `user`: what belongs to the account on the master belongs to `user` here, and the other way round. */
  readonly idmap: 'none' | 'user';
  /** To whom here belongs what this host writes there. */
  readonly user: string;
  /** Whether programs in the folder may be run. */
  readonly programs: 'run' | 'refused';
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly umask: string | undefined;
}

/** The keys of masters that this host trusts, for mounts only. */
export const KNOWN_HOSTS = '/etc/lava-play/ssh/known_hosts';

/** Where the files of numbers stand; a mount point's name has no colon, so theirs are unique. */
const ID_FOLDER = '/etc/lava-play/ssh';

/** What the kernel calls such a mount. */
export const FUSE_SSHFS = 'fuse.sshfs';

/** The first line of each unit of ours. */
export const HEAD = header({ made: '(sshfs_mount)' });

/** The number of an account of the master, and that of its group. */
export interface Numbers {
  readonly uid: string;
  readonly gid: string;
}

/** Who is who on both sides, as sshfs reads it: local names with numbers of the master. */
export function idFiles({ where }: Pick<Mount, 'where'>): {
  readonly [K in 'uids' | 'gids']: string;
} {
  const stem = `${ID_FOLDER}/${where.slice(1).replaceAll('/', ':')}`;
  return { uids: `${stem}.uids`, gids: `${stem}.gids` };
}

/** Lines for accounts or groups: each here stands for that one number there, which is shown as the last of them. */
export function idLines({ user }: Pick<Mount, 'user'>, number: string): string {
  return [...new Set(['root', user])].map((name) => `${name}:${number}\n`).join('');
}

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
  return `${account}@${bracketed(address)}:${folder}`;
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
export function unitText(mount: Mount, numbers: Numbers | undefined): string {
  const { where, idmap, uid, gid, umask, programs } = mount;
  const { uids, gids } = idFiles(mount);
  const options = [
    '_netdev',
    'nosuid',
    'nodev',
    ...(programs === 'run' ? [] : ['noexec']),
    'allow_other',
    'default_permissions',
    ...(idmap === 'none'
      ? ['idmap=none']
      : ['idmap=file', `uidfile=${uids}`, `gidfile=${gids}`, 'nomap=ignore']),
    ...(uid === undefined ? [] : [`uid=${uid}`]),
    ...(gid === undefined ? [] : [`gid=${gid}`]),
    ...(umask === undefined ? [] : [`umask=${umask}`]),
    'reconnect',
    'delay_connect',
    ...sshOptions(mount),
  ];
  const known = idmap === 'none' || !numbers ? '' : `${KNOWN_AS}${numbers.uid}:${numbers.gid}\n`;
  return `${HEAD}
${known}[Unit]
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

/** Before the numbers by which the master knows the host: the files that sshfs reads them from it reads once only. */
const KNOWN_AS = '# Known to the master as ';

/** The numbers that a unit was made with. */
export function numbersIn(unitNow: string): Numbers | undefined {
  const [, uid, gid] = new RegExp(`^${KNOWN_AS}(\\d+):(\\d+)$`, 'm').exec(unitNow) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
