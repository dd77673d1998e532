import { type Reaction, Refused, type Resource } from '../resource.ts';
import { sh } from '../shell.ts';
import {
  describe,
  isMounted,
  type PathState,
  parsePath,
  pathProbe,
  requirePlainPath,
} from './path_state.ts';
import { KEEP_PREVIOUS_TEXT } from './write_file.ts';

/** What should not be there. */
export interface AbsentOptions {
  readonly path: string;
  readonly onChange?: readonly Reaction[];
}

/** What stands at the path; of a folder, some of what is in it, or `/mounted`. */
export type AbsentState = PathState & { readonly inside?: string };

/** No file, symbolic link or folder at a path. A folder goes only when it is empty and nothing is mounted there. */
export function absent({ path, onChange }: AbsentOptions): Resource<AbsentState> {
  return {
    id: `absent ${path}`,
    probe: pathProbe(path, lookInside(path)),
    parse(output) {
      const [state, rest] = parsePath(output);
      const inside = rest.trimEnd().replaceAll('\n', ', ');
      return { ...state, ...(inside && { inside }) };
    },
    change(now) {
      requirePlainPath(path);
      if (now.kind === 'missing') return undefined;
      requireRemovable(path, now);
      return {
        before: '',
        after: '',
        labels: [now.kind === 'found' ? describe(now, now.target) : `-> ${now.target}`, 'missing'],
        steps: [{ title: `remove ${path}`, script: removal(path, now) }],
        ...(onChange && { onChange }),
        next: { kind: 'missing' },
      };
    },
  };
}

function lookInside(path: string): string {
  return [
    '  if [ -d "$f" ] && [ ! -L "$f" ]; then',
    `    if ${isMounted(path)}; then echo /mounted; else`,
    '      entries=$(ls -A "$f") || exit 1',
    `      printf '%s\\n' "$entries" | head -n 3`,
    '    fi',
    '  fi',
  ].join('\n');
}

function isLink(now: AbsentState): boolean {
  return now.kind === 'dangling' || (now.kind === 'found' && now.target !== undefined);
}

function requireRemovable(path: string, now: AbsentState): void {
  if (isLink(now) || now.kind !== 'found' || now.type === 'regular file') return;
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

function removal(path: string, now: AbsentState): string {
  if (isLink(now)) return sh`rm -f ${path}`;
  if (now.kind === 'found' && now.type === 'directory') return sh`rmdir ${path}`;
  return [sh`umask 077\ntarget=${path}`, KEEP_PREVIOUS_TEXT, 'rm -f "$target"'].join('\n');
}
