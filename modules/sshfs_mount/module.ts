import {
  ACCOUNT_NAME,
  absent,
  daemonReload,
  defineModule,
  file,
  type HostView,
  type LabFact,
  type LabView,
  Pending,
  pkg,
  Refused,
  type Resource,
  unit,
} from '../../engine/sdk.ts';
import {
  idFiles,
  idLines,
  type Mount,
  type Numbers,
  numbersIn,
  unitFile,
  unitText,
} from '../../lab/share/mount.ts';
import { FOLDER_PATTERN, mountUnit } from '../../lab/share/mount_path.ts';
import { ownMount, ownMounts } from '../../lab/share/own_mounts.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { keyPathSchema, sshFolders } from '../../lab/ssh/key_place.ts';
import { hostKeys } from '../../lab/ssh/keys_of_host.ts';
import { mountHealth } from './health.ts';
import { forgotten, knownHosts, type MasterKeys, masterKeys, pinned } from './known_hosts.ts';
import { mountUsers, unlessUsed } from './mount_users.ts';
import { emptyMountPoint, mounted, notMounted } from './mounted.ts';
import { remount } from './mounting.ts';

/** The master's folder on a worker, at all times: after a start, after a cut, after a crash. */
export default defineModule({
  name: 'sshfs_mount',
  summary: "the master's folder, mounted by sshfs and kept so",
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      folder: {
        type: 'string',
        pattern: FOLDER_PATTERN,
        description:
          'The folder of the master: what sshfs_share shares; without it nothing of the account is mounted',
      },
      where: {
        type: 'string',
        pattern: FOLDER_PATTERN,
        description: 'Where it is mounted; at the same path as on the master unless told',
      },
      account: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        default: 'lavashare',
        description: 'The account of sshfs_share; this host has one of its own, which begins so',
      },
      master: {
        type: 'string',
        pattern: '^[\\w.-]+$',
        description: 'Which host of the group master; the first unless told',
      },
      address: {
        type: 'string',
        pattern: '^[\\w.:-]+$',
        description: 'How this host reaches it; as the inventory says unless told',
      },
      port: {
        type: 'integer',
        minimum: 1,
        maximum: 65535,
        description:
          "The master's SSH port as this host reaches it; as the inventory says unless told",
      },
      key: { ...keyPathSchema, description: 'The private key of this host, made by ssh_key' },
      idmap: {
        type: 'string',
        enum: ['none', 'user'],
        default: 'user',
        description:
          "user: what this host writes belongs to 'user' here; none: numbers as on the master",
      },
      user: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        default: 'root',
        description:
          'Account and group of this host to which belongs what it writes, and the group of all that workers write; root where there are none such',
      },
      exec: {
        type: 'boolean',
        default: false,
        description: 'Whether programs in the folder may be run here',
      },
      uid: { type: 'integer', minimum: 0, description: 'To whom all files seem to belong' },
      gid: { type: 'integer', minimum: 0, description: 'To which group all files seem to belong' },
      umask: {
        type: 'string',
        pattern: '^0?[0-7]{3}$',
        description: 'All files seem to have the permissions that this octal mask leaves',
      },
      exclusive: {
        type: 'boolean',
        default: false,
        description: 'Takes away what an earlier run has mounted by this account at other places',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'absent: unmounted, and unit and pinned keys are gone',
      },
    },
  },
  example: 'folder: /srv/lava-share\nwhere: /mnt/lava-share\n',
  facts: {
    master: { of: 'master', ...masterKeys } satisfies LabFact<MasterKeys>,
    keys: hostKeys,
    pinned,
    users: mountUsers,
    own: ownMounts,
  },
  desired({ args, facts, host, lab }) {
    const master = args.folder === undefined ? undefined : masterOf(args.master, lab);
    const mount = master && mountOf(args, host, master);
    const accounts = [args.account, workerAccount(args.account, host.name)];
    const own = facts.own.filter(({ account }) => accounts.includes(account));
    const others = own
      .filter(({ where }) => where !== mount?.where)
      .map((each) => ownMount(each, args.key));
    const gone = [
      ...(mount && args.state === 'absent' ? [mount] : []),
      ...(args.folder === undefined || args.exclusive ? others : []),
    ];
    const places = gone.map(({ where }) => where);
    const removal = gone.flatMap((each) => removed(each, facts.users.get(each.where)));
    if (!mount || args.state === 'absent') return [...removal, ...forgotten(places, facts.pinned)];
    const { where, account, key } = mount;
    const users = facts.users.get(where) ?? [];
    const known = facts.master[master.name];
    const first = [pkg({ name: 'sshfs' }), ...sshFolders];
    const isMade = own.some((each) => each.where === where && each.account === account);
    if (!known && !(isMade && facts.pinned.has(where))) {
      throw new Pending(
        `the host keys of ${master.name} are not known: it could not be asked`,
        first,
      );
    }
    if (known) first.push(knownHosts(mount, { keys: known.hostKeys, gone: places }));
    const ownKey = facts.keys.get(key);
    if (ownKey === undefined) {
      const lack = facts.keys.has(key) ? 'no SSH key that can be read' : 'no SSH key yet';
      throw new Pending(`there is ${lack} at ${key}: the module ssh_key makes it`, first);
    }
    const numbers = known?.numbers.get(account);
    if (known && !(numbers && known.accepted.get(account)?.has(ownKey))) {
      throw new Pending(
        `${master.name} does not accept the key of ${host.name} yet: sshfs_share has to run there`,
        first,
      );
    }
    return [
      ...first,
      ...(numbers ? whoIsWho(mount, numbers) : []),
      unlessUsed(
        file({
          path: unitFile(mount),
          content: (now) => unitText(mount, numbers ?? numbersIn(now)),
          onChange: [daemonReload(), remount(mount)],
        }),
        where,
        users,
      ),
      unit({ name: mountUnit(where), enabled: true }),
      mounted(mount, users),
      ...removal,
    ];
  },
  health({ args, host, lab }) {
    const master = lab.hosts[args.master ?? lab.groups.master?.[0] ?? ''];
    const mount = master && mountOf(args, host, master);
    return mount && args.state === 'present' ? mountHealth(mount) : [];
  },
});

