import { Refused } from '../contract/resource.ts';
import { quote, sh } from '../script/shell.ts';

/** Owner, group and permissions, as names where the host knows names. */
export interface Attributes {
  readonly mode: string;
  readonly owner: string;
  readonly group: string;
}

/** The way to a path, as far as it matters later. */
export interface PhysicalPath {
  /** The path without the symbolic links on the way, where there are some. */
  readonly path?: string;
  /** The folder that holds it, as `device:inode`, where there is one. */
  readonly folder?: string;
}

/** What stands at a path; of a symbolic link that may be followed, what stands at its end. */
export type PathState = MissingPath | DanglingPath | UnsafePath | RestlessPath | FoundPath;

/** Nothing is there. */
export interface MissingPath extends PhysicalPath {
  readonly kind: 'missing';
}

/** A symbolic link that leads nowhere. */
export interface DanglingPath extends PhysicalPath {
  readonly kind: 'dangling';
  readonly target: string;
}

/** The way leads over a symbolic link that somebody else may have made, so nobody has looked any further. */
export interface UnsafePath {
  readonly kind: 'unsafe';
  readonly link: string;
  /** The folder in which others may put a link, with its mode and owner. */
  readonly folder: string;
  readonly attributes: Attributes;
}

/** It was exchanged while somebody looked, so nothing is known of it. */
export interface RestlessPath {
  readonly kind: 'restless';
}

/** Something that is there. */
export interface FoundPath extends Attributes, PhysicalPath {
  readonly kind: 'found';
  /** In the words of stat(1): `directory`, `regular file`, `fifo`. */
  readonly type: string;
  readonly uid: string;
  readonly gid: string;
  /** As `device:inode`. */
  readonly id?: string;
  /** Where a symbolic link leads: in the end when it was followed, else as it says. */
  readonly target?: string;
}

/** Whether a symbolic link at the path itself is followed, or is what is asked for. */
export type AtItsEnd = 'follow' | 'here';

/**
 * Shell that prints what stands at a path, for `parsePath`; `more` runs after it when something is there, with
 * `$f` as the path.
 *
 * Only "No such file" counts as missing: a dead FUSE mount or a closed folder is a failure, not an empty place.
 */
export function pathProbe(path: string, atItsEnd: AtItsEnd, more = ''): string {
  const state = sh`f=${path}\nlp_state ${atItsEnd}`;
  return more === '' ? state : `${state}\nif [ $lp_kind = found ]; then\n${more}\nfi`;
}

/** What a probe prints, perhaps after something else, when the thing is no longer what it was a moment before; see `lp_lost`. */
const RESTLESS = 'exchanged meanwhile';

/** Reads what `pathProbe` printed, and hands on what `more` printed. */
export function parsePath(output: string): readonly [state: PathState, rest: string] {
  const [, first = '', second = '', third = '', rest = ''] =
    /^([^\n]*)\n?([^\n]*)\n?([^\n]*)\n?([\s\S]*)$/.exec(output) ?? [];
  const [word = '', ...words] = first.split(' ');
  if (output.trimEnd().endsWith(RESTLESS)) return [{ kind: 'restless' }, ''];
  if (word === 'unsafe') {
    const [mode = '', , owner = '', group = ''] = words;
    return [
      { kind: 'unsafe', link: second, folder: third, attributes: { mode, owner, group } },
      rest,
    ];
  }
  const [, folder = '-', id = '-', path] = /^(\S+) (\S+)(?: (.+))?$/.exec(second) ?? [];
  const way: PhysicalPath = {
    ...(folder !== '-' && { folder }),
    ...(path !== undefined && { path }),
  };
  if (word === 'missing') return [{ kind: 'missing', ...way }, rest];
  if (word === 'dangling') return [{ kind: 'dangling', target: third, ...way }, rest];
  const [uid = '', gid = '', owner = '', group = '', ...type] = words;
  const isLink = type.join(' ') === 'symbolic link';
  const target = third === '' || isLink ? third : path;
  return [
    {
      ...{ kind: 'found', mode: word, owner, group, uid, gid },
      type: type.join(' ').replace('regular empty file', 'regular file'),
      ...way,
      ...(id !== '-' && { id }),
      ...(target && { target }),
    },
    rest,
  ];
}

