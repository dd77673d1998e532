import { type Fact, type LabFact, LISTS_ARE_FRESH, sh } from '../../engine/sdk.ts';
import { KEYRINGS, SOURCE_FILES } from './source_files.ts';

/** Which LAVA a host has, and which it could have. */
export interface Programs {
  /** The version that the installed programs say of themselves, and by which the master judges a worker. */
  readonly version: string | undefined;
  /** Versions of the package that apt offers, the one it would take first, as dpkg writes them: `2023.01-2`. */
  readonly offered: readonly string[];
  /** By version, from where apt would take it: `http://mirror.example.org/debian bookworm/main`. */
  readonly places: ReadonlyMap<string, string>;
  /** Where apt would read lists from that are not fresh, without the file's name: `http://mirror.example.org/debian/dists/bookworm`. */
  readonly sources: readonly string[];
  /** The version of the package that is there, as dpkg writes it. */
  readonly has: string | undefined;
  /** Whether the package itself is there: a master has the programs of a worker but for that. */
  readonly isInstalled: boolean;
  /** Whether apt has read its lists within a day, and since a source was added. */
  readonly isFresh: boolean;
  /** Whether apt would install the package as things are; unknown where it is there, or not offered. */
  readonly installs: 'yes' | 'no' | 'unknown';
  /** By version, the packages that it wants of exactly its own version. */
  readonly companions: ReadonlyMap<string, readonly string[]>;
  /** Of os-release(5): `trixie`. */
  readonly codename: string | undefined;
  /** Where the host's own release comes from. */
  readonly mirror: string | undefined;
  /** Hashes of our own files for apt, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Whether apt has read all lists of our own source. */
  readonly hasRead: boolean;
  /** Keyrings that are there, of those that a word for a source means. */
  readonly keyrings: ReadonlySet<string>;
}

/** The dispatcher of this host. */
export const dispatcherPrograms: Fact<Programs> = {
  probe: programsProbe('lava-dispatcher'),
  parse: parsePrograms,
};

/** The server of this host. */
export const ownServerPrograms: Fact<Programs> = {
  probe: programsProbe('lava-server'),
  parse: parsePrograms,
};

/** The server of the master. */
export const serverPrograms: LabFact<Programs> = { of: 'master', ...ownServerPrograms };

/** `2023.01-2+deb12u1` and `1:2023.01+11+bookworm` are both made of LAVA `2023.01`. */
export function upstreamOf(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/[+~].*$/, '');
}

/** Whether a host has a version that is meant, of LAVA or of its packages. */
export function isAt(wanted: string, { version, has }: Programs): boolean {
  return isOfPackages(wanted) ? wanted === has : wanted === version;
}

/** The version of the packages that is meant, if apt offers it; what it would take itself comes first. */
export function offeredAs(wanted: string, { offered }: Programs): string | undefined {
  return offered.find((each) => (isOfPackages(wanted) ? each : upstreamOf(each)) === wanted);
}

/** Words for apt by which it takes a package in this version, with all that has to be in the same. */
export function inVersion(
  name: string,
  version: string,
  { offered, companions }: Programs,
): readonly string[] {
  const others = version === offered[0] ? [] : (companions.get(version) ?? []);
  return [name, ...others].map((each) => `${each}=${version}`);
}

