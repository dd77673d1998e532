import type { HostView, LabView } from '../../engine/sdk.ts';

/** The account on the gate under which all tunnels come in, and on a worker the one under which its tunnel runs. */
export const TUNNEL_USER = 'lava-tunnel';

/** A port of the worker's loopback that leads somewhere behind the gate. */
export interface Forward {
  readonly listen: number;
  readonly host: string;
  readonly port: number;
}

/** A worker's tunnel as the inventory has it, completed by the defaults of the lab. */
export interface LabTunnel {
  /** The host at whose SSH server it ends. */
  readonly through: string;
  /** The SSH server of that host, as the worker sees it. */
  readonly address: string;
  readonly port: number;
  readonly forwards: Readonly<Record<string, Forward>>;
}

/** How a host reaches the lab; nothing for one that needs no tunnel. */
export function tunnelOf({ vars, groups }: HostView): LabTunnel | undefined {
  const lava = fields(vars.lava);
  const { through, address = through, port = 22, forwards } = fields(lava.tunnel);
  if (typeof through !== 'string' || typeof address !== 'string' || typeof port !== 'number')
    return undefined;
  if (!groups.includes('workers')) return undefined;
  const read = Object.entries(fields(forwards)).flatMap(([name, value]) => {
    const { listen, host, port } = fields(value);
    const isWhole =
      typeof listen === 'number' && typeof host === 'string' && typeof port === 'number';
    return isWhole ? [[name, { listen, host, port }] as const] : [];
  });
  return { through, address, port, forwards: Object.fromEntries(read) };
}

/** The address from which a host reaches the database: that of the gate where a tunnel carries the connection. */
export function addressAtDatabase(host: HostView, lab: LabView): string {
  const tunnel = tunnelOf(host);
  const gate = tunnel?.forwards.database && lab.hosts[tunnel.through];
  return gate ? gate.address : host.address;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
