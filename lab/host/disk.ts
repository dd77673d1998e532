import type { Finding, HostQuery } from '../../engine/sdk.ts';

/** One line of df(1). */
interface Space {
  readonly device: string;
  readonly total: number;
  readonly free: number;
  readonly mountPoint: string;
  readonly line: string;
}

/** Filesystems on this machine's own disks: with others, a dead server would let df(1) hang. */
const LOCAL = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'vfat', 'overlay']
  .map((type) => `-t ${type}`)
  .join(' ');

/** Shell that prints the local disks in KiB, for `readSpaces`; also of the capacity of workers. */
export const DISKS = `df -Plk ${LOCAL} 2>/dev/null || :`;

/** Below the first share of free space it is a warning, unless so many KiB are left; below the second a problem. */
const FEW = { share: 0.1, enough: 20 * 1024 ** 2 };
const NONE = { share: 0.03, enough: 2 * 1024 ** 2 };

export const diskSpace: HostQuery = {
  id: 'host.disk',
  probe: DISKS,
  judge: (output) =>
    readSpaces(output).flatMap((space): readonly Finding[] => {
      const severity = isBelow(space, NONE)
        ? 'problem'
        : isBelow(space, FEW)
          ? 'warning'
          : undefined;
      if (!severity) return [];
      const where = nameOf(space, readSpaces(output));
      return [
        {
          severity,
          what: `the disk of ${where} is ${severity === 'problem' ? 'full' : 'nearly full'}`,
          evidence: space.line,
          fix: `find what fills it: du -xh -d3 ${space.mountPoint} | sort -h | tail -n 20`,
          subject: `disk ${space.mountPoint}`,
        },
      ];
    }),
  figures: (output) => {
    const home = holding('/var/lib', readSpaces(output));
    return home ? [{ name: 'var_lib_free_bytes', value: home.free * 1024 }] : [];
  },
};

export const inodes: HostQuery = {
  id: 'host.inodes',
  probe: `df -Pli ${LOCAL} 2>/dev/null || :`,
  judge: (output) =>
    readSpaces(output).flatMap(({ total, free, mountPoint, line }): readonly Finding[] => {
      if (!(total > 0) || free / total >= 0.05) return [];
      return [
        {
          severity: free / total < 0.01 ? 'problem' : 'warning',
          what: `the filesystem of ${mountPoint} is nearly out of inodes, so new files may fail despite free space`,
          evidence: line,
          fix: `find the folder with many files: du --inodes -x -d3 ${mountPoint} | sort -n | tail -n 20`,
          subject: `disk ${mountPoint}`,
        },
      ];
    }),
};

/** Reads df(1) in its portable form. */
export function readSpaces(output: string): readonly Space[] {
  return output.split('\n').flatMap((line) => {
    const [, device, total, free, mountPoint] =
      /^(\S+) +(\d+) +\d+ +(\d+) +\S+ +(\/.*)$/.exec(line) ?? [];
    if (device === undefined || mountPoint === undefined) return [];
    const words = line.replace(/ +/g, ' ');
    return [{ device, total: Number(total), free: Number(free), mountPoint, line: words }];
  });
}

/** The disk on which a path is. */
export function holding(path: string, spaces: readonly Space[]): Space | undefined {
  return spaces
    .filter(({ mountPoint }) => `${path}/`.startsWith(mountPoint === '/' ? '/' : `${mountPoint}/`))
    .toSorted((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
}

function isBelow({ total, free }: Space, limit: typeof FEW): boolean {
  return total > 0 && free / total < limit.share && free < limit.enough;
}

function nameOf(space: Space, all: readonly Space[]): string {
  const isHome = holding('/var/lib', all)?.mountPoint === space.mountPoint;
  return isHome && space.mountPoint !== '/var/lib'
    ? `${space.mountPoint}, which holds /var/lib,`
    : space.mountPoint;
}
