import { pkg, Refused, type Resource, sh } from '../../engine/sdk.ts';
import { BROUGHT, KEPT } from './places.ts';

/** What apt would do: a line of `apt-get -s`. */
interface Act {
  readonly name: string;
  /** The version that is there; undefined for a package that is new. */
  readonly from: string | undefined;
  /** Undefined for one that goes. */
  readonly to: string | undefined;
}

/** Packages in dpkg's words, and what apt says that it would do to have the wanted ones. */
interface Tried {
  readonly packages: unknown;
  readonly acts: readonly Act[];
  /** Why apt cannot; undefined where it can, or was not asked. */
  readonly trouble: string | undefined;
}

/** Most lines of what else comes; the rest is counted. */
const MOST = 5;

/**
 * Packages of LAVA; apt is asked first what it would do, so the plan tells of all that comes, changes and goes.
 *
 * Before something that is there is replaced, its .deb is kept: from apt's cache, from the archive, else packed again
 * of what is installed (dpkg-repack(1)). An archive of monthly releases has the older ones no more.
 */
export function lavaPackages(names: readonly string[]): Resource {
  const inner = pkg({ names }) as Resource;
  return tryingFirst(inner, names) as Resource;
}

function tryingFirst(inner: Resource, names: readonly string[]): Resource<Tried> {
  const wanted = sh`${names}`;
  return {
    id: inner.id,
    probe: `${inner.probe}\n${tried(names, wanted)}`,
    parse(output) {
      const lines = output.split('\n');
      const [trouble] = after(lines, 'apt: ');
      return {
        packages: inner.parse(lines.filter((line) => !/^(apt:|Inst|Remv) /.test(line)).join('\n')),
        acts: lines.flatMap(actIn),
        trouble,
      };
    },
    change(now) {
      const change = inner.change(now.packages);
      if (!change) return undefined;
      if (now.trouble !== undefined) {
        throw new Refused(
          `apt cannot install ${names.join(' and ')} on this host: ${now.trouble}`,
          'set lava.source to a source of LAVA and of what it needs',
        );
      }
      const [before, after] = told(change, now.acts, names);
      return {
        ...change,
        before,
        after,
        steps: change.steps.map((step) => ({
          ...step,
          script: `${keeping(wanted)}\n${bringing(wanted)}\n${step.script}`,
        })),
        next: { packages: change.next, acts: [], trouble: undefined },
      };
    },
  };
}

/** With what apt is tried: as `pkg` installs. */
const TRY = 'apt-get -s -q --no-install-recommends --allow-downgrades install --';

/** Asks apt, where something is not as wanted. */
function tried(names: readonly string[], wanted: string): string {
  const right = names.map((each) => {
    const [name = '', version] = each.split('=', 2);
    const is = sh`dpkg-query --show --showformat='\${Status} \${Version}' ${name} 2>/dev/null`;
    return version === undefined
      ? `case "$(${is})" in 'install ok installed '*) ;; *) false ;; esac`
      : sh`[ "$(`.concat(is, sh`)" = ${`install ok installed ${version}`} ]`);
  });
  return [
    `if command -v apt-get >/dev/null && ! { ${right.join(' && ')}; }; then`,
    `  if said=$(${TRY} ${wanted} 2>&1); then printf '%s\\n' "$said" | grep -E '^(Inst|Remv) ' || :`,
    `  else printf 'apt: %s\\n' "$(printf '%s\\n' "$said" | grep -E 'Depends:|^E: ' | head -n 2 | tr -s ' \\n' ' ')"; fi`,
    'fi',
  ].join('\n');
}

/** `Inst lava-common [2023.01-2] (2026.10-2 Debian:13/stable [all])`, `Remv NAME [VERSION]`. */
function actIn(line: string): readonly Act[] {
  const [, verb, name = '', from, to] =
    /^(Inst|Remv) (\S+)(?: \[([^\]]+)\])?(?: \((\S+) [^)]*\))?/.exec(line) ?? [];
  if (verb === undefined) return [];
  return [{ name, from, to: verb === 'Remv' ? undefined : to }];
}

function after(lines: readonly string[], word: string): readonly string[] {
  return lines.flatMap((line) => (line.startsWith(word) ? [line.slice(word.length).trim()] : []));
}

/** The two sides of the diff: LAVA's own, all that is replaced or goes, and how many more come. */
function told(
  { before, after }: { readonly before: string; readonly after: string },
  acts: readonly Act[],
  names: readonly string[],
): readonly [string, string] {
  if (acts.length === 0) return [before, after];
  const own = new Set(names.map((each) => each.split('=', 1)[0] ?? ''));
  const rank = ({ name, from, to }: Act): number =>
    own.has(name)
      ? 0
      : name.startsWith('lava-')
        ? 1
        : to === undefined
          ? 2
          : from === undefined
            ? 4
            : 3;
  const sorted = acts.toSorted((a, b) => rank(a) - rank(b));
  const named = sorted.filter((act) => rank(act) < 4);
  const more = sorted.filter((act) => rank(act) === 4).map(({ name }) => name);
  const few = more.length <= MOST ? more.join(' ') : `${more.slice(0, MOST).join(' ')} …`;
  const rest = more.length === 0 ? '' : `and ${more.length} more that they need: ${few}\n`;
  return [
    named.map(({ name, from }) => `${name} ${from ?? 'not installed'}\n`).join(''),
    `${named.map(({ name, to }) => `${name} ${to ?? 'not installed'}\n`).join('')}${rest}`,
  ];
}

/** Writes down what apt is about to bring besides, so that it can go when nothing needs it any more. */
function bringing(wanted: string): string {
  return `mkdir -p ${KEPT} && {
  cat ${BROUGHT} 2>/dev/null
  ${TRY} ${wanted} 2>/dev/null | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p'
} | sort -u > ${BROUGHT}.new && mv -f ${BROUGHT}.new ${BROUGHT} || exit 1`;
}

/** Keeps what apt is about to replace or to remove, and stops before it where that cannot be had. */
function keeping(wanted: string): string {
  return `replaced=$(${TRY} ${wanted} 2>/dev/null | sed -n 's/^\\(Inst\\|Remv\\) \\([^ ]*\\) \\[\\([^]]*\\)\\].*/\\2=\\3/p')
if [ -n "$replaced" ]; then
  lava=$(dpkg-query --show --showformat='\${Version}' lava-common 2>/dev/null) || lava=none
  kept=${KEPT}/$lava
  mkdir -p "$kept" && chmod 0755 ${KEPT} "$kept" && cd "$kept" || exit 1
  for each in $replaced; do
    name=\${each%%=*} version=\${each#*=}
    file=\${name}_$(printf '%s' "$version" | sed 's/:/%3a/g')_
    if ls "$file"*.deb >/dev/null 2>&1; then continue; fi
    cp -p "/var/cache/apt/archives/$file"*.deb . 2>/dev/null && continue
    apt-get -q -o APT::Sandbox::User=root download "$each" >/dev/null 2>&1 && continue
    command -v dpkg-repack >/dev/null ||
      apt-get -y -q -o DPkg::Lock::Timeout=120 --no-install-recommends install dpkg-repack >/dev/null 2>&1
    dpkg-repack "$name" >/dev/null 2>&1 && continue
    echo "this could not be undone: $name $version is not in apt's cache, is no longer offered, and dpkg-repack cannot pack it"
    exit 1
  done
  cd /
fi`;
}
