import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { APT_LOCK } from '../support/debian_package.ts';
import { LabUnavailable } from './errors.ts';
import { run } from './run_command.ts';

/** Programs the lab runs on this machine, and the Debian packages they come in. */
const neededPrograms: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
  'ssh-keygen': 'openssh-client',
  ip: 'iproute2',
  nsenter: 'util-linux',
  mount: 'mount',
  chroot: 'coreutils',
};

/** mmdebstrap checks the archive's signatures with these. */
const archiveKeys = {
  file: '/usr/share/keyrings/debian-archive-keyring.gpg',
  package: 'debian-archive-keyring',
};

/** Bits of `CapEff`, see capabilities(7). */
const neededCapabilities: Readonly<Record<string, number>> = {
  CAP_NET_ADMIN: 12,
  CAP_SYS_CHROOT: 18,
  CAP_SYS_ADMIN: 21,
  CAP_MKNOD: 27,
};

/** Says exactly why this machine cannot run a lab, or returns. */
export function checkMachine(): void {
  if (process.platform !== 'linux') {
    throw new LabUnavailable(
      `the lab boots Linux containers; this machine runs ${process.platform}`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabUnavailable(
      'the lab needs root: it makes a network bridge, mounts and containers; run it as root or by sudo',
    );
  }
  const missing = missingCapabilities();
  if (missing.length > 0) {
    throw new LabUnavailable(
      `root lacks ${missing.join(', ')} here (an unprivileged container?): no bridge, mounts or containers`,
    );
  }
}

/** Installs what the lab needs of this machine, or says exactly what is missing. */
export async function installMissing(
  report: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const missing = missingPackages();
  if (missing.length === 0) return;
  const wanted = missing.join(' ');
  if (!findProgram('apt-get')) {
    throw new LabUnavailable(`missing: ${wanted} (Debian package names); install them`);
  }
  report(`installing ${wanted} on this machine`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-qy', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  const apt = ['flock', APT_LOCK, 'apt-get'];
  const install = [...apt, 'install', ...options, ...missing];
  const patience = { env, timeoutMs: 600_000 };
  let result = await run(install, patience);
  if (result.code !== 0) {
    signal?.throwIfAborted();
    await run([...apt, 'update', '-q'], patience);
    result = await run(install, patience);
  }
  if (result.code !== 0 || missingPackages().length > 0) {
    const said = (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
    throw new LabUnavailable(`missing: ${wanted}, and apt-get cannot install them:\n${said}`);
  }
}

function missingPackages(): readonly string[] {
  const packages = Object.entries(neededPrograms)
    .filter(([program]) => !findProgram(program))
    .map(([, packageName]) => packageName);
  if (!existsSync(archiveKeys.file)) packages.push(archiveKeys.package);
  return packages;
}

function findProgram(name: string): string | undefined {
  return (process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

function missingCapabilities(): readonly string[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return Object.entries(neededCapabilities)
    .filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n)
    .map(([name]) => name);
}
