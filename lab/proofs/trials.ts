import type { Trial } from '../../engine/extend.ts';
import type { LavaApiCheck, LavaWorkerCheck } from './checks.ts';
import { checkLavaApi } from './lava_api.ts';
import { checkLavaWorker } from './lava_worker.ts';

const lavaApi: Trial<LavaApiCheck> = {
  sentence: ({ host, port }) => `this host does not get at LAVA's API on ${host}:${port}`,
  attempt: checkLavaApi,
};

const lavaWorker: Trial<LavaWorkerCheck> = {
  sentence: ({ url }) => `the master at ${url} does not hear from this worker`,
  attempt: checkLavaWorker,
};

/** How the checks of LAVA are made, by their kind. */
export const lavaTrials = { lava_api: lavaApi, lava_worker: lavaWorker };