/** What a task says about one mount. */
interface MountArgs
  extends Pick<Mount, 'account' | 'key' | 'idmap' | 'user'>,
    Partial<Pick<Mount, 'folder' | 'where' | 'address' | 'port' | 'umask'>> {
  readonly uid?: number;
  readonly gid?: number;
  readonly exec: boolean;
}

/** Nothing where nothing is wanted, and on the master itself, which has the folder at that place. */
function mountOf(args: MountArgs, host: HostView, master: HostView): Mount | undefined {
  const { folder, key, idmap, user, uid, gid, umask } = args;
  if (folder === undefined) return undefined;
  const { where = folder, address = master.address, port = sshPort(master) } = args;
  if (master.name === host.name && where === folder) return undefined;
  const account = workerAccount(args.account, host.name);
  const programs = args.exec ? 'run' : 'refused';
  return { where, folder, account, address, port, key, idmap, user, uid, gid, umask, programs };
}

/** The numbers of this host's account on the master, for sshfs; the unit names them too, and is what decides when to mount afresh. */
function whoIsWho(mount: Mount, { uid, gid }: Numbers): readonly Resource[] {
  if (mount.idmap === 'none') return [];
  const { uids, gids } = idFiles(mount);
  return [
    file({ path: uids, content: idLines(mount, uid) }),
    file({ path: gids, content: idLines(mount, gid) }),
  ];
}

function removed(mount: Mount, users: readonly string[] | undefined): readonly Resource[] {
  const { where } = mount;
  const unlessOpen = <State>(resource: Resource<State>): Resource<State> =>
    unlessUsed(resource, where, users);
  return [
    unlessOpen(notMounted(mount)),
    unlessOpen(unit({ name: mountUnit(where), enabled: false, running: false })),
    unlessOpen(absent({ path: unitFile(mount), onChange: [daemonReload()] })),
    ...Object.values(idFiles(mount)).map((path) => absent({ path })),
    emptyMountPoint(mount),
  ];
}

function masterOf(name: string | undefined, { groups, hosts }: LabView): HostView {
  const masters = groups.master ?? [];
  const chosen = hosts[name ?? masters[0] ?? ''];
  if (chosen && masters.includes(chosen.name)) return chosen;
  throw new Refused(
    name === undefined
      ? 'there is no master to mount from'
      : `${name} is not a host of the group master`,
    'put the host into the group master of the inventory',
  );
}

/** Where a host is reached by another address inside of the lab, the port of the outside says nothing. */
function sshPort({ vars }: HostView): number {
  const { lab_address: inner, port, ansible_port: ansiblePort = port } = vars;
  const number = inner === undefined ? Number(port ?? ansiblePort) : 22;
  return Number.isInteger(number) ? number : 22;
}
