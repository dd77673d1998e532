import { type HealthQuery, isRunning, runningUnits } from '../../engine/sdk.ts';
import type { LabTunnel } from '../../lab/tunnel/lab_tunnel.ts';
import { UNIT } from '../../lab/tunnel/ssh_config.ts';

/** Whether the tunnel is up; that its far ends answer is tried by the trials. */
export function tunnelHealth({ through, forwards }: LabTunnel): readonly HealthQuery[] {
  const ports = Object.entries(forwards).map(([name, { listen }]) => `${name} ${listen}`);
  return [
    runningUnits({
      id: 'tunnel.service',
      units: [
        {
          name: UNIT,
          breaks: { kinds: ['server', 'postgres', 'http_proxy', 'lava_worker'], ends: 'from' },
          towards: { kind: 'tcp', host: through },
        },
      ],
      things: (states) => {
        const state = states.get(UNIT);
        const runs = state !== undefined && isRunning(state);
        return [
          {
            ...{ kind: 'tunnel', name: `tunnel to ${through}` },
            ...(runs ? { state: 'up', status: 'good' } : { state: 'down', status: 'bad' }),
            details: { to: through, forwards: ports.join(', ') },
          },
        ];
      },
    }),
  ];
}
