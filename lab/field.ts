import type { Field } from '../engine/extend.ts';
import { capacity } from './capacity/capacity.ts';
import { hostQueries } from './host/queries.ts';
import { withLabDefaults } from './inventory/defaults.ts';
import { roles } from './inventory/groups.ts';
import { labMistakes } from './inventory/mistakes.ts';
import { labVariables } from './inventory/variables.ts';
import { hostAt } from './network/host_at.ts';
import { identity } from './network/identity.ts';
import { names } from './network/names.ts';
import { classicPaths, wayToMaster } from './network/way_to_master.ts';
import { report } from './page/report.ts';
import { lavaTrialKinds } from './proofs/trial_kinds.ts';
import { retire } from './retire/retire.ts';
import { status } from './status/status.ts';
import { beforeTrial } from './tunnel/trials.ts';

/** What the engine is told of a LAVA lab. */
export const lavaLab: Field = {
  roles,
  variables: labVariables,
  mergedVariables: ['lava'],
  defaults: withLabDefaults,
  mistakes: labMistakes,
  trialKinds: lavaTrialKinds,
  hostQueries,
  paths: classicPaths,
  questions: (lab) => [identity, ...names(lab), capacity(lab)],
  timedPaths: [wayToMaster],
  hostAt,
  before: beforeTrial,
  figures: { master_round_trip_seconds: 'From the worker to the master and back' },
  commands: [status, report, retire],
};
