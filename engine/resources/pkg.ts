import {
  type Handler,
  type Recorded,
  Refused,
  type Resource,
  type Step,
} from '../contract/resource.ts';
import { quote, sh } from '../script/shell.ts';
import { LISTS_ARE_FRESH, listsReadWithin, UPDATE_LISTS } from './apt_lists.ts';

/** Which Debian packages should be there. */
export type PkgOptions = PkgNames & {
  /** `present` unless set. */
  readonly ensure?: 'present' | 'absent';
  /** Installs recommended packages too; no unless set, and `host` leaves it to apt's settings. */
  readonly recommends?: boolean | 'host';
  /** With `absent`, removes configuration files too, also those of packages removed earlier. */
  readonly purge?: boolean;
  /** With `absent`, removes packages that only they needed too. */
  readonly autoremove?: boolean;
  /** The release from which apt prefers to install, such as `bookworm-backports`. */
  readonly release?: string;
  /** Reads apt's lists before an installation once they are older than so many seconds. */
  readonly listsWithin?: number;
  readonly onChange?: readonly Handler[];
};

/** Real packages, not virtual ones: dpkg has to know the name once it is installed. */
type PkgNames =
  | { readonly name: string; readonly version?: string }
  | {
      /** A version is pinned as apt writes it: `nginx=1.22.1-9`, or with `*`: `nginx=1.22.*`. */
      readonly names: readonly string[];
    };

/** The state and version of each package that dpkg knows; nothing where the host has no dpkg. */
export type PkgState = ReadonlyMap<string, Installed> | undefined;

/** A package in dpkg's words. */
interface Installed {
  /** `installed`, `config-files`, `half-configured`, … (dpkg(1)). */
  readonly status: string;
  readonly version: string;
}

interface Wanted {
  readonly name: string;
  readonly version: string | undefined;
}

/** Debian packages that are installed, or removed, in one run of apt. */
export function pkg(options: PkgOptions): Resource<PkgState> {
  const wanted = 'names' in options ? options.names.map(parseName) : [versioned(options)];
  const names = wanted.map(({ name }) => name);
  const { ensure = 'present', onChange } = options;
  return {
    id: `${names.length === 1 ? 'package' : 'packages'} ${names.join(' ')}`,
    probe: [
      'if command -v dpkg-query >/dev/null; then',
      sh`  dpkg-query --show --showformat='\${Package} \${Status} \${Version} \${Architecture}\\n' ${names} 2>/dev/null || [ $? -eq 1 ]`,
      'else echo no dpkg; fi',
    ].join('\n'),
    parse: parsePackages,
    change(now) {
      if (!now) {
        throw new Refused(
          `${names.join(', ')} cannot be managed: this host has no dpkg`,
          'only Debian and its derivatives are supported',
        );
      }
      const wrong = wanted.filter((item) => !isRight(item, now.get(item.name), options));
      if (wrong.length === 0) return undefined;
      return {
        before: wrong.map((item) => `${item.name} ${show(now.get(item.name), options)}\n`).join(''),
        after: wrong.map((item) => `${item.name} ${showWanted(item, ensure)}\n`).join(''),
        steps: [
          {
            ...(ensure === 'present' ? installStep(wrong, options) : removeStep(wrong, options)),
            records: wrong.map((item) => recordOf(item, now.get(item.name), ensure)),
          },
        ],
        ...(onChange && { onChange }),
        next: new Map([...now, ...wrong.map((item) => becomes(item, ensure))]),
      };
    },
  };
}

function versioned({
  name,
  version,
}: {
  readonly name: string;
  readonly version?: string;
}): Wanted {
  return { name, version };
}

function parseName(text: string): Wanted {
  const [name = '', version] = text.split('=', 2);
  return { name, version };
}

function parsePackages(output: string): PkgState {
  if (output.trim() === 'no dpkg') return undefined;
  const found = new Map<string, Installed>();
  for (const line of output.split('\n')) {
    const [name, , , status, version = '', architecture] = line.split(' ');
    if (!name || !status) continue;
    if (architecture) found.set(`${name}:${architecture}`, { status, version });
    if (found.get(name)?.status !== 'installed') found.set(name, { status, version });
  }
  return found;
}

