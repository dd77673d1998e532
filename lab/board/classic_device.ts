import type { Finding, LabView } from '../../engine/sdk.ts';
import { type DeviceRow, isHeard, isNamed, rowOf, type Tables } from '../master/classic_tables.ts';
import type { Thing } from '../status/kinds.ts';
import type { Device } from './device.ts';

/** How classic LAVA numbers what a device does, and how it is (class Device of `lava_scheduler_app/models.py`, 2014). */
const STATUS = ['Offline', 'Idle', 'Running', 'Going offline', 'Retired', 'Reserved'] as const;
const HEALTH = ['Unknown', 'Pass', 'Fail', 'Looping'] as const;

/** Whether a board is a device that gets jobs, at the worker on which it hangs. */
export function judgeDevice(
  { board: { name }, worker }: Device,
  { workers, devices }: Tables,
  lab: LabView,
): readonly Finding[] {
  if (!devices) return [];
  const about = { subject: `board ${name}`, host: worker };
  const row = devices.find(({ hostname }) => hostname === name);
  if (!row) {
    return [
      {
        ...{ ...about, severity: 'problem' },
        what: `the master has no device ${name}`,
        evidence: `no ${name} in lava_scheduler_app_device`,
        fix: `add it in the web interface: /admin/lava_scheduler_app/device/add/; the next heartbeat of ${worker} claims it`,
      },
    ];
  }
  const workerRow = rowOf(worker, workers);
  const isPlaced = isNamed(worker, row.worker_host_id ?? '');
  const misplaced: readonly Finding[] =
    isPlaced || !workerRow || !isHeard(worker, workerRow, lab)
      ? []
      : [
          {
            ...{ ...about, severity: 'warning' },
            what:
              row.worker_host_id === null
                ? `no worker claims the device ${name}, which counts as offline`
                : `a different worker than in the inventory claims the device ${name}`,
            evidence: `${name}: worker_host ${row.worker_host_id ?? 'NULL'}; the inventory says ${worker}`,
            fix: `the next heartbeat of ${worker} claims it, if its file is in etc/lava-dispatcher/devices; lava-play apply writes it there and removes it from other workers`,
          },
        ];
  const { status, health } = stateOf(row);
  const isOut = ['Offline', 'Going offline', 'Retired'].includes(status);
  if (!isOut && health !== 'Fail') return misplaced;
  return [
    ...misplaced,
    {
      ...{ ...about, severity: health === 'Fail' ? 'problem' : 'warning' },
      what: isOut
        ? `the device ${name} gets no jobs: it is ${status}`
        : `the device ${name} has failed its health check`,
      evidence: `${name}: status ${status}, health ${health}`,
      fix: 'see its page in the web interface, fix the board, then put it online there',
    },
  ];
}

/** The boards as the master shows them. */
export function devicesAsBoards(
  all: readonly Device[],
  { devices = [] }: Tables,
): readonly Thing[] {
  return all.flatMap(({ board: { name }, worker }): readonly Thing[] => {
    const row = devices.find(({ hostname }) => hostname === name);
    if (!row) return [];
    const { status: state, health } = stateOf(row);
    const status = state === 'Retired' ? 'off' : health === 'Fail' ? 'bad' : STATUSES[state];
    return [{ kind: 'board', name, host: worker, state, status, details: { health } }];
  });
}

const STATUSES: Readonly<Record<(typeof STATUS)[number], Thing['status']>> = {
  Offline: 'off',
  Idle: 'good',
  Running: 'good',
  'Going offline': 'off',
  Retired: 'off',
  Reserved: 'good',
};

function stateOf({ status, health_status: health }: DeviceRow) {
  return { status: STATUS[status] ?? 'Offline', health: HEALTH[health] ?? 'Unknown' };
}
