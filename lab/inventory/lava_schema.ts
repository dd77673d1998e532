import { ACCOUNT_NAME, type ObjectSchema } from '../../engine/sdk.ts';
import { httpsSchema } from '../https/schema.ts';
import { sourceSchema, versionSchema } from '../packages/schema.ts';
import { tunnelSchema } from '../tunnel/schema.ts';

/** The lab as a whole: what its parts have to agree on. */
export const lavaSchema = {
  type: 'object',
  description: 'Settings that all hosts of the lab share.',
  additionalProperties: false,
  properties: {
    instance: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_.-]*$',
      description:
        'Name of the LAVA instance: lowercase letters, digits, dot, dash and underscore.',
    },
    layout: {
      type: 'string',
      enum: ['debian', 'instance'],
      description: 'debian: packages and /etc/lava-server; instance: /srv/lava/instances/NAME.',
    },
    source: sourceSchema,
    version: versionSchema,
    https: httpsSchema,
    settings: {
      type: 'object',
      additionalProperties: {},
      description: "LAVA's own settings by name, such as REQUIRE_LOGIN.",
    },
    worker_packages: {
      type: 'array',
      items: { type: 'string', pattern: '^[a-z0-9][a-z0-9+.-]*$' },
      description: 'More packages that the jobs of workers need, such as python3-guestfs.',
    },
    sys_user: {
      type: 'string',
      minLength: 1,
      description: 'LAVA_SYS_USER: Unix user of the instance.',
    },
    db: {
      type: 'object',
      description: 'The database and its role.',
      additionalProperties: false,
      properties: {
        name: { type: 'string', minLength: 1, description: 'LAVA_DB_NAME' },
        user: { type: 'string', minLength: 1, description: 'LAVA_DB_USER' },
        password: { type: 'string', minLength: 1, description: 'LAVA_DB_PASSWORD' },
        server: {
          type: 'string',
          minLength: 1,
          description: "LAVA_DB_SERVER; the host of the group 'database' when absent.",
        },
        port: { type: 'integer', minimum: 1, maximum: 65535, description: 'LAVA_DB_PORT' },
        sslmode: {
          type: 'string',
          enum: ['disable', 'prefer', 'require'],
          description: 'How connections to the database use TLS.',
        },
      },
    },
    admin: {
      type: 'object',
      description: 'The superuser of the web interface and its API token.',
      additionalProperties: false,
      properties: {
        user: { type: 'string', minLength: 1 },
        password: { type: 'string', minLength: 1 },
        token: { type: 'string', minLength: 1 },
        email: { type: 'string', minLength: 1 },
      },
    },
    master: {
      type: 'string',
      minLength: 1,
      description: "LAVA_MASTER; the host of the group 'master' when absent.",
    },
    master_url: {
      type: 'string',
      pattern: '^https?://[^\\s]+/$',
      description:
        "The master's web server as a URL that ends in '/'; http://MASTER/ when absent, https:// with lava.https.",
    },
    master_ssh_port: {
      ...{ type: 'integer', minimum: 1, maximum: 65535 },
      description: "Port of the master's SSH server as the workers see it; 22 when absent.",
    },
    tunnel: tunnelSchema,
    console_listen: {
      type: 'string',
      pattern: '^[0-9A-Fa-f.:]*$',
      description:
        'Address of a worker on which it serves the consoles of its boards; empty for all, 127.0.0.1 when absent.',
    },
    server_ip: {
      type: 'string',
      minLength: 1,
      description: "LAVA_SERVER_IP: the host's address as its boards see it.",
    },
    proxy: {
      type: 'string',
      pattern: '^(https?://[^\\s]+)?$',
      description: "LAVA_PROXY: a URL such as 'http://192.0.2.5:3128/'; empty for none.",
    },
    heartbeat: {
      type: 'object',
      description: 'How often workers report to the master.',
      additionalProperties: false,
      properties: {
        timeout: {
          type: 'integer',
          minimum: 1,
          description: 'HEARTBEAT_TIMEOUT: whole seconds, 300 by default.',
        },
        rpc2_url: {
          type: 'string',
          pattern: '^https?://[^\\s]+$',
          description: 'Where workers report to: a URL that ends in /RPC2.',
        },
        user: {
          type: 'string',
          minLength: 1,
          description: 'User as which workers report to a classic master; lava-health when absent.',
        },
        token: { type: 'string', minLength: 1, description: 'The API token of that user.' },
      },
    },
    db_clients: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      description:
        "Who may log in to the database: groups, hosts, addresses; the group 'master', in the layout instance 'workers' too, when absent.",
    },
    worker_settings: {
      type: 'object',
      description:
        'What lava_workers does with settings of workers on the master that are not its own.',
      additionalProperties: false,
      properties: {
        exclusive: { type: 'boolean', description: 'Removes them; false when absent.' },
        keep: {
          type: 'array',
          items: { type: 'string', minLength: 1 },
          description: 'Keys and files to keep without a warning.',
        },
      },
    },
    rollout: {
      type: 'array',
      items: {
        anyOf: [
          { type: 'integer', minimum: 1 },
          { type: 'string', pattern: '^([1-9][0-9]?|100)%$' },
        ],
      },
      description:
        "How many workers are changed at a time: batch sizes such as [1, '25%'], the last one repeated; all at once when absent.",
    },
    share_account: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "Group of the accounts, one per worker, that log in to the share, and the prefix of their names; 'lavashare', or 'share-NAME' of an instance.",
    },
    share_owner: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description:
        "Owner of the shared folder, such as 'lavaserver' for LAVA's own media folder; the account of the instance for a folder of it, else root.",
    },
    share_subfolders: {
      type: 'array',
      items: { type: 'string', pattern: '^(?!\\.\\.?$)[\\w.+-]+$' },
      description:
        "Folders in the share that workers also write to; 'lava-logs' and 'job-output' in the media folder of an instance.",
    },
    share_exec: {
      type: 'boolean',
      description: 'Whether workers may run programs that are in the share; false when absent.',
    },
    share: {
      type: 'string',
      pattern: '^/',
      description: 'The folder that the workers mount from the master, an absolute path.',
    },
  },
} as const satisfies ObjectSchema;
