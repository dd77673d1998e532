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
        'Folder to share: an absolute path of letters, digits and ._+-; without it nothing is',
    },
    account: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      default: 'lavashare',
      description:
        'Group of the accounts, one per worker, that log in, and the prefix of their names',
    },
    owner: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "Owner of the folder, such as lavaserver for LAVA's own media folder; root unless set",
    },
    subfolders: {
      type: 'array',
      items: { type: 'string', pattern: '^(?!\\.\\.?$)[\\w.+-]+$' },
      default: [],
      description: 'Folders in it, by name, that workers also write to; created when missing',
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
