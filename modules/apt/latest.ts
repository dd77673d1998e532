import { PREPARE_APT, type Resource, sh, UPDATE_LISTS } from '../../engine/sdk.ts';

/** The version that is installed, and the one that apt would install; empty where there is none. */
interface Versions {
  readonly installed: string;
  readonly candidate: string;
}

/** How packages are brought to the newest version. */
export interface LatestOptions {
  readonly names: readonly string[];
  /** Flags of `apt-get install`. */
  readonly flags: readonly string[];
}

/** Packages in the newest version that the lists of apt on the host offer; a package that they do not know fails as it is installed. */
export function latestPackages({
  names,
  flags,
}: LatestOptions): Resource<ReadonlyMap<string, Versions>> {
  return {
    id: `latest ${names.join(' ')}`,
    probe: sh`apt-cache policy -- ${names}`,
    parse: parsePolicy,
    change(now) {
      const old = names.filter((name) => !isLatest(now.get(name)));
      if (old.length === 0) return undefined;
      return {
        before: old
          .map((name) => `${name} ${now.get(name)?.installed || 'not installed'}\n`)
          .join(''),
        after: old.map((name) => `${name} ${now.get(name)?.candidate || 'newest'}\n`).join(''),
        steps: [
          {
            title: `install ${old.join(' ')}`,
            script: [
              PREPARE_APT,
              UPDATE_LISTS,
              sh`apt install ${flags} -- ${old} || { update_lists && apt install ${flags} -- ${old}; }`,
            ].join('\n'),
            records: old.map((name) => {
              const { installed = '', candidate = '' } = now.get(name) ?? {};
              const state = (version: string) => ({ status: 'installed', version });
              return {
                ...{ kind: 'package' as const, name },
                ...{ was: installed ? state(installed) : null, is: state(candidate) },
              };
            }),
          },
        ],
        next: new Map([...now, ...old.map((name) => [name, upToDate(now.get(name))] as const)]),
      };
    },
  };
}

function upToDate(versions: Versions | undefined): Versions {
  const candidate = versions?.candidate || 'newest';
  return { installed: candidate, candidate };
}

function isLatest(versions: Versions | undefined): boolean {
  return (
    versions !== undefined && versions.installed !== '' && versions.installed === versions.candidate
  );
}

/** The output of `apt-cache policy` (apt 2.6): a name with a colon, then its versions, indented. */
function parsePolicy(output: string): ReadonlyMap<string, Versions> {
  const known = new Map<string, Versions>();
  for (const block of output.split(/^(?=\S)/m)) {
    const name = /^(\S+):$/m.exec(block)?.[1];
    const version = (key: string): string => {
      const found = new RegExp(`^  ${key}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      return found === '(none)' ? '' : found;
    };
    if (name) known.set(name, { installed: version('Installed'), candidate: version('Candidate') });
  }
  return known;
}
