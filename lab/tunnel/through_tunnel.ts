import {
  carryPlaces,
  type Diagnostic,
  type Fields,
  field,
  type HostProblem,
  isMap,
  placeOf,
  suggest,
} from '../../engine/extend.ts';
import { nearest } from '../../engine/sdk.ts';
import { NEAR_END } from './near_end.ts';

/** Where a worker's end of the tunnel listens; the coordinator's port stands in a file of its own and stays. */
const LISTEN = { database: 15432, http: 10080, ssh: 10022, coordinator: 3079 };

/** What is known of the hosts that a tunnel may lead through or to. */
export interface TunnelEnds {
  /** The first host of a group, or the host of that name. */
  readonly find: (name: string) => string | undefined;
  /** Its address as the other hosts see it. */
  readonly addressOf: (host: string) => string;
  /** The port of its SSH server as the other hosts see it. */
  readonly sshPortOf: (host: string) => number;
  /** The host of the group master. */
  readonly master: string | undefined;
}

/**
 * What a worker behind a tunnel knows of its lab: database and master are on its own loopback.
 *
 * Where they really are goes into `tunnel.forwards`, for the worker, which opens the tunnel, and for the
 * gate, which lets nothing else through. A worker of today needs no database (lava-dispatcher 2023.01).
 */
export function throughTunnel(lava: Fields, ends: TunnelEnds): Fields {
  const { tunnel, db, master, layout, heartbeat } = lava;
  if (!isMap(tunnel) || typeof tunnel.through !== 'string') return lava;
  const gate = ends.find(tunnel.through);
  if (gate === undefined) return lava;
  const given = isMap(tunnel.forwards) ? tunnel.forwards : {};
  const database = isMap(db) && (layout === 'instance' || 'database' in given) ? db : undefined;
  const sshPort = ends.master === undefined ? 22 : ends.sshPortOf(ends.master);
  const known: Readonly<Record<string, Fields>> = {
    ...(database && {
      database: { listen: LISTEN.database, host: database.server, port: database.port },
    }),
    http: { listen: LISTEN.http, host: master, port: 80 },
    ssh: { listen: LISTEN.ssh, host: master, port: sshPort },
    coordinator: { listen: LISTEN.coordinator, host: master, port: 3079 },
  };
  const forwards = merged(known, given);
  const listen = (name: string): unknown => (isMap(forwards[name]) ? forwards[name].listen : '');
  const url = `http://${NEAR_END}:${listen('http')}/`;
  const through = copyOf(tunnel, {
    ...{ address: ends.addressOf(gate), port: ends.sshPortOf(gate) },
    ...tunnel,
    through: gate,
    forwards,
  });
  return copyOf(lava, {
    master_url: url,
    ...lava,
    tunnel: through,
    ...(database && {
      db: copyOf(database, { ...database, server: NEAR_END, port: listen('database') }),
    }),
    master: NEAR_END,
    master_ssh_port: listen('ssh'),
    heartbeat: isMap(heartbeat)
      ? copyOf(heartbeat, { rpc2_url: `${lava.master_url ?? url}RPC2`, ...heartbeat })
      : heartbeat,
  });
}

function merged(known: Readonly<Record<string, Fields>>, given: Fields): Fields {
  const all: Record<string, unknown> = { ...known };
  for (const [name, own] of Object.entries(given)) {
    all[name] = isMap(own) ? copyOf(own, { ...known[name], ...own }) : own;
  }
  return copyOf(given, all);
}

function copyOf(from: Fields, to: Fields): Fields {
  carryPlaces(from, to);
  return to;
}

/** Tunnels through hosts that are not gates, and two of a tunnel's forwards on one port. */
export function tunnelMistakes(
  workers: ReadonlyMap<string, unknown>,
  gates: readonly string[],
): readonly HostProblem[] {
  const choices = ['master', 'gate', ...gates];
  return [...workers].flatMap(([host, lava]) => {
    const tunnel = field(lava, 'tunnel');
    const through = field(tunnel, 'through');
    if (typeof through !== 'string') return [];
    const found: Diagnostic[] = [];
    if (!gates.includes(through) || through === host) {
      const place = placeOf(tunnel, 'through');
      const message = `lava.tunnel.through: '${through}' is not a host of the groups 'master' and 'gate'`;
      const hint =
        gates.length === 0
          ? "put the host into the group 'gate'"
          : suggest(nearest(through, choices), choices);
      found.push({ code: 'unknown-host', message, place, hint });
    }
    const forwards = field(tunnel, 'forwards');
    const taken = new Map<unknown, string>();
    for (const [name, forward] of Object.entries(isMap(forwards) ? forwards : {})) {
      const port = field(forward, 'listen');
      const first = taken.get(port);
      taken.set(port, first ?? name);
      if (port === undefined || first === undefined) continue;
      const message = `lava.tunnel.forwards: ${first} and ${name} both listen on port ${port}`;
      const place = placeOf(forward, 'listen') ?? placeOf(tunnel, 'forwards');
      found.push({ code: 'duplicate-port', message, place });
    }
    return found.map((diagnostic) => ({ host, diagnostic }));
  });
}
