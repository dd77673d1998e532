import { type Proof, Refused, type Shown } from '../../engine/sdk.ts';
import { databaseProbe, parseDatabase, troubleOf } from '../../lab/master/database_probe.ts';
import type { Rows } from '../../lab/master/registration.ts';
import { jobsInWords, workerQueries, workerRecords } from '../../lab/master/worker_records.ts';

/** All but those that LAVA gives no jobs whatever their worker is: the Bad and the Retired ones. */
const inService = {
  reads: { lava_scheduler_app_device: 'hostname worker_host_id health' },
  sql: `SELECT hostname, worker_host_id AS worker FROM lava_scheduler_app_device
WHERE health NOT IN (3, 5) ORDER BY hostname`,
} as const;

/** That LAVA itself says of a worker that retires what it should: Retired, with nothing on it that could get jobs. */
export function retirement(name: string): Proof {
  return {
    subject: name,
    probe: databaseProbe({ ...workerQueries, inService }),
    judge(output) {
      const state = parseDatabase(output);
      if (state.kind === 'answered') return shown(name, state.rows);
      throw new Refused(`cannot tell whether LAVA has retired ${name}: ${troubleOf(state)}`);
    },
  };
}

function shown(name: string, rows: Rows): Shown {
  const now = workerRecords(rows).get(name);
  if (!now) return { state: 'proved', words: `LAVA has no worker ${name}` };
  const { health, jobs } = now;
  const devices = (rows.inService ?? [])
    .filter(({ worker }) => worker === name)
    .map(({ hostname }) => String(hostname));
  if (health === 'Retired' && devices.length === 0) {
    const cut = jobs.length > 0 ? `; ${jobsInWords(jobs)} did not finish` : '';
    return { state: 'proved', words: `LAVA has retired ${name} and all its devices${cut}` };
  }
  if (health !== 'Active' && jobs.length > 0) {
    const words = `${jobsInWords(jobs)} still ${jobs.length === 1 ? 'runs' : 'run'} on it`;
    return { state: 'not yet', words };
  }
  if (health === 'Retired') {
    throw new Refused(
      `LAVA has retired ${name}, but not its devices: ${devices.join(', ')}`,
      'the module lava_devices retires the boards of the inventory; others have a page in the web interface',
    );
  }
  throw new Refused(
    `LAVA still lists the worker ${name} as ${health}`,
    'somebody has changed that in the meantime: run it again, or retire it on its page of the web interface',
  );
}
