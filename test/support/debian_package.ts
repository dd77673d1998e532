import { spawnSync } from 'node:child_process';

/** One apt-get of the tests at a time: apt waits for dpkg's lock, but not for that of its lists. */
export const APT_LOCK = '/run/lava-play-tests-apt.lock';

/** Installs a Debian package that a test needs; gives the reason when it cannot. */
export function installPackage(name: string): string | undefined {
  if (process.getuid?.() !== 0) return `${name} is not installed, and only root can install it`;
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  if (aptGet(['install', ...options, name])) return undefined;
  if (aptGet(['update', '-q']) && aptGet(['install', ...options, name])) return undefined;
  return `${name} is not installed, and apt-get cannot install it`;
}

function aptGet(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('flock', [APT_LOCK, 'apt-get', ...args], { env, stdio: 'ignore' }).status === 0;
}
