import { type Resource, sh } from '../../engine/sdk.ts';
import { BROUGHT } from './places.ts';

/**
 * What came with a package of LAVA because that needs it, and is of no use once it is gone: daemons and sockets among them.
 *
 * apt says what nothing else needs, and what somebody has asked for stays; of that only goes what was not there before.
 */
export function broughtGone(name: string): Resource<readonly string[]> {
  return {
    id: `packages that came with ${name}`,
    probe: `${naming(name)}\nuseless`,
    parse: (output) => output.split('\n').filter((line) => line !== ''),
    change(now) {
      if (now.length === 0) return undefined;
      return {
        before: now.map((each) => `${each} installed\n`).join(''),
        after: '',
        steps: [
          { title: `remove ${now.length} packages that came with ${name}`, script: removing(name) },
        ],
        next: [],
      };
    },
  };
}

/** Functions of shell that print the names of all that nothing needs, and of those among them that came with LAVA. */
function naming(name: string): string {
  return `unneeded() {
  { ${sh`apt-get -s -q remove --auto-remove -- ${name}`} 2>/dev/null || apt-get -s -q autoremove 2>/dev/null; } |
    sed -n 's/^Remv \\([^ ]*\\).*/\\1/p' | ${sh`grep -vxF -- ${name}`}
}
useless() {
  [ -f ${BROUGHT} ] || return 0
  unneeded | grep -xF -f ${BROUGHT} || :
}`;
}

/**
 * Nothing goes with these but what nothing needs either, such as a library under the new name that a newer release of
 * Debian gave it: the rest of what apt would remove with them is something else's.
 */
function removing(name: string): string {
  return `export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
${naming(name)}
names=$(useless)
[ -n "$names" ] || exit 0
more=$(apt-get -s -q remove -- $names | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p' | grep -vxF -- "$names
$(unneeded)")
if [ -n "$more" ]; then
  printf 'apt would remove others with them: %s\\n' "$(printf '%s' "$more" | tr '\\n' ' ')"
  exit 1
fi
apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 remove -- $names || exit 1`;
}
