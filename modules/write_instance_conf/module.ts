import { defineModule, Refused, type Trial } from '../../engine/sdk.ts';
import { databaseHost } from '../../lab/instance/instance_settings.ts';
import {
  formerInstances,
  instanceForgotten,
  type Recorded,
  recordedInstances,
  recordOf,
} from '../../lab/instance/recorded.ts';
import { instanceOf, instanceSchema, isMasterToo } from './arguments.ts';
import { debianMaster } from './debian_layout.ts';
import { debianHealth, instanceHealth } from './health.ts';
import { formerGone, instanceGone, instanceLayout } from './instance_layout.ts';
import { proxyTrial } from './proxy_trial.ts';

/** What a LAVA master or worker knows about itself, its database and its master, from one place. */
export default defineModule({
  name: 'write_instance_conf',
  summary: 'instance.conf and the files that must agree with it',
  schema: instanceSchema,
  example: `layout: instance
role: worker
instance: kernel-lab
db: { name: lava-kernel-lab, user: lava-kernel-lab, password: "{{ lava.db.password }}", server: 192.0.2.11 }
master: 192.0.2.10
proxy: http://192.0.2.5:3128/
`,
  facts: { instances: recordedInstances },
  desired({ args, facts: { instances }, host }) {
    const { layout, role, instance, db, master, state } = args;
    if (isMasterToo(args, host)) return [];
    const former = layout === 'instance' ? formerInstances(instances, { name: instance, db }) : [];
    if (state === 'absent') {
      const recorded = instances.filter(({ name }) => name === instance);
      return layout === 'instance'
        ? [
            ...former.flatMap(({ name }) => formerGone(name)),
            ...instanceGone(instance),
            ...[...former, ...recorded].map((each) =>
              instanceForgotten(each, accountsBeside(instances, each)),
            ),
          ]
        : [];
    }
    if (layout === 'debian') return role === 'master' ? debianMaster(instance, db) : [];
    if (role === 'worker' && master === '') {
      throw new Refused(
        'a worker needs to know its master',
        'set master, or put a host into the group master',
      );
    }
    const wanted = instanceOf(args, host);
    return [
      ...former.flatMap(({ name }) => formerGone(name)),
      recordOf(wanted),
      ...instanceLayout(wanted),
      ...former.map((each) =>
        instanceForgotten(each, new Set([...accountsBeside(instances, each), wanted.sysUser])),
      ),
    ];
  },
  /** A current worker speaks only HTTP with its master; one of 2014 needs the database itself. */
  trials({ args, host: own, lab }): readonly Trial[] {
    const { layout, role, db, master, proxy, state } = args;
    if (state === 'absent' || isMasterToo(args, own)) return [];
    const proxied = role === 'worker' ? proxyTrial(proxy, master, lab) : [];
    if (layout === 'debian' && role === 'worker') return proxied;
    const { name: database, user, password, server, port, sslmode } = db;
    const host = databaseHost(server);
    const admission = 'name this host in clients of postgres_allow_remote';
    const login = { kind: 'postgres', database, user, password, sslmode, admission } as const;
    return [{ ...login, host, port }, ...proxied];
  },
  health({ args, host }) {
    if (args.state === 'absent' || isMasterToo(args, host)) return [];
    if (args.layout === 'instance') return instanceHealth(instanceOf(args, host));
    return args.role === 'master' ? debianHealth(args.db) : [];
  },
});

/** The accounts of the other instances of this host. */
function accountsBeside(all: readonly Recorded[], { name }: Recorded): ReadonlySet<string> {
  return new Set(all.flatMap((each) => (each.name === name ? [] : [each.account])));
}
