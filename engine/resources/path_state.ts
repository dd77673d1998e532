import { Refused } from '../resource.ts';
import { quote, sh } from '../shell.ts';

/** Owner, group and permissions, as names where the host knows names. */
export interface Attributes {
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** What stands at a path; of a symbolic link, what stands at its end. */
export type PathState =
  | { readonly kind: 'missing' }
  | { readonly kind: 'dangling'; readonly target: string }
  | FoundPath;

/** Something that is there. */
export interface FoundPath extends Attributes {
  readonly kind: 'found';
  /** In the words of stat(1): `directory`, `regular file`, `fifo`. */
  readonly type: string;
  readonly uid: string;
  readonly gid: string;
  /** Where a symbolic link leads in the end. */
  readonly target?: string;
}

/**
 * Shell that prints what stands at a path, for `parsePath`; `more` runs after it, with `$f` as the path.
 *
 * Only "No such file" counts as missing: a dead FUSE mount or a closed folder is a failure, not an empty place.
 */
export function pathProbe(path: string, more = ''): string {
  return `${sh`f=${path}`}\n${variableProbe(more)}`;
}

/** As `pathProbe`, for the path that the shell variable `f` holds. */
export function variableProbe(more = ''): string {
  return [
    `if meta=$(stat -L -c '%a %u %g %U %G %F' "$f" 2>&1); then`,
    `  printf '%s\\n' "$meta"`,
    `  if [ -L "$f" ]; then printf -- '-> %s\\n' "$(readlink -f "$f")"; else echo; fi`,
    ...(more ? [more] : []),
    'else',
    '  case $meta in',
    `  *': No such file or directory' | *': Not a directory') ;;`,
    `  *) printf '%s\\n' "$meta" >&2; exit 1 ;;`,
    '  esac',
    `  if [ -L "$f" ]; then printf 'dangling %s\\n\\n' "$(readlink "$f")"; else printf 'missing\\n\\n'; fi`,
    'fi',
  ].join('\n');
}

/** Reads what `pathProbe` printed, and hands on what `more` printed. */
export function parsePath(output: string): readonly [state: PathState, rest: string] {
  const [, first = '', second = '', rest = ''] =
    /^([^\n]*)\n?([^\n]*)\n?([\s\S]*)$/.exec(output) ?? [];
  if (first === 'missing') return [{ kind: 'missing' }, rest];
  if (first.startsWith('dangling ')) return [{ kind: 'dangling', target: first.slice(9) }, rest];
  const [mode = '', uid = '', gid = '', owner = '', group = '', ...type] = first.split(' ');
  return [
    {
      kind: 'found',
      mode,
      owner,
      group,
      uid,
      gid,
      type: type.join(' ').replace('regular empty file', 'regular file'),
      ...(second.startsWith('-> ') && { target: second.slice(3) }),
    },
    rest,
  ];
}

/** Whether owner, group and permissions are as wanted; the wanted ones may be names or numbers. */
export function hasAttributes(now: FoundPath, wanted: Attributes): boolean {
  return (
    Number.parseInt(now.mode, 8) === Number.parseInt(wanted.mode, 8) &&
    [now.owner, now.uid].includes(wanted.owner) &&
    [now.group, now.gid].includes(wanted.group)
  );
}

/** What something will be once it is as wanted. */
export function foundAs(type: string, wanted: Attributes, target?: string): FoundPath {
  return {
    kind: 'found',
    type,
    ...wanted,
    uid: wanted.owner,
    gid: wanted.group,
    ...(target !== undefined && { target }),
  };
}

/** A diff's label: `0644 root:root`, with the end of a symbolic link behind it. */
export function describe({ mode, owner, group }: Attributes, target?: string): string {
  const link = target === undefined ? '' : ` -> ${target}`;
  return `${mode.padStart(4, '0')} ${owner}:${group}${link}`;
}

/** The folder that holds a path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/** Shell that fails with a sentence when the folder of a path is missing. */
export function requireParent(path: string): string {
  const folder = parentOf(path);
  return [
    sh`[ -d ${folder} ] || {`,
    sh`  echo ${`${folder} does not exist: a task before this one has to make the folder`}`,
    '  exit 1',
    '}',
  ].join('\n');
}

/** Shell that succeeds when a file system is mounted at a path, without touching that file system. */
export function isMounted(path: string): string {
  const octal = path.replace(
    /[ \t\\]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `grep -qF ${quote(` ${octal} `)} /proc/self/mounts`;
}

/** Shell that sets owner and permissions. */
export function permit(path: string, { mode, owner, group }: Attributes): string {
  return sh`chown ${`${owner}:${group}`} ${path} && chmod ${mode} ${path}`;
}

/** Refuses what should be of one type and is of another, or leads nowhere. */
export function requireType(path: string, now: PathState, type: string): void {
  if (now.kind === 'dangling') {
    throw new Refused(
      `${path} is a symbolic link to ${now.target}, which does not exist`,
      'remove the link, or make what it leads to',
    );
  }
  if (now.kind === 'found' && now.type !== type) {
    throw new Refused(`${path} should be a ${type} but is a ${now.type}`, 'move it away first');
  }
}

/** Refuses paths that would mean different things in different places. */
export function requirePlainPath(path: string): void {
  const plain = /^(\/[^/\0\n]+)+$/.test(path) && !/\/\.\.?(\/|$)/.test(path);
  if (plain) return;
  throw new Refused(
    `${JSON.stringify(path)} is not a plain absolute path`,
    'start it with "/"; leave out "..", line breaks and a slash at the end',
  );
}

/** Refuses permissions that `chmod` would read in another way than as an octal number. */
export function requireOctalMode(mode: string): void {
  if (/^[0-7]{3,4}$/.test(mode)) return;
  throw new Refused(`the mode ${JSON.stringify(mode)} is not an octal number such as "0644"`);
}
