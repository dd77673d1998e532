import { expect } from 'vitest';
import { mountUnit } from '../../lab/share/mount_path.ts';
import { type LabHost, labExec } from './lab.ts';

/** A share as release 0.1 made it. */
export interface OldShare {
  readonly folder: string;
  readonly where: string;
  readonly account: string;
  /** Whose numbers the account has. */
  readonly owner?: string;
}

const KEY = '/etc/lava-play/ssh/id_ed25519';

/**
 * Makes on bare hosts, which have sshd and sshfs, what release 0.1 left there: one account for all workers, and mounts
 * that honour setuid bits.
 */
export async function makeOldShare(
  share: OldShare,
  { master, workers }: { readonly master: LabHost; readonly workers: readonly LabHost[] },
): Promise<void> {
  const { folder, account, owner } = share;
  const keys: string[] = [];
  for (const { name } of workers) {
    await on(
      name,
      `mkdir -p -m 700 /etc/lava-play/ssh && [ -f ${KEY} ] || ssh-keygen -q -t ed25519 -N '' -C root@${name} -f ${KEY}`,
    );
    const key = (await on(name, `ssh-keygen -y -P '' -f ${KEY}`)).split(' ').slice(0, 2).join(' ');
    keys.push(`restrict,command="internal-sftp" ${key.trim()} ${name}\n`);
  }
  const numbers =
    owner === undefined
      ? '--user-group'
      : `--non-unique --uid "$(id -u ${owner})" --gid "$(id -g ${owner})"`;
  const cage = `/run/lava-share/${account}${folder}`;
  await on(
    master.name,
    `useradd --system --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin --comment 'LAVA share (lava-play)' ${numbers} -- ${account}
     [ -d ${folder} ] || { mkdir -- ${folder} && chown -- ${account}: ${folder}; }
     mkdir -p /etc/lava-play/authorized_keys`,
  );
  await write(
    master.name,
    `/etc/lava-play/authorized_keys/${account}`,
    `# Made by lava-play (sshfs_share): one line a worker of the inventory.\n${keys.join('')}`,
  );
  await write(master.name, `/etc/systemd/system/${mountUnit(cage)}`, cageUnit(share, cage));
  await write(master.name, `/etc/ssh/sshd_config.d/lava-play-${account}.conf`, sshd(share));
  await on(
    master.name,
    `systemctl daemon-reload && systemctl enable --now '${mountUnit(cage)}' && systemctl reload ssh`,
  );
  const hostKeys = await on(master.name, 'cut -d " " -f 1,2 /etc/ssh/ssh_host_*_key.pub');
  const lines = hostKeys
    .trim()
    .split('\n')
    .map((key) => `${master.address} ${key}\n`);
  for (const { name } of workers) {
    await write(
      name,
      '/etc/lava-play/ssh/known_hosts',
      `# BEGIN lava-play mount ${share.where}\n${lines.join('')}# END lava-play mount ${share.where}\n`,
    );
    const unit = mountUnit(share.where);
    await write(name, `/etc/systemd/system/${unit}`, workerUnit(share, master.address));
    await on(
      name,
      `systemctl daemon-reload && systemctl enable --now '${unit}' && ls ${share.where}`,
    );
  }
}

async function on(host: string, command: string, stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await labExec(host, command, { stdin });
  expect(code, `${command}: ${stderr}`).toBe(0);
  return stdout;
}

async function write(host: string, path: string, text: string): Promise<void> {
  await on(host, `cat > '${path}'`, text);
}

function sshd({ account, folder }: OldShare): string {
  return `# Made by lava-play (sshfs_share).
Match User ${account}
    AuthorizedKeysFile /etc/lava-play/authorized_keys/${account}
    AuthenticationMethods publickey
    ChrootDirectory /run/lava-share/${account}
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

function cageUnit({ account, folder }: OldShare, cage: string): string {
  return `# Made by lava-play (sshfs_share).
[Unit]
Description=${folder}, for workers that log in as ${account}
Before=ssh.service

[Mount]
What=${folder}
Where=${cage}
Type=none
Options=bind,private,nosuid,nodev
LazyUnmount=yes

[Install]
WantedBy=multi-user.target
`;
}

function workerUnit({ account, folder, where }: OldShare, address: string): string {
  const options = [
    ...['_netdev', 'allow_other', 'default_permissions', 'idmap=user', 'reconnect'],
    ...['delay_connect', 'BatchMode=yes', 'ConnectTimeout=5', 'ServerAliveInterval=5'],
    ...['ServerAliveCountMax=3', `IdentityFile=${KEY}`, 'IdentitiesOnly=yes'],
    ...['StrictHostKeyChecking=yes', 'UserKnownHostsFile=/etc/lava-play/ssh/known_hosts'],
    'GlobalKnownHostsFile=/dev/null',
  ];
  return `# Made by lava-play (sshfs_mount).
[Unit]
Description=${folder} of the LAVA master ${address}
After=network-online.target
Wants=network-online.target

[Mount]
What=${account}@${address}:${folder}
Where=${where}
Type=fuse.sshfs
Options=${options.join(',')}
LazyUnmount=yes
TimeoutSec=20

[Install]
WantedBy=remote-fs.target
`;
}
