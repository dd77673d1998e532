import {
  absent,
  type Fact,
  file,
  nameInKnownHosts,
  ownedBlock,
  type Resource,
} from '../../engine/sdk.ts';
import { KNOWN_HOSTS, type Mount, type Numbers } from '../../lab/share/mount.ts';
import { publicKeyIn } from '../../lab/ssh/keys_of_host.ts';

/** What a master says of itself: by what it is known, whom it lets in, and by which numbers it knows them. */
export interface MasterKeys {
  readonly hostKeys: readonly string[];
  /** Accepted keys by account, of the accounts that sshfs_share made. */
  readonly accepted: ReadonlyMap<string, ReadonlySet<string>>;
  readonly numbers: ReadonlyMap<string, Numbers>;
}

/** Asked over the connection of lava-play, whose host key is verified; so the worker has nothing to believe. */
export const masterKeys: Fact<MasterKeys> = {
  probe: [
    'for file in /etc/ssh/ssh_host_*_key.pub; do',
    `  [ ! -f "$file" ] || sed 's/^/host /' "$file"`,
    'done',
    'grep -H . /etc/lava-play/authorized_keys/*.d/* 2>/dev/null | sed "s,^[^:]*/\\([^/:]*\\):,key \\1 ,"',
    "getent passwd | grep -F ':LAVA share ' | sed 's/^/account /'",
  ].join('\n'),
  parse(output) {
    const hostKeys: string[] = [];
    const accepted = new Map<string, Set<string>>();
    const numbers = new Map<string, Numbers>();
    for (const line of output.split('\n')) {
      const [about, name = ''] = line.split(' ', 2);
      const key = publicKeyIn(line);
      if (about === 'host' && key !== undefined) hostKeys.push(key);
      if (about === 'key' && key !== undefined) {
        accepted.set(name, (accepted.get(name) ?? new Set()).add(key));
      }
      if (about === 'account') {
        const [account = '', , uid = '', gid = ''] = name.split(':');
        numbers.set(account, { uid, gid });
      }
    }
    return { hostKeys: hostKeys.sort(), accepted, numbers };
  },
};

/** The mount points for which keys of a master are pinned here. */
export const pinned: Fact<ReadonlySet<string>> = {
  probe: `cat ${KNOWN_HOSTS} 2>/dev/null || :`,
  parse: (output) =>
    new Set([...output.matchAll(/^# BEGIN lava-play mount (.*)$/gm)].map(([, at = '']) => at)),
};

/** The keys of the master pinned for a mount, and none for mounts that are gone. */
export function knownHosts(
  mount: Mount,
  { keys, gone }: { readonly keys: readonly string[]; readonly gone: readonly string[] },
): Resource {
  return file({
    path: KNOWN_HOSTS,
    content: (now) =>
      pin(
        unpinned(now, gone),
        mount.where,
        keys.map((key) => `${nameInKnownHosts(mount.address, mount.port)} ${key}`),
      ),
  });
}

/** No keys for mounts that are gone; the last one takes the file with it. */
export function forgotten(
  gone: readonly string[],
  mounts: ReadonlySet<string>,
): readonly Resource[] {
  const known = gone.filter((where) => mounts.has(where));
  if (known.length === 0) return [];
  return known.length === mounts.size
    ? [absent({ path: KNOWN_HOSTS })]
    : [file({ path: KNOWN_HOSTS, content: (now) => unpinned(now, known) })];
}

function unpinned(text: string, gone: readonly string[]): string {
  return gone.reduce((rest, where) => pin(rest, where, []), text);
}

function pin(text: string, where: string, lines: readonly string[]): string {
  return ownedBlock(text, `mount ${where}`, lines);
}
