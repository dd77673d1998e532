import { type Change, Refused, type Resource } from '../contract/resource.ts';
import { sh } from '../script/shell.ts';
import { octalMode, requireMode } from './mode.ts';
import {
  enterFolderOf,
  type PathState,
  parsePath,
  pathProbe,
  requirePlainPath,
  requireType,
  wayOf,
} from './path_state.ts';

/** What all that is in a folder should have in common. */
export interface TreeAttributesOptions {
  readonly path: string;
  /** Octal, or symbolic, where `X` tells folders from files. */
  readonly mode?: string | undefined;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
}

/** A folder and what is in it. */
export type TreeState = PathState & { readonly entries?: readonly TreeEntry[] };

/** A thing below a folder; symbolic links have no mode. */
export interface TreeEntry {
  readonly name: string;
  /** In the words of stat(1). */
  readonly type: string;
  readonly mode: string;
  readonly owners: readonly [name: string, number: string];
  readonly groups: readonly [name: string, number: string];
}

const MOST_ENTRIES = 20_000;
const MOST_SHOWN = 100;

/** Owner, group and mode of all that is in a folder, at any depth; links are not followed. */
export function treeAttributes(options: TreeAttributesOptions): Resource<TreeState> {
  const { path, mode, owner, group } = options;
  return {
    id: `all in ${path}`,
    probe: pathProbe(path, 'follow', LIST),
    parse(output) {
      const [state, rest] = parsePath(output);
      return { ...state, entries: rest.split('\n').flatMap(entryIn) };
    },
    change(now) {
      requirePlainPath(path);
      if (mode !== undefined) requireMode(mode);
      requireType(path, now, 'directory');
      const { entries = [] } = now as TreeState;
      if (entries.length > MOST_ENTRIES) {
        throw new Refused(
          `${path} holds more than ${MOST_ENTRIES} files, too many for recurse`,
          'use chown and chmod in a task of the module command',
        );
      }
      const wrong = entries.filter((entry) => shown(entry) !== shown(asWanted(entry, options)));
      if (now.kind !== 'found' || wrong.length === 0) return undefined;
      return {
        before: listed(wrong),
        after: listed(wrong.map((entry) => asWanted(entry, options))),
        steps: [
          {
            title: `set owner and mode of ${wrong.length} in ${path}`,
            script: [
              enterFolderOf(path, wayOf(now)),
              `lp_pin "\${lp_folder%/}/$lp_name" || exit 1`,
              ...(owner === undefined && group === undefined
                ? []
                : [sh`chown -hR ${`${owner ?? ''}:${group ?? ''}`} . || exit 1`]),
              ...(mode === undefined
                ? []
                : [sh`chmod -R ${/^\d+$/.test(mode) ? mode.padStart(5, '0') : mode} .`]),
            ].join('\n'),
          },
        ],
        next: { ...now, entries: entries.map((entry) => asWanted(entry, options)) },
      } satisfies Change<TreeState>;
    },
  };
}

const LIST = [
  '  if [ "$lp_type" = directory ]; then',
  `    (lp_pin "$f" && find . -mindepth 1 -exec stat -c '%a %u %g %U %G %F|%n' '{}' + | head -n ${MOST_ENTRIES + 1}) || lp_lost`,
  '  fi',
].join('\n');

function entryIn(line: string): readonly TreeEntry[] {
  const [, mode = '', uid = '', gid = '', owner = '', group = '', type = '', name = ''] =
    /^(\d+) (\d+) (\d+) (\S+) (\S+) ([^|]+)\|\.\/(.+)$/.exec(line) ?? [];
  if (name === '') return [];
  return [{ name, type, mode: mode.padStart(4, '0'), owners: [owner, uid], groups: [group, gid] }];
}

function asWanted(entry: TreeEntry, { mode, owner, group }: TreeAttributesOptions): TreeEntry {
  const type = entry.type === 'directory' ? 'directory' : 'regular file';
  const isLink = entry.type === 'symbolic link';
  return {
    ...entry,
    mode:
      mode === undefined || isLink
        ? entry.mode
        : octalMode(mode, { mode: entry.mode, type }).padStart(4, '0'),
    owners: owner === undefined || entry.owners.includes(owner) ? entry.owners : [owner, owner],
    groups: group === undefined || entry.groups.includes(group) ? entry.groups : [group, group],
  };
}

function shown({ name, mode, owners: [owner], groups: [group] }: TreeEntry): string {
  return `${mode} ${owner}:${group} ${name}`;
}

function listed(entries: readonly TreeEntry[]): string {
  const more = entries.length > MOST_SHOWN ? [`and ${entries.length - MOST_SHOWN} more`] : [];
  return [...entries.slice(0, MOST_SHOWN).map(shown), ...more].map((line) => `${line}\n`).join('');
}
