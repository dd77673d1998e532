import type { Resource } from '../resource.ts';
import { sh } from '../shell.ts';
import {
  describe,
  foundAs,
  hasAttributes,
  isMounted,
  type PathState,
  parsePath,
  pathProbe,
  permit,
  requireOctalMode,
  requireParent,
  requirePlainPath,
  requireType,
} from './path_state.ts';

/** What a folder should be. */
export interface DirectoryOptions {
  readonly path: string;
  /** Octal, `0755` unless told. */
  readonly mode?: string;
  /** A name or a number; root unless told. */
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

/** A folder with the wanted owner and mode. Neither its parents nor what is in it are touched. */
export function directory(options: DirectoryOptions): Resource<DirectoryState> {
  const { path, mode = '0755', owner = 'root', group = 'root', mountPoint } = options;
  const wanted = { mode, owner, group };
  return {
    id: `directory ${path}`,
    probe: mountPoint
      ? `if ${isMounted(path)}; then echo mounted; else\n${pathProbe(path)}\nfi`
      : pathProbe(path),
    parse: (output) => (output.startsWith('mounted') ? { kind: 'mounted' } : parsePath(output)[0]),
    change(now) {
      requirePlainPath(path);
      requireOctalMode(mode);
      if (now.kind === 'mounted') return undefined;
      requireType(path, now, 'directory');
      if (now.kind === 'found' && hasAttributes(now, wanted)) return undefined;
      const make = sh`umask 077\n[ -d ${path} ] || mkdir ${path} || exit 1`;
      const target = now.kind === 'found' ? now.target : undefined;
      return {
        before: '',
        after: '',
        labels: [
          now.kind === 'found' ? describe(now, target) : 'missing',
          describe(wanted, target),
        ],
        steps: [
          now.kind === 'found'
            ? { title: `set owner and mode of ${path}`, script: permit(path, wanted) }
            : {
                title: `make ${path}`,
                script: `${requireParent(path)}\n${make}\n${permit(path, wanted)}`,
              },
        ],
        next: foundAs('directory', wanted, target),
      };
    },
  };
}
