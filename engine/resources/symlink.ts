import { NOT_NOW, type Reaction, Refused, type Resource } from '../resource.ts';
import { sh } from '../shell.ts';
import { parsePath, pathProbe, requireParent, requirePlainPath } from './path_state.ts';

/** What a symbolic link should be. */
export interface SymlinkOptions {
  readonly path: string;
  /** Where it leads, exactly as it should be stored; it need not exist. */
  readonly target: string;
  readonly onChange?: readonly Reaction[];
}

/** A symbolic link as it was found, or what stands in its place. */
export type SymlinkState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'link'; readonly target: string }
  | { readonly kind: 'other'; readonly type: string };

/** A symbolic link; another link in its place is replaced at once, anything else is refused. */
export function symlink({ path, target, onChange }: SymlinkOptions): Resource<SymlinkState> {
  return {
    id: `symlink ${path}`,
    probe: sh`if [ -L ${path} ]; then printf 'link '; readlink ${path}; else\n`.concat(
      `${pathProbe(path)}\nfi`,
    ),
    parse: parseLink,
    change(now) {
      requirePlainPath(path);
      if (now.kind === 'other') {
        throw new Refused(
          `${path} should be a symbolic link but is a ${now.type}`,
          'move it away first',
        );
      }
      if (now.kind === 'link' && now.target === target) return undefined;
      return {
        before: now.kind === 'link' ? `-> ${now.target}\n` : '',
        after: `-> ${target}\n`,
        labels: [now.kind === 'link' ? 'symbolic link' : 'missing', 'symbolic link'],
        steps: [{ title: `link ${path} to ${target}`, script: link(path, target) }],
        ...(onChange && { onChange }),
        next: { kind: 'link', target },
      };
    },
  };
}

function parseLink(output: string): SymlinkState {
  const link = /^link (.*)$/m.exec(output);
  if (link) return { kind: 'link', target: link[1] ?? '' };
  const [state] = parsePath(output);
  return state.kind === 'found' ? { kind: 'other', type: state.type } : { kind: 'missing' };
}

function link(path: string, target: string): string {
  const fresh = `${path}.lava-play.tmp`;
  return [
    requireParent(path),
    sh`rm -f ${fresh}`,
    sh`ln -s -- ${target} ${fresh} || exit 1`,
    sh`if [ -e ${path} ] && [ ! -L ${path} ]; then`,
    sh`  echo ${`${path} is no symbolic link any more`}; rm -f ${fresh}; exit ${NOT_NOW}`,
    'fi',
    sh`mv -fT ${fresh} ${path}`,
  ].join('\n');
}
