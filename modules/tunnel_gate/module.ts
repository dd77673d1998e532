import {
  absent,
  defineModule,
  directory,
  file,
  type HostView,
  type LabView,
  Pending,
  pkg,
  type Resource,
  reload,
  user,
} from '../../engine/sdk.ts';
import { SSHD_CHECK } from '../../lab/share/share_text.ts';
import { requireSnippets, sshdReadsFolder } from '../../lab/share/sshd_state.ts';
import { keyPathSchema } from '../../lab/ssh/key_place.ts';
import { type LabTunnel, TUNNEL_USER, tunnelOf } from '../../lab/tunnel/lab_tunnel.ts';
import { type Client, editKeys, KEY_FILE, workerKeys } from './authorized_keys.ts';
import { endKeyless } from './end_keyless.ts';
import { gateAdmits } from './gate_admits.ts';
import { gateHealth } from './health.ts';
import { DROP_IN, sshdText } from './sshd_config.ts';

/** The end of the workers' tunnels: an account that may open their ports, and nothing else at all. */
export default defineModule({
  name: 'tunnel_gate',
  summary: 'admits the tunnels of the workers, each to its own ports only',
  schema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      key: {
        ...keyPathSchema,
        description: "The private key of the workers' tunnels, by its path on each of them",
      },
    },
  },
  example: '{}\n',
  facts: { keys: workerKeys, readsFolder: sshdReadsFolder },
  desired({ args, facts, host, lab }) {
    const clients = clientsOf(host, lab).map(({ name, tunnel }): Client => {
      const known = facts.keys[name];
      const key = known?.get(args.key) ?? (known && !known.has(args.key) ? 'none' : 'unknown');
      return { name, targets: Object.values(tunnel.forwards), key };
    });
    if (clients.length === 0) return closed;
    if (facts.readsFolder === undefined) {
      throw new Pending('the configuration of sshd is not there yet', [server]);
    }
    requireSnippets(facts.readsFolder);
    const keyless = clients.filter(({ key }) => key === 'none').map(({ name }) => name);
    const resources = open(clients);
    if (keyless.length > 0) {
      throw new Pending(`${keyless.join(', ')} has no key ${args.key} yet`, resources);
    }
    return resources;
  },
  health({ args: { key }, host, lab }) {
    const workers = clientsOf(host, lab).map(({ name }) => name);
    return workers.length === 0 ? [] : gateHealth({ host: host.name, workers, key });
  },
});

/** The workers whose tunnels end here. */
function clientsOf(
  gate: HostView,
  lab: LabView,
): readonly { readonly name: string; readonly tunnel: LabTunnel }[] {
  return (lab.groups.workers ?? []).flatMap((name) => {
    const worker = lab.hosts[name];
    const tunnel = worker && tunnelOf(worker);
    return tunnel?.through === gate.name ? [{ name, tunnel }] : [];
  });
}

const server = pkg({ name: 'openssh-server' });

function open(clients: readonly Client[]): readonly Resource[] {
  return [
    server,
    user({
      ...{ name: TUNNEL_USER, system: true, home: '/nonexistent', shell: '/usr/sbin/nologin' },
    }),
    directory({ path: '/etc/lava-play' }),
    file({ path: KEY_FILE, content: (now) => editKeys(now, clients), onChange: [endKeyless()] }),
    file({
      path: DROP_IN,
      content: sshdText(clients.flatMap(({ targets }) => targets)),
      validate: SSHD_CHECK,
      onChange: [reload('ssh')],
    }),
    gateAdmits(),
  ];
}

/** Without tunnels nobody comes in by them; the account stays, locked and without a key. */
const closed: readonly Resource[] = [
  absent({ path: KEY_FILE, onChange: [endKeyless()] }),
  absent({ path: DROP_IN, onChange: [reload('ssh')] }),
];
