import { cageOf, KEYS_FOLDER, placeInCage, type Share } from './share.ts';

/**
 * What sshd lets the account do: SFTP within its cage, and nothing else.
 *
 * Symbolic links are not taken: one that a worker makes would be followed outside of the cage by whoever reads
 * the folder on the master. Forwarding is forbidden word by word, because DisableForwarding misses X11 and agents
 * before OpenSSH 10.0 (CVE-2025-32728).
 */
export function sshdText({ folder, account }: Share): string {
  return `# Made by lava-play (sshfs_share).
Match User ${account}
    AuthorizedKeysFile ${KEYS_FOLDER}/${account}
    AuthenticationMethods publickey
    ChrootDirectory ${cageOf({ account })}
    ForceCommand internal-sftp -P symlink -d ${folder}
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
export function cageUnitText(share: Share): string {
  return `# Made by lava-play (sshfs_share).
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

/** Shell that lets sshd check its whole configuration with the text in `"$file"` at its head. */
export const SSHD_CHECK = `printf 'Include %s\\n' "$file" /etc/ssh/sshd_config | "$(command -v sshd || echo /usr/sbin/sshd)" -t -f /dev/stdin`;
