import { ACCOUNT_NAME, type HostView } from '../../engine/sdk.ts';
import type { Instance } from '../../lab/instance/instance_settings.ts';

/** The arguments of the module. */
export const instanceSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['layout', 'role', 'instance', 'db'],
  properties: {
    layout: {
      type: 'string',
      enum: ['debian', 'instance'],
      description:
        'debian: packages, /etc/lava-server; instance: /srv/lava/instances/NAME, as lava-deployment-tool made it',
    },
    role: {
      type: 'string',
      enum: ['master', 'worker'],
      description: 'What this host is in the lab',
    },
    instance: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9_-]{0,25}$',
      description: 'Name of the instance: lowercase letters, digits, "-" and "_", at most 26',
      examples: ['kernel-lab'],
    },
    sys_user: {
      type: 'string',
      pattern: ACCOUNT_NAME,
      description: 'Account of the instance; lava-NAME unless set (layout instance)',
    },
    db: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'user', 'password', 'server'],
      description: 'How to reach the database',
      properties: {
        name: {
          type: 'string',
          pattern: '^[ -&(-~]{1,63}$',
          description: "Name of the database, in printable ASCII without '",
        },
        user: {
          type: 'string',
          pattern: '^[ -&(-~]{1,63}$',
          description: "Role to log in as, in printable ASCII without '",
        },
        password: {
          type: 'string',
          pattern: '^[ -&(-~]+$',
          description:
            "The role's password, in printable ASCII without ' (lava-server ignores a line of instance.conf that contains one)",
        },
        server: {
          type: 'string',
          pattern: '^[\\w.:-]*$',
          description: 'Address or name of the database host; empty: this host',
        },
        port: { type: 'integer', minimum: 1, maximum: 65535, default: 5432 },
        sslmode: {
          type: 'string',
          enum: ['disable', 'prefer', 'require'],
          default: 'prefer',
          description: "libpq's sslmode",
        },
      },
    },
    master: {
      type: 'string',
      pattern: '^[\\w.:-]*$',
      default: '',
      description: "The master's address, which a worker must know (layout instance)",
    },
    server_ip: {
      type: 'string',
      pattern: '^[\\w.:-]+$',
      description:
        "This host's address as its boards see it, LAVA_SERVER_IP; from the inventory unless set",
    },
    proxy: {
      type: 'string',
      pattern: "^(https?://[^\\s']+)?$",
      default: '',
      description: 'HTTP proxy for downloads, such as http://192.0.2.5:3128/; empty: none',
    },
    heartbeat_timeout: {
      type: 'integer',
      minimum: 1,
      default: 300,
      description: 'HEARTBEAT_TIMEOUT of a worker, in seconds',
    },
    state: {
      type: 'string',
      enum: ['present', 'absent'],
      default: 'present',
      description: 'absent: the files are gone, for a worker that leaves (layout instance)',
    },
  },
} as const;

/** A classic master runs jobs on boards of its own without being told, and must not be told that it is a worker. */
export function isMasterToo(
  { layout, role }: { readonly layout: string; readonly role: string },
  { groups }: HostView,
): boolean {
  return layout === 'instance' && role === 'worker' && groups.includes('master');
}

/** What a task says of an instance. */
interface InstanceArgs extends Pick<Instance, 'role' | 'db' | 'master' | 'proxy'> {
  readonly instance: string;
  readonly sys_user?: string;
  readonly server_ip?: string;
  readonly heartbeat_timeout: number;
}

/** The instance that a task describes. */
export function instanceOf(args: InstanceArgs, host: HostView): Instance {
  const { role, instance: name, db, master, proxy } = args;
  return {
    role,
    name,
    sysUser: args.sys_user ?? `lava-${name}`,
    vhost: host.name,
    db,
    master,
    serverIp: args.server_ip ?? host.address,
    proxy,
    heartbeatTimeout: args.heartbeat_timeout,
  };
}