/** Shell that goes into the folder of a path and stays there; it says "no longer as planned" when that is another one by now. */
export function enterFolderOf(
  path: string,
  { path: physical = path, folder = '-' }: PhysicalPath,
): string {
  return sh`lp_enter ${physical} ${folder}`;
}

/** Whether owner, group and permissions are as wanted; the wanted ones may be names or numbers. */
export function hasAttributes(now: FoundPath, wanted: Attributes): boolean {
  return (
    Number.parseInt(now.mode, 8) === Number.parseInt(wanted.mode, 8) &&
    [now.owner, now.uid].includes(wanted.owner) &&
    [now.group, now.gid].includes(wanted.group)
  );
}

/** What something will be once it is as wanted, at the end of the way that leads there now. */
export function foundAs(type: string, wanted: Attributes, now: MissingPath | FoundPath): FoundPath {
  const found: FoundPath = { kind: 'found', type, ...wanted, uid: wanted.owner, gid: wanted.group };
  return { ...now, ...found };
}

/** Owner, group and mode as a manifest keeps them: of what was there by number, as names may be gone later. */
export function recorded(at: PathState | Attributes): Readonly<Record<string, unknown>> | null {
  if (!('kind' in at)) return { owner: at.owner, group: at.group, mode: at.mode };
  return at.kind === 'found' ? { owner: at.uid, group: at.gid, mode: at.mode } : null;
}

/** The way alone, for the state of a path once something else stands there. */
export function wayOf({ path, folder }: PhysicalPath): PhysicalPath {
  return { ...(path !== undefined && { path }), ...(folder !== undefined && { folder }) };
}

/** A diff's label: `0644 root:root`, with the end of a symbolic link behind it. */
export function describe({ mode, owner, group }: Attributes, target?: string): string {
  const link = target === undefined ? '' : ` -> ${target}`;
  return `${mode.padStart(4, '0')} ${owner}:${group}${link}`;
}

/** Shell that succeeds when a file system is mounted at a path, without touching that file system. */
export function isMounted(path: string): string {
  const octal = path.replace(
    /[ \t\\]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return `grep -qF ${quote(` ${octal} `)} /proc/self/mounts`;
}

/** Refuses what lies behind a symbolic link that somebody else may have made, and what somebody exchanges just now. */
export function requireSafeWay<State extends PathState>(
  path: string,
  now: State,
): asserts now is Exclude<State, UnsafePath | RestlessPath> {
  if (now.kind === 'restless') {
    throw new Refused(
      `${path} was replaced while it was read: another process works in its folder`,
      'apply again when that is done',
    );
  }
  if (now.kind !== 'unsafe') return;
  const { link, folder, attributes } = now;
  const what =
    link === path
      ? `${path} is a symbolic link that is not followed`
      : `the symbolic link ${link} on the way to ${path} is not followed`;
  throw new Refused(
    `${what}: ${folder} is not under root's control alone (${describe(attributes)}), so other users could redirect it`,
    'remove the link; or replace it with its target, with mount --bind if necessary',
  );
}

/** Refuses what should be of one type and is of another, or leads nowhere. */
export function requireType(
  path: string,
  now: PathState,
  type: string,
): asserts now is MissingPath | FoundPath {
  requireSafeWay(path, now);
  if (now.kind === 'dangling') {
    throw new Refused(
      `${path} is a symbolic link to ${now.target}, which does not exist`,
      'remove the link, or create its target',
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
    'it must start with "/", without "..", line breaks and a trailing slash',
  );
}
