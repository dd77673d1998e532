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
      description: 'The account of sshfs_share; this host has one of its own, which begins so',
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
        'Account and group of this host to which belongs what it writes, and the group of all that workers write; root where there are none such',
    },
    exec: {
      type: 'boolean',
      default: false,
      description: 'Whether programs in the folder may be run here',
    },
    uid: { type: 'integer', minimum: 0, description: 'To whom all files seem to belong' },
    gid: { type: 'integer', minimum: 0, description: 'To which group all files seem to belong' },
    umask: {
      type: 'string',
      pattern: '^0?[0-7]{3}$',
      description: 'All files seem to have the permissions that this octal mask leaves',
    },
    exclusive: {
      type: 'boolean',
      default: false,
      description: 'Takes away what an earlier run has mounted by this account at other places',
    },
    state: {
      type: 'string',
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent: unmounted, and unit and pinned keys are gone',
    },
  },
} as const;
