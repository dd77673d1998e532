import { type Change, Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import { type AbsentState, absent } from './absent.ts';
import {
  describe,
  enterFolderOf,
  type FoundPath,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireSafeWay,
  wayOf,
} from './path_state.ts';

/** What stands at a path; of a folder with something in it, what that is. */
export type FolderGoneState = AbsentState & { readonly contents?: FolderContents };

/** What is in a folder, as far as the plan shows it. */
export interface FolderContents {
  /** Names below the folder, the first of them. */
  readonly names: readonly string[];
  readonly count: number;
  readonly kilobytes: number;
  /** Tells another list of names from this one. */
  readonly digest: string;
  /** File systems that are mounted in it or below. */
  readonly mounts: readonly string[];
}

const MOST_SHOWN = 100;

/** What is larger is removed without being kept. */
const MOST_KEPT_KILOBYTES = 10 * 1024;

const LIST = 'find . -mindepth 1 | LC_ALL=C sort';

/**
 * No file, symbolic link or folder at a path, and of a folder nothing that is in it.
 *
 * What is in it is part of the plan: a folder in which other names have come since then is not removed. What is
 * small enough is kept in the backup of the run.
 */
export function folderGone({ path }: { readonly path: string }): Resource<FolderGoneState> {
  const plain = absent({ path });
  return {
    id: plain.id,
    probe: pathProbe(path, 'here', lookInside()),
    parse(output) {
      const [state, rest] = parsePath(output);
      return { ...state, ...contentsIn(rest) };
    },
    change(now) {
      requirePlainPath(path);
      requireSafeWay(path, now);
      const { contents } = now as FolderGoneState;
      if (now.kind !== 'found' || !contents) return plain.change(now);
      const [mount] = contents.mounts;
      if (mount !== undefined) {
        throw new Refused(
          `${path} should be absent but a file system is mounted at ${mount}`,
          'unmount it',
        );
      }
      if (contents.count === 0) return plain.change(now);
      const isKept = contents.kilobytes <= MOST_KEPT_KILOBYTES;
      return {
        before: shown(contents, isKept),
        after: '',
        labels: [describe(now), 'missing'],
        steps: [
          {
            title: `remove ${path} and what is in it`,
            script: removal(path, now, { ...contents, isKept }),
            records: [{ kind: 'directory', name: now.path ?? path, was: recorded(now), is: null }],
          },
        ],
        next: { kind: 'missing', ...wayOf(now) },
      } satisfies Change<FolderGoneState>;
    },
    result: ({ kind }) => ({ path, state: kind === 'missing' ? 'absent' : 'present' }),
  };
}

function lookInside(): string {
  return [
    '  if [ "$lp_type" = directory ]; then',
    `    if lp_pin "$f" && lp_names=$(${LIST}); then`,
    `      lp_sum=$(printf '%s\\n' "$lp_names" | sha256sum)`,
    '      lp_size=$(du -skx . 2>/dev/null)',
    `      lp_count=0; [ -z "$lp_names" ] || lp_count=$(printf '%s\\n' "$lp_names" | wc -l)`,
    `      printf '%s %s %s\\n' "$lp_count" "\${lp_size%%[!0-9]*}" "\${lp_sum%% *}"`,
    '      while read -r lp_device lp_mount lp_more; do',
    `        case $lp_mount in "$f" | "$f"/*) printf '%s\\n' "$lp_mount" ;; esac`,
    '      done </proc/self/mounts',
    `      echo; printf '%s\\n' "$lp_names" | head -n ${MOST_SHOWN}`,
    '    else lp_lost; fi',
    '  fi',
  ].join('\n');
}

function contentsIn(output: string): { readonly contents?: FolderContents } {
  const [, count, kilobytes, digest = '', mounts = '', names = ''] =
    /^(\d+) (\d*) ([0-9a-f]{64})\n((?:.+\n)*)\n([\s\S]*)$/.exec(output) ?? [];
  if (count === undefined) return {};
  return {
    contents: {
      ...{ count: Number(count), kilobytes: Number(kilobytes), digest },
      mounts: mounts.split('\n').filter((line) => line !== ''),
      names: names.split('\n').flatMap((name) => (name === '' ? [] : [name.replace(/^\.\//, '')])),
    },
  };
}

function shown({ names, count, kilobytes }: FolderContents, isKept: boolean): string {
  const more = count > names.length ? [`and ${count - names.length} more`] : [];
  const unkept = isKept ? [] : [`(${Math.round(kilobytes / 1024)} MiB, removed without a backup)`];
  return [...names, ...more, ...unkept].map((line) => `${line}\n`).join('');
}

/** `rm` goes into folders by file descriptor and over no link, so nobody can lead it elsewhere. */
function removal(
  path: string,
  now: FoundPath,
  { digest, isKept }: FolderContents & { readonly isKept: boolean },
): string {
  const changed = sh`lp_changed ${`${path} changed after the plan was made`}`;
  return [
    enterFolderOf(path, now),
    'umask 077',
    `lp_sum=$(cd -P "./$lp_name" && { ${LIST} | sha256sum; })`,
    sh`[ "\${lp_sum%% *}" = ${digest} ] || `.concat(changed),
    ...(isKept
      ? [
          'lp_kept=$lava_play_state/backup/$lava_play_run$f',
          'if [ ! -e "$lp_kept" ] && [ -w "$lava_play_state" ]; then',
          `  mkdir -p "\${lp_kept%/*}" && cp -a "./$lp_name" "$lp_kept" || exit 1`,
          'fi',
        ]
      : []),
    `rm -rf --one-file-system "./$lp_name" && [ ! -e "./$lp_name" ] || ${changed}`,
  ].join('\n');
}
