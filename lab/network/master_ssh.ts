import type { PathQuestion } from '../../engine/contract/health_question.ts';
import { masterFor } from '../../engine/health/round_trip.ts';
import type { HostView } from '../../engine/sdk.ts';
import { field } from '../../engine/values/values.ts';

/**
 * What a worker must reach of the master, whichever modules it has: its SSH server, over which the workers of a lab
 * in the layout of lava-deployment-tool mount the master's share.
 */
export function genericPaths(host: HostView): readonly PathQuestion[] {
  const isClassic = field(host.vars.lava, 'layout') === 'instance';
  const master = host.groups.includes('workers') && isClassic ? masterFor(host) : undefined;
  if (!master) return [];
  return [
    {
      id: 'lab.master-ssh',
      check: { kind: 'server', ...master, protocol: 'ssh' },
      what: 'this worker cannot reach the SSH server of the master, over which it mounts the share',
      subject: 'way to the master',
    },
  ];
}
