import type { HostQuery } from '../../engine/sdk.ts';

/** Filesystems that are only ever read-only because of an error, or because fstab(5) says so. */
const WRITABLE = ['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs'];

const PLACES = ['/', '/var', '/var/lib', '/srv', '/etc', '/tmp', '/home'];

/** A disk that the kernel has made read-only after an error (`errors=remount-ro`, Debian's default for `/`). */
export const readOnly: HostQuery = {
  id: 'host.read-only',
  probe: 'cat /proc/self/mountinfo; echo; cat /etc/fstab 2>/dev/null || :',
  judge(output) {
    const [mounts = '', fstab = ''] = output.split(/\n\n/);
    return mounts.split('\n').flatMap((line) => {
      const [, mountPoint = '', options = '', type = '', device = '', own = ''] =
        /^\S+ \S+ \S+ \S+ (\S+) (\S+) .*?- (\S+) (\S+) (\S+)$/.exec(line) ?? [];
      if (!WRITABLE.includes(type) || !PLACES.includes(mountPoint)) return [];
      if (![options, own].some((list) => list.split(',').includes('ro'))) return [];
      if (isWanted(mountPoint, fstab)) return [];
      return [
        {
          severity: 'problem',
          what: `${mountPoint} is read-only`,
          evidence: `${device} on ${mountPoint} type ${type} (${options}; ${own})`,
          fix: 'the kernel does so after a disk error: journalctl -k --grep "remount|I/O error"; then fsck it, and replace the disk',
          subject: `disk ${mountPoint}`,
        },
      ];
    });
  },
};

function isWanted(mountPoint: string, fstab: string): boolean {
  return fstab.split('\n').some((line) => {
    const [, path, , options = ''] = line.trim().split(/\s+/);
    return !line.startsWith('#') && path === mountPoint && options.split(',').includes('ro');
  });
}
