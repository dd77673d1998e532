import { header } from '../../engine/sdk.ts';
import { cageOf, inertUnit, keysFolder, oldKeysFile, placeInCage, type Share } from './share.ts';

const HEAD = header({ made: '(sshfs_share)' });

/** Who may log in: an account a worker, and while workers still use it the one account of releases before 0.2. */
export interface Logins {
  readonly accounts: readonly string[];
  readonly old: 'none' | 'still used';
}

/**
 * What sshd lets the accounts do: SFTP within their cage, and nothing else.
 *
 * Symbolic links are not taken: one that a worker makes would be followed outside of the cage by whoever reads
 * the folder on the master. The umask keeps what a worker makes from the others, who are in its group. Forwarding is
 * forbidden word by word, because DisableForwarding misses X11 and agents before OpenSSH 10.0 (CVE-2025-32728).
 */
export function sshdText(share: Pick<Share, 'folder' | 'account'>, logins: Logins): string {
  const { accounts, old } = logins;
  return [
    `${HEAD}\n`,
    ...(old === 'none' ? [] : [match(share, share.account, oldKeysFile(share))]),
    ...(accounts.length === 0 ? [] : [match(share, accounts.join(), `${keysFolder(share)}/%u`)]),
  ].join('');
}

function match(
  { folder, account }: Pick<Share, 'folder' | 'account'>,
  users: string,
  keys: string,
): string {
  return `Match User ${users}
    AuthorizedKeysFile ${keys}
    AuthenticationMethods publickey
    ChrootDirectory ${cageOf({ account })}
    ForceCommand internal-sftp -P symlink -u 022 -d ${folder}
    AllowAgentForwarding no
    AllowStreamLocalForwarding no
    AllowTcpForwarding no
    X11Forwarding no
    PermitTTY no
    PermitTunnel no
    PermitUserRC no
    ClientAliveInterval 15
    ClientAliveCountMax 3
`;
}

/**
 * The folder in the cage, as a bind mount.
 *
 * Private, so that nothing that is mounted or unmounted here reaches the real folder. Lazy, because a worker
 * that is logged in keeps it busy.
 */
export function cageUnitText(share: Pick<Share, 'folder' | 'account'>): string {
  return `${HEAD}
[Unit]
Description=${share.folder}, for workers that log in as ${share.account}
Before=ssh.service

[Mount]
What=${share.folder}
Where=${placeInCage(share)}
Type=none
Options=bind,private,nosuid,nodev
LazyUnmount=yes

[Install]
WantedBy=multi-user.target
`;
}

/**
 * The folder mounted over itself, so that a setuid bit that a worker sets is worth nothing on the master either.
 *
 * SFTP knows no way to let a worker set modes but those bits. No unit of the mount itself: that would replace one
 * that a line of /etc/fstab makes of the same path. It ends with the host and never unmounts, since what lies on top
 * by then may be somebody else's.
 */
export function inertUnitText(share: Pick<Share, 'folder' | 'account'>): string {
  const { folder } = share;
  return `${HEAD}
[Unit]
Description=No setuid in ${folder}, where workers write (${inertUnit(share)})
ConditionPathIsDirectory=${folder}
After=local-fs.target remote-fs.target
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=mount --rbind -o nosuid,nodev ${folder} ${folder}

[Install]
WantedBy=multi-user.target
`;
}

/** Shell that lets sshd check its whole configuration with the text in `"$file"` at its head. */
export const SSHD_CHECK = `printf 'Include %s\\n' "$file" /etc/ssh/sshd_config | "$(command -v sshd || echo /usr/sbin/sshd)" -t -f /dev/stdin`;
