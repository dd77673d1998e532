import { absent, pkg, type Resource, unit } from '../../engine/sdk.ts';
import { noLongerTrusted } from '../../lab/https/trust.ts';
import { broughtGone } from '../../lab/packages/brought.ts';
import { SOURCE_FILES } from '../../lab/packages/source_files.ts';
import { unlessAtWork } from '../../lab/worker/running_jobs.ts';
import { noHeartbeat } from './heartbeat.ts';
import { DAEMON_STATE } from './host_files.ts';
import type { Part } from './part.ts';

/**
 * A host that is no longer a worker: the daemons stopped, the dispatcher with all that came for it, its settings and
 * its token gone.
 *
 * What jobs have left below /var/lib/lava stays, and so do packages that others need, or somebody has asked for. A
 * master keeps the source of its own packages. While jobs run nothing goes.
 */
export function noWorker({
  jobs,
  devices,
  groups,
}: {
  readonly groups: readonly string[];
  readonly jobs: readonly string[];
  /** Files of devices that we have written. */
  readonly devices: readonly string[];
}): Part {
  const settings = '/etc/lava-dispatcher/lava-worker';
  const leftovers = [settings, `${settings}.dpkg-dist`, `${DAEMON_STATE}/token`, ...devices];
  const sources = groups.includes('master') ? [] : Object.values(SOURCE_FILES);
  const resources: readonly Resource[] = [
    unit({ name: 'lava-worker', enabled: false, running: false }),
    pkg({ name: 'lava-dispatcher', ensure: 'absent' }),
    broughtGone('lava-dispatcher') as Resource,
    ...[...leftovers, ...sources].map((path) => absent({ path })),
    ...(groups.includes('master') ? [] : [noLongerTrusted()]),
    ...noHeartbeat().resources,
  ];
  return { resources: resources.map((resource) => unlessAtWork(resource, jobs)) };
}
