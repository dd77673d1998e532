import {
  absent,
  daemonReload,
  defineModule,
  directory,
  file,
  listening,
  Pending,
  pkg,
  type Resource,
  restartUntilListening,
  type Trial,
  unit,
  user,
} from '../../engine/sdk.ts';
import { hostKeys } from '../../lab/ssh/keys_of_host.ts';
import { TUNNEL_USER } from '../../lab/tunnel/lab_tunnel.ts';
import {
  ALIAS,
  CONFIG,
  configText,
  KNOWN_HOSTS,
  UNIT,
  unitText,
} from '../../lab/tunnel/ssh_config.ts';
import { runningJobs, unlessAtWork } from '../../lab/worker/running_jobs.ts';
import { tunnelArguments } from './arguments.ts';
import { tunnelHealth } from './health.ts';
import { hostKeysOf, pinnedKeys } from './host_keys.ts';

const UNIT_FILE = `/etc/systemd/system/${UNIT}`;

/** The way of a worker to a lab behind a firewall: one SSH connection that is always there. */
export default defineModule({
  name: 'tunnel',
  summary: 'a permanent SSH connection that brings database, web server and files to the loopback',
  schema: tunnelArguments,
  example: `to:
  through: lava-master
  address: 192.0.2.10
  forwards:
    database: { listen: 15432, host: 192.0.2.11, port: 5432 }
    ssh: { listen: 10022, host: 192.0.2.10, port: 22 }
`,
  facts: {
    keys: hostKeys,
    master: hostKeysOf('master'),
    gate: hostKeysOf('gate'),
    jobs: runningJobs,
  },
  desired({ args: { to, key }, facts }) {
    if (to === undefined) return closed.map((resource) => unlessAtWork(resource, facts.jobs));
    const client = pkg({ name: 'openssh-client' });
    const account = user({
      ...{ name: TUNNEL_USER, system: true, home: '/nonexistent', shell: '/usr/sbin/nologin' },
    });
    if (!facts.keys.has(key)) throw new Pending(`there is no key ${key} yet`, [client, account]);
    const forwards = Object.values(to.forwards);
    const ports = forwards.map(({ listen }) => listen);
    const onChange = [restartUntilListening({ unit: UNIT, ports })];
    return [
      client,
      account,
      directory({ path: '/etc/lava-play' }),
      file({
        path: KNOWN_HOSTS,
        content: pinnedKeys(to.through, ALIAS, { ...facts.gate, ...facts.master }),
        onChange,
      }),
      file({ path: CONFIG, content: configText({ ...to, user: TUNNEL_USER, forwards }), onChange }),
      file({
        path: UNIT_FILE,
        content: unitText({ gate: to.through, user: TUNNEL_USER, key }),
        onChange: [daemonReload(), ...onChange],
      }),
      unit({ name: UNIT, enabled: true }),
      listening({ unit: UNIT, ports }),
    ];
  },
  health: ({ args: { to } }) => (to ? tunnelHealth(to) : []),
  /** The near end takes every connection, so the far ends have to speak; web server and coordinator may come later. */
  trials({ args: { to } }): readonly Trial[] {
    return Object.entries(to?.forwards ?? {}).flatMap(([name, { listen: port }]) => {
      const protocol = name === 'database' ? 'postgres' : name === 'ssh' ? 'ssh' : undefined;
      return protocol ? [{ kind: 'server', host: '127.0.0.1', port, protocol }] : [];
    });
  },
});

/** Nothing is left of a tunnel that is not wanted any more, its account apart. */
const closed: readonly Resource[] = [
  unit({ name: UNIT, enabled: false, running: false }),
  absent({ path: UNIT_FILE, onChange: [daemonReload()] }),
  ...[CONFIG, KNOWN_HOSTS].map((path) => absent({ path })),
];
