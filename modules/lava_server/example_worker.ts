import type { Resource } from '../../engine/sdk.ts';
import {
  type Accounts,
  accountResource,
  type BareWorker,
  EXAMPLE_WORKER,
} from '../../lab/master/accounts.ts';
import { djangoStep } from '../../lab/master/master_python.ts';
import type { Admin } from './superuser.ts';

const HEALTH = ['active', 'in maintenance', 'retired'];
const RETIRED = 2;

/** The worker that LAVA makes up in a fresh database is retired; one of that name that has ever reported, or has devices, is not. */
export function exampleWorker(admin: Admin | undefined): Resource<Accounts> {
  return accountResource(admin, {
    id: `worker ${EXAMPLE_WORKER} of LAVA`,
    change({ workers }) {
      const worker = workers.find(isMadeUp);
      if (!worker || worker.health === RETIRED) return undefined;
      return {
        before: `${HEALTH[worker.health] ?? worker.health}\n`,
        after: 'retired\n',
        steps: [djangoStep(`retire ${EXAMPLE_WORKER}`, PYTHON, { worker: EXAMPLE_WORKER })],
      };
    },
  });
}

function isMadeUp({ version, devices }: BareWorker): boolean {
  return version === null && devices === 0;
}

/** `lava-server manage workers update --health` always fails in 2023.01. */
const PYTHON = `from lava_scheduler_app.models import Worker
worker = Worker.objects.select_for_update().get(hostname=given["worker"])
worker.go_health_retired(None, "no worker of this lab")
worker.save()
`;
