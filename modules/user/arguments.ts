import { ACCOUNT_NAME } from '../../engine/sdk.ts';

const PATH = { type: 'string', pattern: '^/[^:\\n]*$' } as const;

/** The arguments of the module. */
export const userSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: { type: 'string', pattern: ACCOUNT_NAME, description: 'Its name' },
    state: { type: 'string', enum: ['present', 'absent'], default: 'present' },
    uid: { type: 'integer', minimum: 0, description: 'Its number; chosen by the host if not set' },
    group: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description: 'The group of its new files; one of its own name if not set',
    },
    groups: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
      description: 'Further groups, as a list or with commas between',
    },
    append: {
      type: 'boolean',
      default: false,
      description: 'Whether it stays in groups that are not named',
    },
    comment: { type: 'string', pattern: '^[^:\\n]*$', description: 'Usually its full name' },
    shell: { ...PATH, description: 'Its login shell' },
    home: { ...PATH, description: 'Its home folder; what is in the old one stays there' },
    create_home: {
      type: 'boolean',
      default: true,
      description: 'Whether a user who is created gets a home folder',
    },
    system: {
      type: 'boolean',
      default: false,
      description: 'Whether a user who is created gets a number below those of people',
    },
    password: {
      type: 'string',
      pattern: '^[^:\\n]*$',
      description: 'The hash of its password, as crypt(5) writes it; * for none',
    },
    update_password: {
      type: 'string',
      enum: ['always', 'on_create'],
      default: 'always',
      description: 'Whether the password of a user who is there is changed',
    },
    remove: {
      type: 'boolean',
      default: false,
      description: 'With absent: whether home folder and mail go too',
    },
    generate_ssh_key: {
      type: 'boolean',
      default: false,
      description: 'Not supported: use ssh_key',
    },
  },
} as const;
