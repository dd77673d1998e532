import { type FieldTrial, fieldKind } from '../../engine/extend.ts';
import type { HostView, Trial } from '../../engine/sdk.ts';
import { type LabTunnel, tunnelOf } from './lab_tunnel.ts';
import { NEAR_END } from './near_end.ts';

/** The tunnel's own connection, made on the worker. */
export interface TunnelTrial extends FieldTrial {
  /** The SSH server of the gate, as the worker sees it. */
  readonly gate: string;
  readonly gatePort: number;
}

/** A trial of the SSH server at which a tunnel ends. */
export function gateTrial({ address, port }: Pick<LabTunnel, 'address' | 'port'>): Trial {
  return { kind: 'server', host: address, port, protocol: 'ssh' };
}

/** A trial of the tunnel itself, whatever is at its far ends; nothing for one that carries nothing. */
export function tunnelTrial({
  address,
  port,
  forwards,
}: Omit<LabTunnel, 'through'>): TunnelTrial | undefined {
  const [first] = Object.values(forwards);
  if (!first) return undefined;
  return {
    kind: fieldKind('lava_tunnel'),
    host: NEAR_END,
    port: first.listen,
    gate: address,
    gatePort: port,
  };
}

/** What is nearer than the end of a way that leads through a host's tunnel: the tunnel; and nearer than that, its gate. */
export function beforeTrial(trial: Trial, from: HostView): Trial | undefined {
  const tunnel = tunnelOf(from);
  if (!tunnel || trial.host !== NEAR_END) return undefined;
  const own = tunnelTrial(tunnel);
  if (trial.kind === own?.kind) return gateTrial(tunnel);
  const isThrough = Object.values(tunnel.forwards).some(({ listen }) => listen === trial.port);
  return isThrough ? own : undefined;
}
