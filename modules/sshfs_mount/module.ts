import {
  daemonReload,
  defineModule,
  file,
  type LabFact,
  Pending,
  pkg,
  unit,
} from '../../engine/sdk.ts';
import { formerInstancesOf, homeOf, recordedInstances } from '../../lab/instance/recorded.ts';
import { numbersIn, unitFile, unitText } from '../../lab/share/mount.ts';
import { mountUnit } from '../../lab/share/mount_path.ts';
import { ownMount, ownMounts } from '../../lab/share/own_mounts.ts';
import { workerAccount } from '../../lab/share/worker_account.ts';
import { sshFolders } from '../../lab/ssh/key_place.ts';
import { hostKeys } from '../../lab/ssh/keys_of_host.ts';
import { mountSchema } from './arguments.ts';
import { mountHealth } from './health.ts';
import { forgotten, knownHosts, type MasterKeys, masterKeys, pinned } from './known_hosts.ts';
import { mountUsers, unlessUsed } from './mount_users.ts';
import { mounted } from './mounted.ts';
import { remount } from './mounting.ts';
import { removed } from './removed.ts';
import { masterOf, mountOf } from './wanted_mount.ts';
import { whoIsWho } from './who_is_who.ts';

/** The master's folder on a worker, at all times: after a start, after a cut, after a crash. */
export default defineModule({
  name: 'sshfs_mount',
  summary: "the master's folder, kept mounted by sshfs",
  schema: mountSchema,
  example: 'folder: /srv/lava-share\nwhere: /mnt/lava-share\n',
  facts: {
    master: { of: 'master', ...masterKeys } satisfies LabFact<MasterKeys>,
    keys: hostKeys,
    pinned,
    users: mountUsers,
    own: ownMounts,
    instances: recordedInstances,
  },
  desired({ args, facts, host, lab }) {
    const master = args.folder === undefined ? undefined : masterOf(args.master, lab);
    const mount = master && mountOf(args, host, master);
    const accounts = [args.account, workerAccount(args.account, host.name)];
    const former = formerInstancesOf(facts.instances, host).map(({ name }) => `${homeOf(name)}/`);
    const isFormer = (where: string): boolean => former.some((home) => where.startsWith(home));
    const own = facts.own.filter(
      ({ account, where }) => accounts.includes(account) || isFormer(where),
    );
    const others = own
      .filter(({ where }) => where !== mount?.where)
      .filter(({ where }) => args.folder === undefined || args.exclusive || isFormer(where))
      .map((each) => ownMount(each, args.key));
    const gone = [...(mount && args.state === 'absent' ? [mount] : []), ...others];
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
        `the host keys of ${master.name} are not known: it could not be queried`,
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
