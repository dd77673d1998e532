import type { TrialKind } from '../../engine/extend.ts';
import type { TunnelTrial } from '../tunnel/trials.ts';
import { tryTunnel } from '../tunnel/try_tunnel.ts';
import { tryLavaApi } from './lava_api.ts';
import { tryLavaWorker } from './lava_worker.ts';
import type { LavaApiTrial, LavaWorkerTrial } from './trials.ts';

const lavaApi: TrialKind<LavaApiTrial> = {
  sentence: ({ host, port }) => `this host cannot reach LAVA's API on ${host}:${port}`,
  attempt: tryLavaApi,
};

const lavaWorker: TrialKind<LavaWorkerTrial> = {
  sentence: ({ url }) => `the master at ${url} receives no pings from this worker`,
  attempt: tryLavaWorker,
};

const lavaTunnel: TrialKind<TunnelTrial> = {
  sentence: ({ gate, gatePort }) =>
    `the tunnel of this host to ${gate}:${gatePort} carries nothing`,
  attempt: tryTunnel,
};

/** How the trials of LAVA are made, by their kind. */
export const lavaTrialKinds = {
  lava_api: lavaApi,
  lava_worker: lavaWorker,
  lava_tunnel: lavaTunnel,
};
