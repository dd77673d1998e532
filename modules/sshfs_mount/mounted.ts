import { Deferred, Refused, type Resource, sh } from '../../engine/sdk.ts';
import { type Mount, sourceOf } from '../../lab/share/mount.ts';
import { mountProbe } from './mount_probe.ts';
import {
  judgeMount,
  type MountState,
  parseMountState,
  powerThrough,
  troubleThrough,
} from './mount_state.ts';
import { mountNow, remount, unmounting, unmountingUnlessBack } from './mounting.ts';

/** The master's folder is there and answers. */
export function mounted(mount: Mount, users: readonly string[]): Resource<MountState> {
  const { where } = mount;
  const source = sourceOf(mount);
  const after = `mounted from ${source}\n`;
  return {
    id: `mount ${where}`,
    probe: mountProbe(mount),
    parse: parseMountState,
    change(now) {
      const { verdict, words } = judgeMount(now, source);
      const power = powerThrough(now);
      const before = `${words}${power === undefined ? '' : `, ${power}`}\n`;
      if (verdict === 'foreign') throw foreign(where, words);
      if (verdict === 'mounted') {
        if (now.mounts[0]?.source === source && power === undefined) return undefined;
        const change = { before, after, steps: [], onChange: [remount(mount)] };
        if (users.length > 0) {
          throw new Deferred(`${where} is in use by ${users.slice(0, 5).join(', ')}`, change);
        }
        return change;
      }
      requireMaster(mount, now, words);
      if (verdict === 'absent') {
        requireEmpty(where, now);
        return { before, after, steps: [], onChange: [mountNow(mount)] };
      }
      return {
        before,
        after,
        steps: [
          {
            title: `unmount ${where}`,
            script: verdict === 'stacked' ? unmounting(mount) : unmountingUnlessBack(mount),
          },
        ],
        onChange: [mountNow(mount)],
      };
    },
    warnings(now) {
      const trouble = troubleThrough(now);
      const { verdict } = judgeMount(now, source);
      return trouble === undefined || verdict !== 'mounted'
        ? []
        : [{ message: `${where}: ${trouble}`, hint: `look at ${mount.folder} on the master` }];
    },
  };
}

/** Nothing of ours is mounted; what others have mounted stays. */
export function notMounted(mount: Mount): Resource<MountState> {
  const { where } = mount;
  return {
    id: `mount ${where}`,
    probe: mountProbe(mount),
    parse: parseMountState,
    change(now) {
      const { verdict, words } = judgeMount(now, sourceOf(mount));
      if (verdict === 'absent' || verdict === 'foreign') return undefined;
      return {
        before: `${words}\n`,
        after: 'not mounted\n',
        steps: [{ title: `unmount ${where}`, script: unmounting(mount) }],
      };
    },
  };
}

/** The mount point goes when nothing is left in it and it is as systemd makes one; it is never emptied. */
export function emptyMountPoint({ where }: Pick<Mount, 'where'>): Resource<'left' | 'removable'> {
  return {
    id: `mount point ${where}`,
    probe: [
      sh`if grep -qF ${` ${where} `} /proc/self/mountinfo || [ -L ${where} ] || [ ! -d ${where} ]; then echo left`,
      sh`elif [ "$(stat -c '%a %u %g' ${where})" = '755 0 0' ] && [ -z "$(ls -A ${where})" ]; then echo removable`,
      'else echo left; fi',
    ].join('\n'),
    parse: (output) => (output.trim() === 'removable' ? 'removable' : 'left'),
    change: (now) =>
      now === 'left'
        ? undefined
        : {
            before: '',
            after: '',
            labels: ['0755 root:root', 'missing'],
            steps: [{ title: `remove ${where}`, script: sh`rmdir -- ${where}` }],
            next: 'left',
          },
  };
}

function foreign(where: string, words: string): Refused {
  return new Refused(
    `${where} is ${words}, which lava-play did not mount`,
    `unmount it, and remove what mounts it, such as a line of /etc/fstab`,
  );
}

/**
 * While the master cannot be reached nothing is done: a mount comes back by itself when the master does.
 *
 * One that is reached by the host's own loopback is at the end of a tunnel, which an earlier task opens.
 */
function requireMaster({ where, address, port }: Mount, { trouble }: MountState, words: string) {
  if (trouble === undefined || address.startsWith('127.') || address === '::1') return;
  throw new Refused(
    `${where} is ${words}: ${address} ${trouble} on TCP port ${port}`.replace(
      / (cannot be .*|has a name .*) on TCP port \d+$/,
      ' $1',
    ),
    'the mount is left alone until this host can reach the master',
  );
}

function requireEmpty(where: string, { below, blocked }: MountState): void {
  if (blocked) throw new Refused(`${where} should be a mount point but is not a folder`);
  if (below.length === 0) return;
  const some = below.slice(0, 3).join(', ');
  throw new Refused(
    `${where} is not mounted, and is not empty: ${some}${below.length > 3 ? ', …' : ''}`,
    'move that away: the mount would hide it',
  );
}
