import { mountUnit } from '../sshfs_mount/mount_path.ts';

/** A folder of the master that workers may mount, and as whom. */
export interface Share {
  readonly folder: string;
  /** The account as which workers log in. */
  readonly account: string;
  /** The account to which the files belong, when it is another. */
  readonly owner: string | undefined;
}

/** Where the keys stand that may log in as an account. */
export const KEYS_FOLDER = '/etc/lava-play/authorized_keys';

const CAGES = '/run/lava-share';

/**
 * What an account sees as `/`. It lies in memory, is made by systemd, and holds nothing but the folder,
 * under the path that it has on the master.
 */
export function cageOf({ account }: Pick<Share, 'account'>): string {
  return `${CAGES}/${account}`;
}

/** The folder as the account sees it. */
export function placeInCage(share: Share): string {
  return `${cageOf(share)}${share.folder}`;
}

/** The unit that makes the folder visible in the cage. */
export function cageUnit(share: Share): string {
  return mountUnit(placeInCage(share));
}

/** With what the names of all such units of an account begin. */
export function cageUnitPrefix(share: Pick<Share, 'account'>): string {
  return mountUnit(`${cageOf(share)}/`).replace(/\.mount$/, '');
}

/** What sshd is told of the account. */
export function sshdFile({ account }: Pick<Share, 'account'>): string {
  return `/etc/ssh/sshd_config.d/lava-play-${account}.conf`;
}
