import { type Handler, Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import {
  describe,
  enterFolderOf,
  type FoundPath,
  foundAs,
  type PathState,
  type PhysicalPath,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireSafeWay,
  wayOf,
} from './path_state.ts';
import { keepPrevious } from './write_file.ts';

/** What a symbolic link should be. */
export interface SymlinkOptions {
  readonly path: string;
  /** Where it leads, exactly as it should be stored; it need not exist. */
  readonly target: string;
  /** `kept file` lets the link take the place of a regular file, which is kept in the backup of the run. */
  readonly replaces?: 'kept file' | undefined;
  readonly onChange?: readonly Handler[];
}

/** A symbolic link; another link in its place is replaced at once, anything else is refused. */
export function symlink({ path, target, replaces, onChange }: SymlinkOptions): Resource<PathState> {
  return {
    id: `symlink ${path}`,
    probe: pathProbe(path, 'here'),
    parse: (output) => parsePath(output)[0],
    change(now) {
      requirePlainPath(path);
      requireSafeWay(path, now);
      const found = now.kind === 'found' ? now : undefined;
      const old = found?.type === 'regular file' && replaces ? found : undefined;
      const link = old ? undefined : found;
      if (link && link.type !== 'symbolic link') {
        throw new Refused(
          `${path} should be a symbolic link but is a ${link.type}`,
          'move it away first',
        );
      }
      if (link?.target === target) return undefined;
      return {
        before: link ? `-> ${link.target}\n` : '',
        after: `-> ${target}\n`,
        labels: [old ? describe(old) : link ? 'symbolic link' : 'missing', 'symbolic link'],
        steps: [
          {
            title: `link ${path} to ${target}`,
            script: step(path, now, { target, old }),
            records: [
              {
                kind: 'link',
                name: wayOf(now).path ?? path,
                was: link ? { target: link.target } : recorded(now),
                is: { target },
              },
            ],
          },
        ],
        ...(onChange && { onChange }),
        next: { ...foundAs('symbolic link', OPEN, { kind: 'missing', ...wayOf(now) }), target },
      };
    },
    result: (now) => ({
      path,
      dest: path,
      src: target,
      state: now.kind === 'found' ? 'link' : 'absent',
    }),
  };
}

/** A link has no mode of its own, and its owner means nothing (symlink(7)). */
const OPEN = { mode: '777', owner: 'root', group: 'root' };

function step(
  path: string,
  now: PhysicalPath,
  { target, old }: { readonly target: string; readonly old: FoundPath | undefined },
): string {
  return [
    enterFolderOf(path, now),
    ...(old
      ? [
          `[ ! -f "./$lp_name" ] || [ -L "./$lp_name" ] || (umask 077; ${keepPrevious('"./$lp_name"', old)}) || exit 1`,
        ]
      : []),
    'lp_scratch',
    sh`ln -s -- ${target} "./$lp_name" || exit 1`,
    `if [ -e "../$lp_name" ] && [ ! -L "../$lp_name" ]${old ? ' && [ ! -f "../$lp_name" ]' : ''}; then`,
    sh`  lp_changed ${`${path} is no longer a symbolic link`}`,
    'fi',
    'lp_place',
  ].join('\n');
}
