import { Refused, type Resource } from '../contract/resource.ts';
import type { Schema } from '../contract/schema.ts';
import { ancestors } from './ancestors.ts';
import { attributeArguments } from './attribute_arguments.ts';
import { type FileState, file } from './file.ts';
import { validatingArguments, validator } from './validator.ts';

/** The arguments that Ansible's `copy` and `template` have in common. */
export const placingArguments = {
  dest: {
    type: 'string',
    description:
      'Where the file goes; a path that ends with "/" is a folder, made when it is missing',
  },
  owner: attributeArguments.owner,
  group: attributeArguments.group,
  mode: {
    type: 'string',
    description: `${attributeArguments.mode.description}; preserve: that of the source`,
  },
  directory_mode: {
    type: 'string',
    description: 'Permissions of folders that are made on the way',
  },
  force: {
    type: 'boolean',
    default: true,
    description: 'false: a file that is there stays as it is',
  },
  follow: {
    type: 'boolean',
    default: false,
    description: 'Whether to write to the target where dest is a symbolic link',
  },
  ...validatingArguments,
} as const satisfies Readonly<Record<string, Schema>>;

/** What a task says of a file that it puts in place. */
export interface Placing {
  readonly dest: string;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly mode?: string | undefined;
  readonly directory_mode?: string | undefined;
  readonly force: boolean;
  readonly follow: boolean;
  readonly validate?: string | undefined;
}

/** What is put in place; `name` is what the source is called, where it has a name. */
export interface Placed {
  readonly name?: string;
  readonly content: string | Uint8Array;
  /** That of the source, for `mode: preserve`. */
  readonly mode?: string | undefined;
}

/** A file where `dest` says, with the folders to it where that ends with a slash. */
export function placedFile(placing: Placing, { name, content, mode }: Placed): readonly Resource[] {
  const isFolder = placing.dest.endsWith('/');
  if (isFolder && name === undefined) {
    throw new Refused(
      `dest is the folder ${placing.dest}, but the content has no file name`,
      'add a file name to dest',
    );
  }
  const folder = placing.dest.replace(/\/+$/, '');
  const path = isFolder ? `${folder}/${name}` : placing.dest;
  return [
    ...(isFolder ? foldersTo(path, placing) : []),
    placedAt(path, placing, { content, mode }),
  ];
}

/** The folders above a path, where they are missing. */
export function foldersTo(
  path: string,
  { directory_mode: mode, owner, group }: Pick<Placing, 'directory_mode' | 'owner' | 'group'>,
): readonly Resource[] {
  return ancestors(path, { mode, owner, group });
}

/** A file exactly at a path. */
export function placedAt(
  path: string,
  { owner, group, mode, force, follow, validate }: Placing,
  source: Pick<Placed, 'content' | 'mode'>,
): Resource<FileState> {
  const placed = file({
    ...{ path, content: source.content, owner, group, unset: 'as it is' },
    mode: mode === 'preserve' ? source.mode : mode,
    lasts: force ? undefined : 'made once',
    link: follow ? undefined : 'refused',
    validate: validator(validate),
  });
  return {
    ...placed,
    change(now) {
      if (now.kind === 'found' && now.type === 'directory') {
        throw new Refused(`${path} is a directory`, `write dest: ${path}/ to put the file into it`);
      }
      return placed.change(now);
    },
  };
}
