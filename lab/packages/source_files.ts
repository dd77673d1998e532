import { header } from '../../engine/sdk.ts';
import type { LavaSource, Repository } from './schema.ts';

/** Where apt finds what is said of LAVA. */
export const SOURCE_FILES = {
  source: '/etc/apt/sources.list.d/lava-play.sources',
  pins: '/etc/apt/preferences.d/lava-play.pref',
} as const;

/** Keyrings that come with Debian, or that LAVA's documents have people make (installing_on_debian.rst, 2026.08). */
export const KEYRINGS = {
  debian: '/usr/share/keyrings/debian-archive-keyring.gpg',
  lavasoftware: '/usr/share/keyrings/lavasoftware.gpg',
} as const;

/** What is known of a host's own Debian. */
export interface Release {
  /** As in os-release(5): `bookworm`. */
  readonly codename: string;
  /** Where the host has it from. */
  readonly mirror: string;
}

/** The texts of both files; one that is not needed is undefined. */
export interface SourceTexts {
  readonly source: string | undefined;
  readonly pins: string | undefined;
}

/**
 * What makes apt take LAVA from there.
 *
 * Backports are at 100, below the release, so what LAVA needs of them is lifted too: 2026.10 wants a Django that
 * trixie has not (debian/control, 2026.10-2).
 */
export function sourceTexts(
  source: LavaSource | 'as it is',
  version: string | undefined,
  release: Release,
): SourceTexts {
  const pinned =
    version === undefined ? [] : [pin(LAVA, `version ${versionPattern(version)}`, 990)];
  if (source === 'as it is') return textsOf(undefined, pinned);
  if (source === 'debian') {
    return textsOf(undefined, [...pinned, pin(LAVA, `release n=${release.codename}`, 500)]);
  }
  const repository = repositoryOf(source, release);
  if (source === 'backports') {
    const [suite] = repository.suites;
    return textsOf(repository, [
      ...pinned,
      pin(`${LAVA} python3-django`, `release n=${suite}`, 500),
    ]);
  }
  return textsOf(repository, [...pinned, pin(LAVA, originOf(repository), 500)]);
}

/** The repository that a word stands for. */
export function repositoryOf(source: Exclude<LavaSource, 'debian'>, release: Release): Repository {
  if (source === 'backports') {
    return {
      uri: release.mirror,
      suites: [`${release.codename}-backports`],
      key: KEYRINGS.debian,
    };
  }
  if (source === 'lavasoftware') {
    return {
      uri: 'https://apt.lavasoftware.org/release',
      suites: [release.codename],
      key: KEYRINGS.lavasoftware,
    };
  }
  return source;
}

/** All binary packages of LAVA's source package (apt_preferences(5), apt 2.6). */
const LAVA = 'src:lava';

function textsOf(repository: Repository | undefined, pins: readonly string[]): SourceTexts {
  return {
    source: repository && deb822(repository),
    pins:
      pins.length === 0 ? undefined : `${header({ from: 'the inventory' })}\n\n${pins.join('\n')}`,
  };
}

/** sources.list(5): a text in a field goes on in lines that begin with a blank, an empty one is a dot. */
function deb822({ uri, suites, components = ['main'], key }: Repository): string {
  const signedBy = key.startsWith('/')
    ? ` ${key}`
    : key
        .trim()
        .split(/\r?\n/)
        .map((line) => `\n ${line.trim() === '' ? '.' : line.trimEnd()}`)
        .join('');
  const flat = suites.every((suite) => suite.endsWith('/'));
  return [
    header({ from: 'the inventory' }),
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suites.join(' ')}`,
    ...(flat ? [] : [`Components: ${components.join(' ')}`]),
    `Signed-By:${signedBy}`,
    '',
  ].join('\n');
}

function pin(packages: string, what: string, priority: number): string {
  return `Package: ${packages}\nPin: ${what}\nPin-Priority: ${priority}\n`;
}

/** A host's name, and nothing for a folder (apt_preferences(5)). */
function originOf({ uri }: Repository): string {
  return `origin "${/^https?:/.test(uri) ? new URL(uri).hostname : ''}"`;
}

/** A version of the packages as it is, one of LAVA with all revisions of its packages. */
function versionPattern(version: string): string {
  if (/[-:+~]/.test(version)) return version;
  return `/^([0-9]+:)?${version.replaceAll('.', '\\.')}([-+~].*)?$/`;
}
