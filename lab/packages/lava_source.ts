import {
  absent,
  command,
  file,
  freshLists,
  LISTS_ARE_FRESH,
  Refused,
  type Resource,
  sh,
  sha256,
  UPDATE_LISTS,
} from '../../engine/sdk.ts';
import type { Programs } from './programs.ts';
import type { LavaSource, Repository } from './schema.ts';
import {
  KEYRINGS,
  repositoryOf,
  SOURCE_FILES,
  type SourceTexts,
  sourceTexts,
} from './source_files.ts';

/** What decides about the source of LAVA's packages on a host. */
interface SourceNeeds {
  readonly source: LavaSource | undefined;
  readonly version: string | undefined;
  readonly programs: Programs;
  /** In words of apt, such as lava-server. */
  readonly name: string;
  /** Whether apt has to install it now. */
  readonly toInstall: 'yes' | 'no';
}

/** What makes apt know the packages of LAVA, and what has to come first where it does not yet. */
export interface SourcePart {
  readonly resources: readonly Resource[];
  readonly lacks?: string;
}

const UNREAD = 'apt has not updated its package lists today';

/** apt knows where LAVA comes from, and which version is wanted. */
export function lavaSource(needs: SourceNeeds): SourcePart {
  const { programs, version, toInstall } = needs;
  const choice = needs.source ?? choiceOf(needs);
  if (choice === 'unknown') {
    return { resources: [freshLists], lacks: UNREAD };
  }
  if (choice === 'as it is' && version === undefined) {
    const { source, pins } = SOURCE_FILES;
    const isLeftOver = programs.files.has(pins) && !programs.files.has(source);
    return { resources: isLeftOver ? [fileOrNone(pins, undefined)] : [] };
  }
  if (choice === 'backports' && programs.mirror === undefined && !programs.isFresh) {
    return { resources: [freshLists], lacks: UNREAD };
  }
  const release = releaseOf(needs, choice);
  const texts = sourceTexts(choice, version, release);
  const repository =
    choice === 'debian' || choice === 'as it is' ? undefined : repositoryOf(choice, release);
  if (choice === 'lavasoftware' && !programs.keyrings.has(KEYRINGS.lavasoftware)) {
    throw new Refused(
      `this host has no ${KEYRINGS.lavasoftware}, which is needed to verify LAVA's packages`,
      "LAVA's documentation on installing on Debian describes how to get it, and its fingerprint; or write lava.source as { uri, suites, key }",
    );
  }
  const files = filesOf(texts, choice);
  const isRead =
    (repository === undefined || programs.hasRead) && (toInstall === 'no' || programs.isFresh);
  if (isAsWanted(texts, choice, programs) && isRead) return { resources: files };
  return {
    resources: [...files, repository ? listsRead(repository) : freshLists],
    lacks: 'apt has not read the package lists of its source yet',
  };
}

/** Of a host of which the inventory does not say it: backports, where it could not install LAVA otherwise. */
function choiceOf({ programs, toInstall }: SourceNeeds): 'backports' | 'as it is' | 'unknown' {
  const { codename, mirror, files, isFresh, offered, installs } = programs;
  if (codename === undefined) return 'as it is';
  const own = files.get(SOURCE_FILES.source);
  if (own !== undefined) {
    const { source = '' } = sourceTexts('backports', undefined, { codename, mirror: mirror ?? '' });
    return own === sha256(source) ? 'backports' : 'as it is';
  }
  if (toInstall === 'no' || (offered.length > 0 && installs !== 'no')) return 'as it is';
  if (!isFresh) return 'unknown';
  return mirror === undefined ? 'as it is' : 'backports';
}

function releaseOf(
  { programs: { codename, mirror }, name }: SourceNeeds,
  choice: LavaSource | 'as it is',
): { readonly codename: string; readonly mirror: string } {
  const isNeeded = choice === 'debian' || choice === 'backports' || choice === 'lavasoftware';
  if (isNeeded && codename === undefined) {
    throw new Refused(
      `/etc/os-release of this host does not name its Debian release, so '${choice}' cannot be resolved for ${name}`,
      'write lava.source as { uri, suites, components, key }',
    );
  }
  if (choice === 'backports' && mirror === undefined) {
    throw new Refused(
      `apt of this host has no source of ${codename} by Debian, beside which its backports would be found`,
      'add one to its sources.list, or write lava.source as { uri, suites, components, key }',
    );
  }
  return { codename: codename ?? '', mirror: mirror ?? '' };
}

function filesOf(
  { source, pins }: SourceTexts,
  choice: LavaSource | 'as it is',
): readonly Resource[] {
  const { source: sourcePath, pins: pinsPath } = SOURCE_FILES;
  return [
    ...(choice === 'as it is' ? [] : [fileOrNone(sourcePath, source)]),
    fileOrNone(pinsPath, pins),
  ];
}

function fileOrNone(path: string, content: string | undefined): Resource {
  return content === undefined
    ? (absent({ path }) as Resource)
    : (file({ path, content }) as Resource);
}

function isAsWanted(
  { source, pins }: SourceTexts,
  choice: LavaSource | 'as it is',
  { files }: Programs,
): boolean {
  const is = (path: string, text: string | undefined): boolean =>
    files.get(path) === (text === undefined ? undefined : sha256(text));
  return (choice === 'as it is' || is(SOURCE_FILES.source, source)) && is(SOURCE_FILES.pins, pins);
}

/**
 * Lists of a repository that apt has read and trusts.
 *
 * apt-get ends with 0 when it goes on with older lists, also where a key does not fit (apt 2.6), so its words count too.
 */
function listsRead({ uri, suites }: Repository): Resource {
  const path = SOURCE_FILES.source;
  const place = `${uri} ${suites.join(' ')}`;
  const hasRead = sh`apt-get indextargets --format '$(SOURCESENTRY) |$(FILENAME)' 'Created-By: Packages' 2>/dev/null |
  while IFS= read -r line; do
    case $line in ${path}:*) if [ -e "\${line##*|}" ]; then echo yes; fi ;; esac
  done | grep -q yes`;
  return command({
    name: `read the lists of ${uri}`,
    unless: `${LISTS_ARE_FRESH} && ${hasRead}`,
    run: [
      UPDATE_LISTS,
      'said=',
      'update_lists >/dev/null || failed=yes',
      sh`case $(printf '%s\n' "$said" | grep -F ${uri.replace(/\/$/, '')}) in`,
      `*NO_PUBKEY*|*EXPKEYSIG*|*REVKEYSIG*|*BADSIG*|*'Missing key'*)`,
      sh`  printf '%s\n' "$said"`,
      sh`  echo ${`the key given for ${place} does not sign it, or is no longer valid: apt trusts nothing there`}`,
      '  exit 1 ;;',
      'esac',
      `if [ "\${failed:-}" = yes ] || ! ${hasRead}; then`,
      sh`  printf '%s\\n' "$said"`,
      sh`  echo ${`apt has no package list of ${place}`}`,
      '  exit 1',
      'fi',
    ].join('\n'),
    display: 'apt-get update',
  }) as Resource;
}