function isRight(
  { version }: Wanted,
  now: Installed | undefined,
  { ensure = 'present', purge }: PkgOptions,
): boolean {
  if (ensure === 'absent') return isGone(now) && !(purge && now?.status === 'config-files');
  return (
    now?.status === 'installed' && (version === undefined || fitsVersion(version, now.version))
  );
}

function fitsVersion(wanted: string, version: string): boolean {
  const parts = wanted.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return wanted === version || new RegExp(`^${parts.join('.*')}$`).test(version);
}

function isGone(now: Installed | undefined): boolean {
  return now === undefined || ['not-installed', 'config-files'].includes(now.status);
}

/** Without a version, `is` is whatever apt chooses. */
function recordOf(
  { name, version }: Wanted,
  now: Installed | undefined,
  ensure: 'present' | 'absent',
): Recorded {
  const was = now && !isGone(now) ? { ...now } : null;
  const is = ensure === 'present' ? { status: 'installed', ...(version && { version }) } : null;
  return { kind: 'package', name, was, is };
}

function show(now: Installed | undefined, { purge }: PkgOptions): string {
  if (purge && now?.status === 'config-files') return `${now.version} (config-files)`;
  if (!now || isGone(now)) return 'not installed';
  return now.status === 'installed' ? now.version : `${now.version} (${now.status})`;
}

function showWanted({ version }: Wanted, ensure: 'present' | 'absent'): string {
  return ensure === 'absent' ? 'not installed' : (version ?? 'installed');
}

function becomes({ name, version }: Wanted, ensure: 'present' | 'absent'): [string, Installed] {
  const status = ensure === 'present' ? 'installed' : 'not-installed';
  return [name, { status, version: version ?? '' }];
}

function installStep(wanted: readonly Wanted[], options: PkgOptions): Step {
  const { recommends, release, listsWithin } = options;
  const words = wanted.map(({ name, version }) =>
    version === undefined ? name : `${name}=${version}`,
  );
  const flags = [
    ...(recommends === 'host'
      ? []
      : [recommends ? '--install-recommends' : '--no-install-recommends']),
    ...(release === undefined ? [] : ['--target-release', release]),
    ...(wanted.some(({ version }) => version !== undefined) ? ['--allow-downgrades'] : []),
  ];
  const install = sh`apt install ${flags} -- ${words}`;
  return {
    title: `install ${words.join(' ')}`,
    script: [
      PREPARE_APT,
      UPDATE_LISTS,
      `if ${listsWithin === undefined ? LISTS_ARE_FRESH : listsReadWithin(listsWithin)}; then`,
      `  ${install} && exit 0`,
      'fi',
      `update_lists && ${install} || exit 1`,
    ].join('\n'),
  };
}

function removeStep(wanted: readonly Wanted[], { purge, autoremove }: PkgOptions): Step {
  const names = wanted.map(({ name }) => name);
  const verb = purge ? 'purge' : 'remove';
  const flags = autoremove ? ['--auto-remove'] : [];
  return {
    title: `${verb} ${names.join(' ')}`,
    script: [PREPARE_APT, sh`apt ${verb} ${flags} -- ${names} || exit 1`].join('\n'),
  };
}

const OPTIONS = ['-y', '-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120']
  .concat(['-o', 'Dpkg::Options::=--force-confold'])
  .map(quote)
  .join(' ');

/** Shell that prepares a step that calls `apt`: a function that never asks, and waits for dpkg's lock. */
export const PREPARE_APT = [
  'export DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none NEEDRESTART_SUSPEND=1',
  `apt() { apt-get ${OPTIONS} "$@"; }`,
  'if [ -n "$(ls -A /var/lib/dpkg/updates 2>/dev/null)" ]; then',
  '  dpkg --force-confold --configure -a || exit 1',
  'fi',
].join('\n');