/** Whether one LAVA is older than another: `2023.01` than `2026.10`. */
export function isOlder(one: string, other: string): boolean {
  const parts = (text: string): readonly number[] => upstreamOf(text).split('.').map(Number);
  const [a, b] = [parts(one), parts(other)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at === -1 ? a.length < b.length : (a[at] ?? 0) < (b[at] ?? 0);
}

/** `2026.10-2~bpo13+1` is a version of packages, `2026.10` one of LAVA. */
function isOfPackages(version: string): boolean {
  return /[-:+~]/.test(version);
}

/** What runs here, else what would be installed: the wanted one if there is any. */
export function versionOf(
  { version, offered: [newest] }: Programs,
  wanted?: string,
): string | undefined {
  const next = wanted ?? newest;
  return version ?? (next === undefined ? undefined : upstreamOf(next));
}

/**
 * `lava-worker` sends the text of lava-common's file VERSION with each ping, and the master compares it with that
 * of its own (lava_common/version.py, lava_scheduler_app/views.py, 2023.01).
 *
 * apt is asked to try an installation only where the package is not there, as that takes it a second.
 */
function programsProbe(name: string): string {
  const { source, pins } = SOURCE_FILES;
  return [
    'v=/usr/lib/python3/dist-packages/lava_common/VERSION',
    `if [ -r "$v" ]; then printf 'version %s\\n' "$(cat "$v")"; fi`,
    sh`there=$(dpkg-query --show --showformat='\${Status}\\n' ${name} 2>/dev/null | grep -x 'install ok installed')`,
    'echo "$there"',
    sh`if [ -n "$there" ]; then dpkg-query --show --showformat='has \${Version}\\n' ${name}; fi`,
    sh`apt-cache policy ${name} 2>/dev/null | sed -n 's/^  Candidate: \\([^(].*\\)/offered \\1/p'`,
    sh`apt-cache madison ${name} 2>/dev/null | sed -n 's/^ *[^ |]* *| *\\([^ |]*\\) *| *\\(.*\\) [^ ]* Packages$/offered \\1 \\2/p'`,
    sh`apt-cache show ${name} 2>/dev/null | sed -n 's/^Version: /of /p; s/^Depends: /needs /p'`,
    `if ${LISTS_ARE_FRESH}; then echo fresh`,
    `else apt-get update --print-uris 2>/dev/null | sed -n "s#^'\\([^']*\\)/\\(In\\)\\{0,1\\}Release' .*#source \\1#p"; fi`,
    `sed -n 's/^VERSION_CODENAME="\\{0,1\\}\\([a-z]*\\).*/codename \\1/p' /etc/os-release 2>/dev/null`,
    sh`for f in ${[source, pins]}; do`,
    `  if [ -f "$f" ]; then printf 'file %s\\n' "$(sha256sum "$f")"; fi`,
    'done',
    sh`for f in ${Object.values(KEYRINGS)}; do if [ -f "$f" ]; then echo "keyring $f"; fi; done`,
    `apt-get indextargets --format 'list $(SOURCESENTRY) $(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(FILENAME)' 'Created-By: Packages' 2>/dev/null | while IFS= read -r line; do`,
    `  if [ -e "\${line##*|}" ]; then printf '%s\\n' "$line"; fi`,
    'done',
    sh`if [ -z "$there" ] && apt-cache show ${name} >/dev/null 2>&1; then`,
    sh`  if apt-get -s --no-install-recommends install ${name} >/dev/null 2>&1; then echo installs yes; else echo installs no; fi`,
    'fi',
    ':',
  ].join('\n');
}

function parsePrograms(output: string): Programs {
  const lines = output.split('\n');
  const after = (word: string): readonly string[] =>
    lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const [codename] = after('codename');
  const lists = after('list').map((line) => {
    const [from = '', named = '', uri = ''] = line.split('|');
    const [, path = '', origin = ''] = /^(\S+):\d+ (.*)$/.exec(from) ?? [];
    return { path, origin, named, uri };
  });
  const [installs] = after('installs');
  const offers = after('offered').map((line) => {
    const [version = '', ...place] = line.split(' ');
    return { version, place: place.join(' ') };
  });
  return {
    version: after('version')[0],
    offered: [...new Set(offers.map(({ version }) => version))],
    places: new Map(
      offers.flatMap(({ version, place }) => (place === '' ? [] : [[version, place]])),
    ),
    sources: after('source'),
    has: after('has')[0],
    isInstalled: lines.includes('install ok installed'),
    isFresh: lines.includes('fresh'),
    installs: installs === 'yes' || installs === 'no' ? installs : 'unknown',
    companions: companionsIn(lines),
    codename,
    mirror: lists.find(({ origin, named }) => origin === 'Debian' && named === codename)?.uri,
    files: new Map(
      after('file').flatMap((line) => {
        const [, sum = '', path = ''] = /^(\w{64}) [ *](.+)$/.exec(line) ?? [];
        return path === '' ? [] : [[path, sum] as const];
      }),
    ),
    hasRead: lists.some(({ path }) => path === SOURCE_FILES.source),
    keyrings: new Set(after('keyring')),
  };
}

/** `needs lava-common (= 2023.01-2), tar (>= 1.27)`, each after `of VERSION`. */
function companionsIn(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  let version = '';
  for (const line of lines) {
    if (line.startsWith('of ')) version = line.slice(3);
    if (!line.startsWith('needs ')) continue;
    const own = line
      .slice(6)
      .split(/, */)
      .flatMap((each) => {
        const [, name = '', exact] = /^([a-z0-9+.-]+) \(= ([^)]+)\)$/.exec(each) ?? [];
        return exact === version ? [name] : [];
      });
    found.set(version, own);
  }
  return found;
}
