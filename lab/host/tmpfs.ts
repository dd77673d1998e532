import type { Finding, HostQuery } from '../../engine/sdk.ts';
import { readSpaces } from './disk.ts';

/** `/sys` and `/dev` of a container are tmpfs too; their size is the kernel's and the container manager's business. */
const DEVICES = /^\/(?:dev|sys|proc)(?:\/(?!shm$)|$)/;

/**
 * File systems in memory, such as /run, /tmp and /dev/shm.
 *
 * Each has a limit for its size and one for its files, whatever memory is free, and a full one stops daemons as a full
 * disk does. Much of it in use is ordinary, so only a full one is told.
 */
export const tmpfs: HostQuery = {
  id: 'host.tmpfs',
  probe: `df -Plk -t tmpfs 2>/dev/null; echo inodes; df -Pli -t tmpfs 2>/dev/null || :`,
  judge(output) {
    const [space = '', inodes = ''] = output.split('\ninodes\n');
    const full = (df: string, what: string): readonly Finding[] =>
      readSpaces(df)
        .filter(({ total, free }) => total > 0 && free / total < 0.01)
        .filter(({ mountPoint }) => !DEVICES.test(mountPoint))
        .map(({ mountPoint, line }) => ({
          severity: 'problem',
          what: `the tmpfs on ${mountPoint} ${what}`,
          evidence: line,
          fix: `find what fills it: du -xah ${mountPoint} | sort -h | tail -n 20; it is emptied by a reboot`,
          subject: `disk ${mountPoint}`,
        }));
    return [...full(space, 'is full'), ...full(inodes, 'holds as many files as it can')];
  },
};
