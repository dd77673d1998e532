import { mountUnit } from './mount_path.ts';

/** A folder of the master that workers may mount, and as whom. */
export interface Share {
  readonly folder: string;
  /** The group of the workers' accounts, and with what the names of those begin. */
  readonly account: string;
  /** The account to which the folder itself belongs, when it is not root. */
  readonly owner: string | undefined;
  /** Folders in it, by name, in which workers write too. */
  readonly subfolders: readonly string[];
}

/** Letters of an account's name (useradd(8), Debian 12). */
const LONGEST_ACCOUNT = 32;

/** Instances of one master keep apart as whom their workers come. */
export function shareOfInstance(instance: unknown): string {
  return `share-${instance}`.slice(0, LONGEST_ACCOUNT);
}

/** Where the keys stand that may log in, by account. */
const KEYS = '/etc/lava-play/authorized_keys';

const CAGES = '/run/lava-share';

/** Where each account of a share has its file of keys. */
export function keysFolder({ account }: Pick<Share, 'account'>): string {
  return `${KEYS}/${account}.d`;
}

/** Where releases before 0.2 kept the keys of all workers, which all logged in as one account. */
export function oldKeysFile({ account }: Pick<Share, 'account'>): string {
  return `${KEYS}/${account}`;
}

/** The folder around the keys of all shares. */
export const KEYS_FOLDER = KEYS;

/**
 * What the accounts see as `/`. It lies in memory, is made by systemd, and holds nothing but the folder,
 * under the path that it has on the master.
 */
export function cageOf({ account }: Pick<Share, 'account'>): string {
  return `${CAGES}/${account}`;
}

/** The folder as the accounts see it. */
export function placeInCage(share: Pick<Share, 'account' | 'folder'>): string {
  return `${cageOf(share)}${share.folder}`;
}

/** The unit that makes the folder visible in the cage. */
export function cageUnit(share: Pick<Share, 'account' | 'folder'>): string {
  return mountUnit(placeInCage(share));
}

/** With what the names of all such units of an account begin. */
export function cageUnitPrefix(share: Pick<Share, 'account'>): string {
  return mountUnit(`${cageOf(share)}/`).replace(/\.mount$/, '');
}

/** The unit that takes the power from setuid and setgid bits in the folder. */
export function inertUnit({ account }: Pick<Share, 'account'>): string {
  return `lava-share-${account}.service`;
}

/** What sshd is told of the accounts. */
export function sshdFile({ account }: Pick<Share, 'account'>): string {
  return `/etc/ssh/sshd_config.d/lava-play-${account}.conf`;
}
