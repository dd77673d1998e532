import type { PathState } from '../../engine/sdk.ts';

/** What Ansible's `stat` returns of a path, as far as a shell can tell. */
export function statResult(
  path: string,
  now: PathState,
  printed: string,
): Readonly<Record<string, unknown>> {
  if (now.kind !== 'found') return { exists: false };
  const [numbers = '', readable, writeable, executable, digest = ''] = printed.split('\n');
  const [size, atime, mtime, ctime, nlink, inode, dev] = numbers.split(' ').map(Number);
  const bits = Number.parseInt(now.mode, 8);
  return {
    ...{ exists: true, path, mode: now.mode.padStart(4, '0') },
    ...typeOf(now.type),
    ...{ uid: Number(now.uid), gid: Number(now.gid), pw_name: now.owner, gr_name: now.group },
    ...{ size, atime, mtime, ctime, nlink, inode, dev },
    ...{ readable: readable === 'yes', writeable: writeable === 'yes' },
    executable: executable === 'yes',
    ...permissions(bits),
    ...(now.type === 'symbolic link' && { lnk_target: now.target }),
    ...(digest !== '' && { checksum: digest.replace(/ .*/, '') }),
  };
}

function typeOf(type: string): Readonly<Record<string, boolean>> {
  return {
    isreg: type === 'regular file',
    isdir: type === 'directory',
    islnk: type === 'symbolic link',
    isfifo: type === 'fifo',
    issock: type === 'socket',
    isblk: type === 'block special file',
    ischr: type === 'character special file',
  };
}

function permissions(bits: number): Readonly<Record<string, boolean>> {
  const has = (bit: number): boolean => (bits & bit) !== 0;
  return {
    ...{ rusr: has(0o400), wusr: has(0o200), xusr: has(0o100) },
    ...{ rgrp: has(0o040), wgrp: has(0o020), xgrp: has(0o010) },
    ...{ roth: has(0o004), woth: has(0o002), xoth: has(0o001) },
    ...{ isuid: has(0o4000), isgid: has(0o2000) },
  };
}
