import { type HealthQuery, isRunning, runningUnits } from '../../engine/sdk.ts';

import { wholePrograms } from '../../lab/packages/whole_programs.ts';

const WORKER = 'lava-worker.service';

/** Whether the daemon runs that fetches jobs; that the master hears it is tried by the trials. */
export function daemonHealth(worker: string): readonly HealthQuery[] {
  return [
    runningUnits({
      id: 'lava_worker_agent.service',
      units: [{ name: WORKER, breaks: { kinds: ['lava_worker'], ends: 'from' } }],
      things: (states) => {
        const state = states.get(WORKER);
        const isThere = state?.load === 'loaded';
        return [
          {
            ...{ kind: 'agent', name: worker },
            state: isThere ? state.active : 'not installed',
            status: isThere && isRunning(state) ? 'good' : 'bad',
            details: { unit: WORKER },
          },
        ];
      },
    }),
  ];
}

/** Whether there is what jobs are run by. */
export function programsHealth(): HealthQuery {
  return wholePrograms('lava_worker_agent.programs', ['lava-dispatcher', 'lava-common'], {
    what: 'programs of lava-dispatcher are gone: this worker is Online, and its jobs fail',
  });
}

/** What boards are booted from over the network, where the worker has it (recommended by lava-dispatcher, 2023.01). */
const FOR_BOARDS = ['tftpd-hpa.service', 'nfs-server.service', 'apache2.service'];

/** Whether the servers run that boards fetch their kernels, root filesystems and images from. */
export function boardSideHealth(): readonly HealthQuery[] {
  return [
    runningUnits({
      id: 'lava_worker_agent.board-side',
      units: FOR_BOARDS.map((name) => ({ name, wanted: 'if enabled' })),
    }),
  ];
}
