import { type Handler, Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import {
  describe,
  enterFolderOf,
  type FoundPath,
  isMounted,
  type PathState,
  parsePath,
  pathProbe,
  recorded,
  requirePlainPath,
  requireSafeWay,
  wayOf,
} from './path_state.ts';
import { keepPrevious } from './write_file.ts';

/** What should not be there. */
export interface AbsentOptions {
  readonly path: string;
  readonly onChange?: readonly Handler[];
}

/** What stands at the path, no link followed at its end; of a folder, some of what is in it, or `/mounted`. */
export type AbsentState = PathState & { readonly inside?: string };

/** No file, symbolic link or folder at a path. A folder goes only when it is empty and nothing is mounted there. */
export function absent({ path, onChange }: AbsentOptions): Resource<AbsentState> {
  return {
    id: `absent ${path}`,
    probe: pathProbe(path, 'here', lookInside(path)),
    parse(output) {
      const [state, rest] = parsePath(output);
      const inside = rest.trimEnd().replaceAll('\n', ', ');
      return { ...state, ...(inside && { inside }) };
    },
    change(now) {
      requirePlainPath(path);
      requireSafeWay(path, now);
      if (now.kind !== 'found') return undefined;
      requireRemovable(path, now);
      return {
        before: '',
        after: '',
        labels: [isLink(now) ? `-> ${now.target}` : describe(now), 'missing'],
        steps: [
          {
            title: `remove ${path}`,
            script: removal(path, now),
            records: [
              {
                kind: isLink(now) ? 'link' : now.type === 'directory' ? 'directory' : 'file',
                name: now.path ?? path,
                was: isLink(now) ? { target: now.target } : recorded(now),
                is: null,
              },
            ],
          },
        ],
        ...(onChange && { onChange }),
        next: { kind: 'missing', ...wayOf(now) },
      };
    },
  };
}

function lookInside(path: string): string {
  return [
    '  if [ "$lp_type" = directory ]; then',
    `    if ${isMounted(path)}; then echo /mounted; else`,
    '      if entries=$(lp_pin "$f" && ls -A); then',
    `        printf '%s\\n' "$entries" | head -n 3`,
    '      else lp_lost; fi',
    '    fi',
    '  fi',
  ].join('\n');
}

function isLink({ type }: FoundPath): boolean {
  return type === 'symbolic link';
}

function requireRemovable(path: string, now: FoundPath & { readonly inside?: string }): void {
  if (isLink(now) || now.type === 'regular file') return;
  if (now.type !== 'directory') {
    throw new Refused(`${path} should be absent but is a ${now.type}, which is not removed`);
  }
  if (now.inside === '/mounted') {
    throw new Refused(`${path} should be absent but a file system is mounted there`, 'unmount it');
  }
  if (now.inside) {
    throw new Refused(
      `${path} should be absent but is a folder that is not empty: ${now.inside}`,
      'remove what is in it first',
    );
  }
}

function removal(path: string, now: FoundPath): string {
  const enter = enterFolderOf(path, now);
  const orChanged = sh`|| lp_changed ${`${path} changed after the plan was made`}`;
  if (now.type === 'directory') return `${enter}\nrmdir "./$lp_name" ${orChanged}`;
  if (isLink(now)) return `${enter}\nrm -f "./$lp_name" ${orChanged}`;
  return [
    enter,
    'umask 077',
    `[ -f "./$lp_name" ] && [ ! -L "./$lp_name" ] ${orChanged}`,
    `${keepPrevious('"./$lp_name"', now)} || exit 1`,
    `rm -f "./$lp_name" ${orChanged}`,
  ].join('\n');
}
