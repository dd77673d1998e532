import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { type AptAccess, sourcesList } from './debian_archive.ts';
import { type DebianRelease, RELEASES, SUITES } from './debian_release.ts';
import { LabError } from './errors.ts';
import { hashFiles } from './file_list.ts';
import { lastLines, startMember } from './member.ts';
import { runOk } from './run_command.ts';
import { waitFor } from './wait.ts';

const packages = [
  'dbus',
  'fuse3',
  'iproute2',
  'iputils-ping',
  'kmod',
  'netbase',
  'openssh-server',
  'procps',
  'sudo',
  'systemd',
  'systemd-sysv',
  'udev',
  'usr-is-merged',
];

/** Documentation of the packages is left out, as it is of no use to any test. */
const dpkgOptions = [
  'force-unsafe-io',
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
  'path-include=/usr/share/doc/lava*',
];

/**
 * Makes of a minimal Debian what an administrator would hand over: an `admin` with sudo, a `carol` who is
 * asked for her password, sshd as Debian ships it but for passwords, which only carol may use.
 *
 * Timers that would write to the disk at their own time are off, and there already is what sudo leaves in a home
 * at its first use (sudo's `--enable-admin-flag`), so that comparing disks shows what a test did.
 */
const furnish = `set -eu
mkdir -p /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man7 /usr/share/man/man8
useradd --create-home --shell /bin/bash admin
useradd --create-home --shell /bin/bash --groups sudo carol
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/admin
chmod 0440 /etc/sudoers.d/admin
for user in admin carol; do
  su -c 'touch ~/.sudo_as_admin_successful' "$user"
done
printf 'PasswordAuthentication no\\nMatch User carol\\n  PasswordAuthentication yes\\n' \
  >/etc/ssh/sshd_config.d/lab.conf
rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
rm -f /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/99mmdebstrap
: >/etc/machine-id
systemctl enable --quiet systemd-networkd.service ssh.service
systemctl mask --quiet apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
  e2scrub_all.timer fstrim.timer console-getty.service
`;

/**
 * Units of Debian 13 that fail in a container, or wait there for what never comes: without mount API file systems of
 * its own, with nobody to ask for a password.
 */
const maskMore = `systemctl mask --quiet dev-hugepages.mount dev-mqueue.mount run-lock.mount tmp.mount \\
  systemd-ask-password-console.path systemd-ask-password-console.service \\
  systemd-ask-password-wall.path systemd-ask-password-wall.service
`;

const furnishing: Readonly<Record<DebianRelease, string>> = {
  12: furnish,
  13: `${furnish}${maskMore}`,
};

/** The tree all hosts of a release are laid over, built when this recipe has not been built yet; one process at a time. */
export async function ensureBaseTree({
  release,
  cache,
  access,
  proxy,
  log,
  report,
  signal,
}: {
  readonly release: DebianRelease;
  readonly cache: string;
  readonly access: AptAccess;
  /** The package proxy: `http://192.0.2.1:3142`. */
  readonly proxy: string;
  readonly log: string;
  readonly report: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}): Promise<string> {
  const bases = join(cache, 'base');
  const tree = join(bases, baseTreeName(release));
  if (existsSync(tree)) return tree;
  report(
    `building the base tree of Debian ${release}: ${packages.length} packages and what they need (once)`,
  );
  mkdirSync(bases, { recursive: true });
  removeUnused(bases);
  const unfinished = `${tree}.part`;
  await runMmdebstrap({ release, unfinished, access, proxy, log, signal });
  await runOk(['chroot', unfinished, '/bin/sh'], {
    stdin: furnishing[release],
    env: chrootEnv,
    signal,
  });
  writeFileSync(baseHashesFile(tree), JSON.stringify(Object.fromEntries(hashFiles(unfinished))));
  renameSync(unfinished, tree);
  return tree;
}

/** Trees of other recipes, unless a lab runs on them, and builds that did not end. */
function removeUnused(bases: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const wanted = RELEASES.map(baseTreeName).flatMap((name) => [
    name,
    basename(baseHashesFile(name)),
  ]);
  for (const name of readdirSync(bases)) {
    if (wanted.includes(name)) continue;
    const [tree = name] = name.split('.');
    if (mounts.includes(`lowerdir=${join(bases, tree)},`)) continue;
    rmSync(join(bases, name), { recursive: true, force: true });
  }
}

/** The hashes of a base tree's files, kept because the tree never changes. */
export function baseHashesFile(tree: string): string {
  return `${tree}.files.json`;
}

/** What a command inside a tree finds in its environment. */
export const chrootEnv = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' };

async function runMmdebstrap({
  release,
  unfinished,
  access,
  proxy,
  log,
  signal,
}: {
  readonly release: DebianRelease;
  readonly unfinished: string;
  readonly access: AptAccess;
  readonly proxy: string;
  readonly log: string;
  readonly signal: AbortSignal | undefined;
}): Promise<void> {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const sources = `${unfinished}.sources.list`;
  writeFileSync(sources, sourcesList(access.parts[release], { keyring }));
  const builder = startMember(
    'base',
    [
      'mmdebstrap',
      '--mode=root',
      '--variant=minbase',
      '--format=directory',
      '--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr',
      `--include=${packages.join(',')}`,
      `--aptopt=Acquire::http::Proxy "${proxy}"`,
      '--aptopt=Acquire::http::Timeout "300"',
      '--aptopt=Acquire::Languages "none"',
      '--aptopt=Acquire::Check-Valid-Until "false"',
      '--aptopt=Acquire::Check-Date "false"',
      ...dpkgOptions.map((option) => `--dpkgopt=${option}`),
      SUITES[release],
      unfinished,
      sources,
    ],
    { log, env: { ...chrootEnv, TMPDIR: '/tmp' } },
  );
  const code = await waitFor(
    'base tree',
    () => builder.exitCode ?? builder.signalCode ?? undefined,
    {
      deadlineMs: 900_000,
      signal,
      evidence: () => lastLines(log),
    },
  );
  rmSync(sources);
  if (code !== 0) throw new LabError(`mmdebstrap failed with status ${code}\n${lastLines(log)}`);
}

/** What the tree of this recipe is called, whether it has been built yet or not. */
export function baseTreeName(release: DebianRelease): string {
  const suite = SUITES[release];
  const recipe = JSON.stringify({
    ...{ suite, arch: process.arch, packages, dpkgOptions },
    furnish: furnishing[release],
  });
  return `${suite}-${createHash('sha256').update(recipe).digest('hex').slice(0, 16)}`;
}
