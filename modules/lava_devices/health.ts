import type { Finding, HealthQuery } from '../../engine/sdk.ts';
import type { Device } from '../../lab/board/device.ts';
import { databaseProbe, parseDatabase } from '../../lab/master/database_probe.ts';
import { lastEntries, lastEntriesQuery, quoted } from '../../lab/master/log_entries.ts';
import { isByHeartbeat } from '../../lab/master/worker_records.ts';
import type { Thing } from '../../lab/status/kinds.ts';
import { type DeviceRecord, deviceQueries, deviceRecords } from './device_records.ts';

/** How LAVA writes what a device does (class Device of `lava_scheduler_app/models.py`, 2023.01), in its order. */
const STATES = ['Idle', 'Reserved', 'Running'] as const;

const states = {
  reads: { lava_scheduler_app_device: 'hostname state' },
  sql: 'SELECT hostname, state FROM lava_scheduler_app_device',
} as const;

/** What a broken dictionary keeps from its device, as findings name it. */
export const DICTIONARY = 'dictionary';

/** Whether each board is a device that gets jobs, at the worker on which it hangs, and what else is on our workers. */
export function devicesHealth(
  devices: readonly Device[],
  workers: readonly string[],
  master: string,
): readonly HealthQuery[] {
  const probe = databaseProbe({ ...deviceQueries, states, entries: lastEntriesQuery('device') });
  return [
    {
      id: 'lava_devices.strangers',
      probe,
      judge: (output) => judgeUnlisted(output, devices, workers),
    },
    {
      id: 'lava_devices.service',
      probe,
      judge: (output) => judgeDevices(output, devices, master),
      things: (output) => boardsAsDevices(output, devices),
    },
  ];
}

function judgeDevices(
  output: string,
  devices: readonly Device[],
  master: string,
): readonly Finding[] {
  const state = parseDatabase(output);
  if (state.kind !== 'answered') return [];
  const known = deviceRecords(state.rows);
  const entries = lastEntries(state.rows);
  return devices.flatMap((device) => {
    const { name } = device.board;
    const record = known.get(name);
    const entry = record ? quoted(entries.get(name), record.health) : '';
    return judgeDevice(device, record, { entry, master });
  });
}

/** The commands of a device dictionary are run as root on its worker, also of one that nobody has in the inventory. */
function judgeUnlisted(
  output: string,
  devices: readonly Device[],
  workers: readonly string[],
): readonly Finding[] {
  const state = parseDatabase(output);
  if (state.kind !== 'answered') return [];
  const known = new Set(devices.map(({ board }) => board.name));
  return [...deviceRecords(state.rows).values()]
    .filter(({ hostname, worker, health }) => {
      return workers.includes(worker) && !known.has(hostname) && health !== 'Retired';
    })
    .map(({ hostname, worker, health }) => ({
      severity: 'note',
      what: `the master has a device ${hostname} on ${worker} that is not in the inventory; its commands run as root there`,
      evidence: `${hostname}: worker ${worker}, ${health}`,
      fix: 'add it to the inventory, or retire it on its page of the web interface',
      subject: `device ${hostname}`,
    }));
}

function judgeDevice(
  { board: { name }, worker }: Device,
  record: DeviceRecord | undefined,
  { entry, master }: { readonly entry: string; readonly master: string },
): readonly Finding[] {
  const subject = `board ${name}`;
  if (!record) {
    return [
      {
        ...{ severity: 'problem', subject },
        what: `the master has no device ${name}`,
        evidence: `no ${name} in lava_scheduler_app_device`,
        fix: 'lava-play apply registers it',
      },
    ];
  }
  const { health } = record;
  const misplaced: readonly Finding[] =
    record.worker === worker
      ? []
      : [
          {
            ...{ severity: 'problem', subject },
            what: `the master sends the jobs of ${name} to a different worker than the inventory says`,
            evidence: `${name}: worker ${record.worker || 'none'}; the inventory says ${worker}`,
            fix: 'lava-play apply moves it once its jobs have ended',
          },
        ];
  if (health === 'Good' || health === 'Looping') return misplaced;
  const evidence = entry || `${name}: health ${health}; LAVA's log does not say by whom`;
  return [
    ...misplaced,
    {
      ...{ severity: health === 'Bad' ? 'problem' : health === 'Unknown' ? 'note' : 'warning' },
      ...{ subject, what: `the device ${name} is ${health}`, evidence },
      ...becauseOf({ name, worker, record, entry, master }),
    } satisfies Finding,
  ];
}

/** What LAVA says of a device whose dictionary it cannot use (lava_scheduler_app/scheduler.py, 2023.01). */
const INVALID = '(Invalid device configuration)';

/** What to do about the health of a device, by what LAVA's log says of it. */
function becauseOf({
  name,
  worker,
  record: { health, lastWord },
  entry,
  master,
}: {
  readonly name: string;
  readonly worker: string;
  readonly record: DeviceRecord;
  readonly entry: string;
  readonly master: string;
}): Pick<Finding, 'fix'> & Partial<Finding> {
  if (entry.endsWith(INVALID)) {
    return {
      what: `the device ${name} is ${health}, as LAVA could not use its dictionary`,
      fix: `on the master: lava-server manage devices check ${name} shows what is wrong with it, if it still is; then set the health on its page of the web interface`,
      towards: { kind: DICTIONARY, host: master, part: name },
    };
  }
  if (isByHeartbeat(health, lastWord)) {
    return {
      fix: 'fix the cause; the heartbeat of its worker notices that. If the heartbeat is off, set the health on its page of the web interface',
      host: worker,
      towards: { kind: 'jobs', host: worker, part: name },
    };
  }
  return {
    fix:
      health === 'Unknown'
        ? 'wait for its next health check'
        : 'fix the cause that the log gives, or the board, then set its health on its page of the web interface',
  };
}

function boardsAsDevices(output: string, devices: readonly Device[]): readonly Thing[] {
  const database = parseDatabase(output);
  if (database.kind !== 'answered') return [];
  const known = deviceRecords(database.rows);
  const now = new Map((database.rows.states ?? []).map(({ hostname, state }) => [hostname, state]));
  return devices.map(({ board: { name }, worker }): Thing => {
    const record = known.get(name);
    const common = { kind: 'board', name, host: worker } as const;
    if (!record) return { ...common, state: 'not registered', status: 'bad' };
    const { health, type, jobs } = record;
    return {
      ...{ ...common, state: STATES[Number(now.get(name))] ?? 'Idle', status: STATUSES[health] },
      details: { health, type, ...(jobs[0] !== undefined && { job: jobs[0] }) },
    };
  });
}

const STATUSES: Readonly<Record<DeviceRecord['health'], Thing['status']>> = {
  Good: 'good',
  Looping: 'good',
  Unknown: 'warning',
  Bad: 'bad',
  Maintenance: 'off',
  Retired: 'off',
};
