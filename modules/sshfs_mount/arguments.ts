import { ACCOUNT_NAME } from '../../engine/sdk.ts';
import { FOLDER_PATTERN } from '../../lab/share/mount_path.ts';
import { keyPathSchema } from '../../lab/ssh/key_place.ts';

/** The arguments of the module. */
export const mountSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    folder: {
      type: 'string',
      pattern: FOLDER_PATTERN,
      description:
        'The folder of the master: what sshfs_share shares; without it nothing of the account is mounted',
    },
    where: {
      type: 'string',
      pattern: FOLDER_PATTERN,
      description: 'Where it is mounted; at the same path as on the master unless set',
    },
    account: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      default: 'lavashare',
      description: 'The account of sshfs_share; this host has its own, whose name starts with it',
    },
    master: {
      type: 'string',
      pattern: '^[\\w.-]+$',
      description: 'Which host of the group master; the first unless set',
    },
    address: {
      type: 'string',
      pattern: '^[\\w.:-]+$',
      description: 'How this host reaches it; as the inventory says unless set',
    },
    port: {
      type: 'integer',
      minimum: 1,
      maximum: 65535,
      description:
        "The master's SSH port as this host reaches it; as the inventory says unless set",
    },
    key: { ...keyPathSchema, description: 'The private key of this host, made by ssh_key' },
    idmap: {
      type: 'string',
      enum: ['none', 'user'],
      default: 'user',
      description:
        "user: what this host writes belongs to 'user' here; none: numbers as on the master",
    },
    user: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      default: 'root',
      description:
        'Account of this host that owns what this host writes; its group is that of all files of workers; root if there is no such account',
    },
    exec: {
      type: 'boolean',
      default: false,
      description: 'Whether programs in the folder may be run here',
    },
    uid: { type: 'integer', minimum: 0, description: 'Owner that all files appear to have' },
    gid: { type: 'integer', minimum: 0, description: 'Group that all files appear to have' },
    umask: {
      type: 'string',
      pattern: '^0?[0-7]{3}$',
      description: 'Octal umask that all files appear to have been created with',
    },
    exclusive: {
      type: 'boolean',
      default: false,
      description: 'Removes what an earlier run has mounted with this account at other places',
    },
    state: {
      type: 'string',
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent: unmounted, and unit and pinned keys are gone',
    },
  },
} as const;
