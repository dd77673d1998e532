import { ACCOUNT_NAME } from '../../engine/sdk.ts';
import { FOLDER_PATTERN } from '../../lab/share/mount_path.ts';
import type { Share } from '../../lab/share/share.ts';
import { keyPathSchema } from '../../lab/ssh/key_place.ts';

/** The arguments of the module. */
export const shareSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    folder: {
      type: 'string',
      pattern: FOLDER_PATTERN,
      description:
        'What is shared: an absolute path of letters, digits and ._+-; without it nothing is',
    },
    account: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      default: 'lavashare',
      description:
        'The group of the accounts as which workers log in, one each, and with what their names begin',
    },
    owner: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "To whom the folder belongs, such as lavaserver for LAVA's own media folder; root unless set",
    },
    subfolders: {
      type: 'array',
      items: { type: 'string', pattern: '^(?!\\.\\.?$)[\\w.+-]+$' },
      default: [],
      description: 'Folders in it, by name, in which workers write too; made when they are missing',
    },
    key: { ...keyPathSchema, description: 'Where the workers have their keys' },
  },
} as const;

/** The share that a task means. */
export function shareOf({
  folder,
  account,
  owner,
  subfolders,
}: {
  readonly folder?: string;
  readonly account: string;
  readonly owner?: string;
  readonly subfolders: readonly string[];
}): Share | undefined {
  return folder === undefined ? undefined : { folder, account, owner, subfolders };
}
