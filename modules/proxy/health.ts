import { type HealthQuery, isRunning, runningUnits } from '../../engine/sdk.ts';

const UNIT = 'squid.service';

/** Whether the proxy runs; that it lets workers in and nobody else is tried by the trials. */
export function proxyHealth(port: number): readonly HealthQuery[] {
  return [
    runningUnits({
      id: 'proxy.service',
      units: [{ name: UNIT, breaks: { kinds: ['http_proxy'] } }],
      things: (states) => {
        const state = states.get(UNIT);
        const runs = state !== undefined && isRunning(state);
        return [
          {
            ...{ kind: 'proxy', name: 'squid', details: { port } },
            ...(runs ? { state: 'running', status: 'good' } : { state: 'down', status: 'bad' }),
          },
        ];
      },
    }),
  ];
}
