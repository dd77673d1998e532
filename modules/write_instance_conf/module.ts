import {
  ACCOUNT_NAME,
  type Check,
  defineModule,
  type HostView,
  Refused,
} from '../../engine/sdk.ts';
import type { Instance } from '../../lab/instance/instance_settings.ts';
import { debianMaster } from './debian_layout.ts';
import { debianHealth } from './health/debian_health.ts';
import { instanceHealth } from './health/instance_health.ts';
import { instanceGone, instanceLayout } from './instance_layout.ts';
import { proxyCheck } from './proxy_check.ts';

/** What a LAVA master or worker knows about itself, its database and its master, from one place. */
export default defineModule({
  name: 'write_instance_conf',
  summary: 'instance.conf and the files that must agree with it',
  schema: {
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
        description: 'Name of the instance: small letters, digits, "-" and "_", at most 26',
        examples: ['kernel-lab'],
      },
      sys_user: {
        type: 'string',
        pattern: ACCOUNT_NAME,
        description: 'Account of the instance; lava-NAME unless told (layout instance)',
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
              "The role's password, in printable ASCII without ' (lava-server passes over a line of instance.conf that holds one)",
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
          "This host's address as its boards see it, LAVA_SERVER_IP; from the inventory unless told",
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
  },
  example: `layout: instance
role: worker
instance: kernel-lab
db: { name: lava-kernel-lab, user: lava-kernel-lab, password: "{{ lava.db.password }}", server: 192.0.2.11 }
master: 192.0.2.10
proxy: http://192.0.2.5:3128/
`,
  desired({ args, host }) {
    const { layout, role, instance, db, master, state } = args;
    if (isMasterToo(args, host)) return [];
    if (state === 'absent') return layout === 'instance' ? instanceGone(instance) : [];
    if (layout === 'debian') return role === 'master' ? debianMaster(instance, db) : [];
    if (role === 'worker' && master === '') {
      throw new Refused(
        'a worker must be told its master',
        'set master, or put a host into the group master',
      );
    }
    return instanceLayout(instanceOf(args, host));
  },
  /** A current worker speaks only HTTP with its master; one of 2014 needs the database itself. */
  checks({ args, host: own, lab }): readonly Check[] {
    const { layout, role, db, master, proxy, state } = args;
    if (state === 'absent' || isMasterToo(args, own)) return [];
    const proxied = role === 'worker' ? proxyCheck(proxy, master, lab) : [];
    if (layout === 'debian' && role === 'worker') return proxied;
    const { name: database, user, password, server, port, sslmode } = db;
    const host = server === '' ? '127.0.0.1' : server;
    return [{ kind: 'postgres', host, port, database, user, password, sslmode }, ...proxied];
  },
  health({ args, host }) {
    if (args.state === 'absent' || isMasterToo(args, host)) return [];
    if (args.layout === 'instance') return instanceHealth(instanceOf(args, host));
    return args.role === 'master' ? debianHealth(args.db) : [];
  },
});

/** A classic master runs jobs on boards of its own without being told, and must not be told that it is a worker. */
function isMasterToo(
  { layout, role }: { readonly layout: string; readonly role: string },
  { groups }: HostView,
): boolean {
  return layout === 'instance' && role === 'worker' && groups.includes('master');
}

interface InstanceArgs extends Pick<Instance, 'role' | 'db' | 'master' | 'proxy'> {
  readonly instance: string;
  readonly sys_user?: string;
  readonly server_ip?: string;
  readonly heartbeat_timeout: number;
}

function instanceOf(args: InstanceArgs, host: HostView): Instance {
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
