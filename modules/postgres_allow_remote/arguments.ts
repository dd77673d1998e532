import { clusterSchemas } from '../../lab/database/cluster.ts';

/** The arguments of the module. */
export const databaseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['database', 'user', 'password'],
  properties: {
    database: {
      type: 'string',
      pattern: '^[ -~]{1,63}$',
      description: 'Name of the database, up to 63 printable ASCII characters',
      examples: ['lavaserver'],
    },
    user: {
      type: 'string',
      pattern: '^[ -~]{1,63}$',
      description: 'Role that owns the database, up to 63 printable ASCII characters',
      examples: ['lavaserver'],
    },
    password: {
      type: 'string',
      pattern: '^[ -~]+$',
      description: "The role's password, in printable ASCII",
    },
    clients: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      default: ['master', 'workers'],
      description:
        'Who may log in: groups and hosts of the inventory, addresses, networks, host names',
      examples: [['master', '192.0.2.0/28']],
    },
    ...clusterSchemas,
    listen: {
      type: 'array',
      items: { type: 'string', pattern: '^[\\w.:*-]+$' },
      minItems: 1,
      default: ['*'],
      description: 'Addresses to listen on',
    },
    tls: {
      type: 'string',
      enum: ['allow', 'require'],
      default: 'allow',
      description: 'Whether clients may or must use TLS',
    },
  },
} as const;
