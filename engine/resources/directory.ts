import type { Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import type { Fields } from '../values/values.ts';
import {
  attributesFor,
  MAKER_PROBE,
  type Maker,
  makerIn,
  type WantedAttributes,
} from './attributes.ts';
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
  requirePlainPath,
  requireType,
} from './path_state.ts';

/** What a folder should be. */
export interface DirectoryOptions extends WantedAttributes {
  readonly path: string;
  /** Octal or symbolic, `0755` unless set. */
  readonly mode?: string | undefined;
  /** A name or a number; root unless set. */
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  /** `as it is` keeps the owner, group and mode of a folder that is there, where they are not given. */
  readonly unset?: 'as it is';
  /** `made once` leaves a folder that is there as it is. */
  readonly lasts?: 'made once';
  /**
   * The folder is there to be mounted over. While something is mounted it is left alone and not even
   * looked at, because owner and mode are then the other file system's, and a dead mount would hang.
   */
  readonly mountPoint?: true;
}

/** A folder as it was found; `mounted` hides what is underneath. */
export type DirectoryState =
  | (PathState & { readonly maker?: Maker })
  | { readonly kind: 'mounted' };

/**
 * A folder with the wanted owner and mode. Neither its parents nor what is in it are touched.
 *
 * A symbolic link is followed as by `file`.
 */
export function directory(options: DirectoryOptions): Resource<DirectoryState> {
  const { path, mountPoint } = options;
  const probe = [pathProbe(path, 'follow'), ...(options.unset ? [MAKER_PROBE] : [])].join('\n');
  return {
    id: `directory ${path}`,
    probe: mountPoint ? `if ${isMounted(path)}; then echo mounted; else\n${probe}\nfi` : probe,
    parse(output) {
      if (output.startsWith('mounted')) return { kind: 'mounted' };
      const [state, rest] = parsePath(output);
      const isNew = state.kind === 'missing' && options.unset;
      return isNew ? { ...state, maker: makerIn(rest) } : state;
    },
    change(now) {
      requirePlainPath(path);
      if (now.kind === 'mounted') return undefined;
      requireType(path, now, 'directory');
      if (now.kind === 'found' && options.lasts === 'made once') return undefined;
      const maker = now.kind === 'missing' ? now.maker : undefined;
      const wanted = attributesFor(options, now, { usual: '0755', type: 'directory', maker });
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
    result: (now) => resultOf(path, now),
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

function settle(id: string, wanted: Attributes): string {
  return sh`lp_enter_folder ${id}`.concat('\n', own('.', wanted));
}

/** With fewer than five digits, chmod of coreutils leaves set-user-ID and set-group-ID of folders as they are. */
function own(folder: '.' | '"./$lp_name"', { mode, owner, group }: Attributes): string {
  const chown = sh`chown ${`${owner}:${group}`}`;
  return `${chown} ${folder} && ${sh`chmod ${mode.padStart(5, '0')}`} ${folder}`;
}

function make(path: string, wanted: Attributes): string {
  return [
    'lp_scratch',
    'mkdir "./$lp_name" &&',
    `  ${own('"./$lp_name"', wanted)} || exit 1`,
    sh`lp_is_planned - || lp_changed ${`${path} was made after the plan`}`,
    'lp_place',
  ].join('\n');
}

/** What Ansible's `file` returns of a folder. */
function resultOf(path: string, now: DirectoryState): Fields {
  if (now.kind !== 'found') return { path, state: 'absent' };
  const { mode, owner, group, uid, gid } = now;
  return {
    ...{ path, state: 'directory', mode: mode.padStart(4, '0'), owner, group },
    ...{ uid: Number(uid), gid: Number(gid) },
  };
}
