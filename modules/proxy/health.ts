import { type HealthQuestion, isRunning, runningUnits } from '../../engine/sdk.ts';

const UNIT = 'squid.service';

/** Whether the proxy runs; that it lets workers in and nobody else is tried by the checks. */
export function proxyHealth(port: number): readonly HealthQuestion[] {
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
            ...(runs ? { state: 'running', tone: 'good' } : { state: 'down', tone: 'bad' }),
          },
        ];
      },
    }),
  ];
}
