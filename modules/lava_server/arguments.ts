import { sourceSchema, versionSchema } from '../../lab/packages/schema.ts';

/** The arguments of the module. */
export const serverSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    source: sourceSchema,
    version: versionSchema,
    allowed_hosts: {
      type: 'array',
      items: { type: 'string', pattern: '^[\\w.:*-]*$' },
      default: [],
      description: 'Names and addresses of the master, in addition to those of the inventory',
      examples: [['lava.example.org']],
    },
    https: {
      type: 'boolean',
      default: false,
      description: 'Whether users connect by https; cookies are then never sent over http',
    },
    settings: {
      type: 'object',
      default: {},
      additionalProperties: {},
      description: "More of LAVA's settings by name, such as REQUIRE_LOGIN: true",
      examples: [{ REQUIRE_LOGIN: true }],
    },
    gunicorn_workers: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      description: "Processes that answer requests; the package's 4 unless set",
    },
    admin: {
      type: 'object',
      additionalProperties: false,
      required: ['user', 'password'],
      description: 'A superuser; without it, none is created',
      properties: {
        user: { type: 'string', pattern: '^[\\w.@+-]{1,150}$' },
        password: { type: 'string', minLength: 1, maxLength: 4096 },
        token: {
          type: 'string',
          pattern: '^[\\w.~-]{1,128}$',
          description: 'API token: letters, digits, "_", ".", "~", "-", at most 128',
        },
        email: { type: 'string', maxLength: 254 },
      },
    },
  },
} as const;
