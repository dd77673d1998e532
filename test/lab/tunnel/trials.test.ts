import { expect, test } from 'vitest';
import type { HostView, Trial } from '../../../engine/sdk.ts';
import { lavaApiTrial } from '../../../lab/proofs/trials.ts';
import { beforeTrial, tunnelTrial } from '../../../lab/tunnel/trials.ts';

const forwards = { http: { listen: 10080, host: '192.0.2.10', port: 80 } };
const tunnel = { through: 'gate', address: '198.51.100.9', port: 2222, forwards };
const worker = (lava: HostView['vars']): HostView => ({
  ...{ name: 'far01', address: '198.51.100.21', groups: ['workers'], vars: { lava } },
});
const far = worker({ tunnel });
const page: Trial = lavaApiTrial({ host: '127.0.0.1', port: 10080 });
const own = tunnelTrial(tunnel);

test('what leads through a tunnel is tried after the tunnel, and that after its gate', () => {
  expect(beforeTrial(page, far)).toEqual(own);
  expect(own && beforeTrial(own, far)).toEqual({
    ...{ kind: 'server', host: '198.51.100.9', port: 2222, protocol: 'ssh' },
  });
});

test('nothing comes before what leads elsewhere', () => {
  expect(beforeTrial({ ...page, port: 7001 }, far)).toBeUndefined();
  expect(beforeTrial({ ...page, host: '192.0.2.10' }, far)).toBeUndefined();
  expect(beforeTrial(page, worker({}))).toBeUndefined();
  expect(tunnelTrial({ ...tunnel, forwards: {} })).toBeUndefined();
});
