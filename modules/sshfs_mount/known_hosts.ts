import { absent, type Fact, file, ownedBlock, type Resource } from '../../engine/module.ts';
import { publicKeyIn } from '../ssh_key/host_keys.ts';
import { KNOWN_HOSTS, knownName, type Mount } from './mount.ts';

/** What a master says of itself: by what it is known, and whom it lets in. */
export interface MasterKeys {
  readonly hostKeys: readonly string[];
  /** Accepted keys by account, of the accounts that sshfs_share made. */
  readonly accepted: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Asked over the connection of lava-play, whose host key is verified; so the worker has nothing to believe. */
export const masterKeys: Fact<MasterKeys> = {
  probe: [
    'for file in /etc/ssh/ssh_host_*_key.pub; do',
    `  [ ! -f "$file" ] || sed 's/^/host /' "$file"`,
    'done',
    'for file in /etc/lava-play/authorized_keys/*; do',
    `  [ ! -f "$file" ] || sed "s/^/\${file##*/} /" "$file"`,
    'done',
  ].join('\n'),
  parse(output) {
    const hostKeys: string[] = [];
    const accepted = new Map<string, Set<string>>();
    for (const line of output.split('\n')) {
      const [about = ''] = line.split(' ', 1);
      const key = publicKeyIn(line);
      if (about === 'host') hostKeys.push(...(key === undefined ? [] : [key]));
      else if (about !== '') {
        const known = accepted.get(about) ?? new Set();
        accepted.set(about, known);
        if (key !== undefined) known.add(key);
      }
    }
    return { hostKeys: hostKeys.sort(), accepted };
  },
};

/** The mount points for which keys of a master are pinned here. */
export const pinned: Fact<ReadonlySet<string>> = {
  probe: `cat ${KNOWN_HOSTS} 2>/dev/null || :`,
  parse: (output) =>
    new Set([...output.matchAll(/^# BEGIN lava-play mount (.*)$/gm)].map(([, at = '']) => at)),
};

/** No keys of the master for a mount any more; the last mount takes the file with it. */
export function forgotten(mount: Mount, mounts: ReadonlySet<string>): Resource {
  return mounts.size > 1 ? knownHosts(mount, []) : absent({ path: KNOWN_HOSTS });
}

/** The keys of the master, pinned for a mount. */
export function knownHosts(mount: Mount, keys: readonly string[]): Resource {
  return file({
    path: KNOWN_HOSTS,
    content: (now) =>
      ownedBlock(
        now,
        `mount ${mount.where}`,
        keys.map((key) => `${knownName(mount)} ${key}`),
      ),
  });
}
