import type { Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import {
  type Attributes,
  describe,
  enterFolderOf,
  type FoundPath,
  foundAs,
  hasAttributes,
  isMounted,
  type MissingPath,
  type PathState,
  parsePath,
  pathProbe,
  recorded,
  requireOctalMode,
  requirePlainPath,
  requireType,
} from './path_state.ts';

/** What a folder should be. */
export interface DirectoryOptions {
  readonly path: string;
  /** Octal, `0755` unless set. */
  readonly mode?: string;
  /** A name or a number; root unless set. */
  readonly owner?: string;
  readonly group?: string;
  /**
   * The folder is there to be mounted over. While something is mounted it is left alone and not even
   * looked at, because owner and mode are then the other file system's, and a dead mount would hang.
   */
  readonly mountPoint?: true;
}

/** A folder as it was found; `mounted` hides what is underneath. */
export type DirectoryState = PathState | { readonly kind: 'mounted' };

/**
 * A folder with the wanted owner and mode. Neither its parents nor what is in it are touched.
 *
 * A symbolic link is followed as by `file`.
 */
export function directory(options: DirectoryOptions): Resource<DirectoryState> {
  const { path, mode = '0755', owner = 'root', group = 'root', mountPoint } = options;
  const wanted = { mode, owner, group };
  return {
    id: `directory ${path}`,
    probe: mountPoint
      ? `if ${isMounted(path)}; then echo mounted; else\n${pathProbe(path, 'follow')}\nfi`
      : pathProbe(path, 'follow'),
    parse: (output) => (output.startsWith('mounted') ? { kind: 'mounted' } : parsePath(output)[0]),
    change(now) {
      requirePlainPath(path);
      requireOctalMode(mode);
      if (now.kind === 'mounted') return undefined;
      requireType(path, now, 'directory');
      if (now.kind === 'found' && hasAttributes(now, wanted)) return undefined;
      const target = now.kind === 'found' ? now.target : undefined;
      return {
        before: '',
        after: '',
        labels: [
          now.kind === 'found' ? describe(now, target) : 'missing',
          describe(wanted, target),
        ],
        steps: [
          {
            title: now.kind === 'found' ? `set owner and mode of ${path}` : `make ${path}`,
            script: step(path, now, wanted),
            records: [
              {
                kind: 'directory',
                name: now.path ?? path,
                was: recorded(now),
                is: recorded(wanted),
              },
            ],
          },
        ],
        next: foundAs('directory', wanted, now),
      };
    },
  };
}

/**
 * A folder is made beside its place, as files are, so that it never stands there with another owner or mode. One that
 * is there is entered first, so that no other can be put in its place in between.
 */
function step(path: string, now: MissingPath | FoundPath, wanted: Attributes): string {
  const enter = enterFolderOf(path, now);
  if (now.kind === 'found') return [enter, settle(now.id ?? '-', wanted)].join('\n');
  return [
    enter,
    'if [ $lp_open = no ] && [ -d "./$lp_name" ]; then',
    settle('-', wanted),
    'else',
    make(path, wanted),
    'fi',
  ].join('\n');
}

function settle(id: string, { mode, owner, group }: Attributes): string {
  return sh`lp_enter_folder ${id}`.concat(
    '\n',
    sh`chown ${`${owner}:${group}`} . && chmod ${mode} .`,
  );
}

function make(path: string, { mode, owner, group }: Attributes): string {
  return [
    'lp_scratch',
    'mkdir "./$lp_name" &&',
    sh`  chown ${`${owner}:${group}`} "./$lp_name" && chmod ${mode} "./$lp_name" || exit 1`,
    sh`lp_is_planned - || lp_changed ${`${path} was made after the plan`}`,
    'lp_place',
  ].join('\n');
}
