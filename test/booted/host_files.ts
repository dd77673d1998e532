import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArchivePart, sourcesList } from './debian_archive.ts';
import { LabError } from './errors.ts';
import { gatewayAddress, type LabHost, proxyPort } from './layout.ts';
import { runOk } from './run_command.ts';
import { hostKeyFolder, readAccess } from './run_folder.ts';

/** What a host's own files are made from. */
export interface HostFilesInput {
  readonly root: string;
  readonly host: LabHost;
  readonly hosts: readonly LabHost[];
  readonly network: string;
  readonly runFolder: string;
  readonly parts: readonly ArchivePart[];
}

/** Makes of a copy of the base tree one certain host: its name, address, keys and sources. */
export async function writeHostFiles(input: HostFilesInput): Promise<void> {
  const { root } = input;
  for (const [path, text] of Object.entries(hostTexts(input))) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  installHostKeys(input);
  const { identityFile, carol } = readAccess(input.runFolder);
  for (const user of ['root', 'admin', 'carol']) authorizeKey(root, user, `${identityFile}.pub`);
  await runOk(['chroot', root, 'chpasswd'], { stdin: `${carol.user}:${carol.password}\n` });
}

function hostTexts({
  host,
  hosts,
  network,
  runFolder,
  parts,
}: HostFilesInput): Readonly<Record<string, string>> {
  const gateway = gatewayAddress(network);
  const names = hosts.map(({ address, name }) => `${address} ${name}\n`).join('');
  const identity = createHash('sha256').update(
    `${host.name} ${readAccess(runFolder).carol.password}`,
  );
  return {
    'etc/hostname': `${host.name}\n`,
    'etc/machine-id': `${identity.digest('hex').slice(0, 32)}\n`,
    'etc/hosts': `127.0.0.1 localhost\n${names}`,
    'etc/resolv.conf': '',
    'etc/systemd/network/10-host0.network': `[Match]
Name=host0

[Network]
Address=${host.address}/24
DHCP=no
LinkLocalAddressing=no
LLDP=no
IPv6AcceptRA=no
IgnoreCarrierLoss=yes
`,
    'etc/apt/sources.list': sourcesList(parts),
    'etc/apt/apt.conf.d/99lab': `Acquire::http::Proxy "http://${gateway}:${proxyPort}";
Acquire::http::Timeout "300";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
`,
  };
}

function installHostKeys({ root, host, runFolder }: HostFilesInput): void {
  const kept = hostKeyFolder(runFolder, host.name);
  for (const name of readdirSync(kept)) {
    const installed = join(root, 'etc/ssh', name);
    copyFileSync(join(kept, name), installed);
    chmodSync(installed, name.endsWith('.pub') ? 0o644 : 0o600);
    chownSync(installed, 0, 0);
  }
}

/** Lets a key in as a user of a tree. */
export function authorizeKey(root: string, user: string, publicKeyFile: string): void {
  const line = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((it) => it.startsWith(`${user}:`));
  const [, , uid, gid, , home] = line?.split(':') ?? [];
  if (home === undefined) throw new LabError(`the base tree has no user ${user}`);
  const folder = join(root, home, '.ssh');
  const keys = join(folder, 'authorized_keys');
  mkdirSync(folder, { recursive: true });
  copyFileSync(publicKeyFile, keys);
  chmodSync(folder, 0o700);
  chmodSync(keys, 0o600);
  for (const path of [folder, keys]) chownSync(path, Number(uid), Number(gid));
}
