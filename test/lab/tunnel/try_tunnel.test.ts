import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Session } from '../../../engine/contract/transport.ts';
import { lavaLab } from '../../../lab/field.ts';
import { type TunnelTrial, tunnelTrial } from '../../../lab/tunnel/trials.ts';
import { tryTunnel } from '../../../lab/tunnel/try_tunnel.ts';
import { freePort, listen } from '../../support/free_port.ts';

/** A worker whose kernel says this of the tunnel's connection. */
function worker(kernel: string): Session {
  const never = () => Promise.reject(new Error('not asked for'));
  return {
    ...{ run: never, close: async () => undefined },
    cost: { scripts: 0, bytesSent: 0, bytesReceived: 0 },
    runBeside: async () => kernel,
    openTcp: (host, port) =>
      new Promise((resolve, reject) => {
        const socket = connect(port, host, () => resolve(socket));
        socket.on('error', reject);
      }),
  };
}

function trialOf(listenPort: number): TunnelTrial {
  const forwards = { http: { listen: listenPort, host: '192.0.2.10', port: 80 } };
  const trial = tunnelTrial({ address: '198.51.100.9', port: 22, forwards });
  if (!trial) throw new Error('no trial');
  return trial;
}

test.each([
  ['carries', '0 31400\n', /^the tunnel to 198\.51\.100\.9:22 carries what is given to it$/],
  ['is busy', '9000 40\n', /carries what is given to it$/],
  [
    'is dead',
    '312 31400\n',
    /is dead: 312 bytes are unacknowledged, and nothing was acknowledged for 31 s$/,
  ],
  ['has no connection', 'none\n', /has no connection$/],
] as const)('a tunnel that %s', async (_, kernel, said) => {
  const server = createServer((socket) => socket.end());
  const port = await listen(server);
  const words = await tryTunnel(trialOf(port), worker(kernel), { host: 'far01' }).catch(
    ({ message }: Error) => message,
  );
  server.close();
  expect(words).toMatch(said);
});

test('a tunnel that is not there', async () => {
  const trial = trialOf(await freePort());
  const failure = tryTunnel(trial, worker(''), { host: 'far01' });
  await expect(failure).rejects.toThrow(/is not up: 127\.0\.0\.1:\d+: connection refused$/);
  expect(lavaLab.trialKinds.lava_tunnel?.sentence(trial as never)).toBe(
    'the tunnel of this host to 198.51.100.9:22 carries nothing',
  );
});
