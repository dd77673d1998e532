import { Deferred, type Fact, type Resource } from '../../engine/sdk.ts';
import { FUSE_SSHFS } from '../../lab/share/mount.ts';

/** Who has something open on the sshfs mounts of a host: by mount point, names of programs with their numbers. */
export const mountUsers: Fact<ReadonlyMap<string, readonly string[]>> = {
  probe: [
    `grep -F ' - ${FUSE_SSHFS} ' /proc/self/mountinfo | while read -r _ _ _ _ at _; do`,
    '  find /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/fd -maxdepth 1 \\( -lname "$at" -o -lname "$at/*" \\) 2>/dev/null |',
    '    cut -d / -f 3 | sort -un | while read -r pid; do',
    `      printf '%s %s (%s)\\n' "$at" "$(cat "/proc/$pid/comm" 2>/dev/null)" "$pid"`,
    '    done',
    'done',
  ].join('\n'),
  parse(output) {
    const users = new Map<string, string[]>();
    for (const [, at = '', user = ''] of output.matchAll(/^(\/\S+) (.*)$/gm)) {
      users.set(at, [...(users.get(at) ?? []), user]);
    }
    return users;
  },
};

/** A resource whose change waits until nobody has anything open on a mount, which it would take away. */
export function unlessUsed<State>(
  resource: Resource<State>,
  where: string,
  users: readonly string[] = [],
): Resource<State> {
  if (users.length === 0) return resource;
  return {
    ...resource,
    change(now) {
      const change = resource.change(now);
      if (!change) return undefined;
      throw new Deferred(`${where} is in use by ${users.slice(0, 5).join(', ')}`, change);
    },
  };
}
