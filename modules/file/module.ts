import {
  ancestors,
  attributeArguments,
  defineModule,
  directory,
  folderGone,
  Refused,
  type Resource,
  symlink,
  treeAttributes,
} from '../../engine/sdk.ts';
import { touched } from './touched.ts';
import { whatIsThere } from './what_is_there.ts';

const times = { type: 'string', enum: ['now', 'preserve'], default: 'now' } as const;

/** A file, a folder or a link as such, whatever is in it. */
export default defineModule({
  name: 'file',
  summary: 'owner and mode of a file, a folder, a symbolic link, or nothing at a path',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['path'],
    properties: {
      path: { type: 'string', aliases: ['dest', 'name'], description: 'Absolute path' },
      state: {
        type: 'string',
        enum: ['file', 'directory', 'absent', 'link', 'touch', 'hard'],
        description:
          'What is there; unless set, a file or folder that is there gets owner and mode',
      },
      src: { type: 'string', description: 'Where a link leads, as it is stored' },
      ...attributeArguments,
      recurse: {
        type: 'boolean',
        default: false,
        description: 'Whether all that is in a folder gets owner and mode as well',
      },
      force: {
        type: 'boolean',
        default: false,
        description:
          'true: a link takes the place of a file, which is kept in the backup of the run',
      },
      modification_time: { ...times, description: 'preserve: touch changes no time of a file' },
      access_time: { ...times, description: 'The same; it must be said of both' },
    },
  },
  example: `path: /srv/images
state: directory
owner: lava
mode: "0755"
`,
  desired({ args }): readonly Resource[] {
    const { src, owner, group, mode, recurse } = args;
    const path = args.path.replace(/(?<=.)\/+$/, '');
    const { state = recurse ? 'directory' : src === undefined ? undefined : 'link' } = args;
    const attributes = { path, owner, group, mode };
    requireSense({ ...args, state });
    switch (state) {
      case 'directory':
        return [
          ...ancestors(path, attributes),
          directory({ ...attributes, unset: 'as it is' }),
          ...(recurse ? [treeAttributes(attributes)] : []),
        ];
      case 'absent':
        return [folderGone({ path })];
      case 'link':
        return [
          symlink({ path, target: src ?? '', replaces: args.force ? 'kept file' : undefined }),
        ];
      case 'touch':
        return touched({ ...args, path });
      default:
        return [whatIsThere(attributes, state === 'file' ? 'a file' : 'a file or a folder')];
    }
  },
});

interface Said {
  readonly state: string | undefined;
  readonly src?: string;
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: string;
  readonly recurse: boolean;
}

function requireSense({ state, src, owner, group, mode, recurse }: Said): void {
  if (state === 'hard') {
    throw new Refused(
      'a hard link would come apart at the next change of the file, which puts a new one in its place',
      'use state: link',
    );
  }
  if ((state === 'link') !== (src !== undefined)) {
    throw new Refused(
      'src says where a link leads: it belongs to state: link, and to nothing else',
    );
  }
  if (state === 'link' && (owner ?? group ?? mode) !== undefined) {
    throw new Refused(
      'a symbolic link has no owner and mode that matter',
      'set those of its target in a task of its own',
    );
  }
  if (recurse && state !== 'directory') {
    throw new Refused('recurse belongs to state: directory');
  }
}
