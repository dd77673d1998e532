import type { Finding, HealthQuestion } from '../../engine/module.ts';
import { databaseProbe, parseDatabase } from '../lava_server/database_probe.ts';
import type { Device } from './board.ts';
import { type DeviceRecord, deviceQueries, deviceRecords } from './device_records.ts';

/** Whether each board is a device that gets jobs, at the worker on which it hangs. */
export function devicesHealth(devices: readonly Device[]): readonly HealthQuestion[] {
  return [
    {
      id: 'lava_devices.service',
      probe: databaseProbe(deviceQueries),
      judge: (output) => judgeDevices(output, devices),
    },
  ];
}

function judgeDevices(output: string, devices: readonly Device[]): readonly Finding[] {
  const state = parseDatabase(output);
  if (state.kind !== 'answered') return [];
  const known = deviceRecords(state.rows);
  return devices.flatMap((device) => judgeDevice(device, known.get(device.board.name)));
}

function judgeDevice(
  { board: { name }, worker }: Device,
  record: DeviceRecord | undefined,
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
  const { health, lastWord } = record;
  const misplaced: readonly Finding[] =
    record.worker === worker
      ? []
      : [
          {
            ...{ severity: 'problem', subject },
            what: `the master sends the jobs of ${name} to another worker than the inventory`,
            evidence: `${name}: worker ${record.worker || 'none'}; the inventory says ${worker}`,
            fix: 'lava-play apply moves it, once its jobs are over',
          },
        ];
  if (health === 'Good' || health === 'Looping') return misplaced;
  return [
    ...misplaced,
    {
      ...{ severity: health === 'Bad' ? 'problem' : health === 'Unknown' ? 'note' : 'warning' },
      subject,
      what: `the device ${name} is ${health}`,
      evidence: lastWord || `${name}: health ${health}`,
      fix:
        health === 'Unknown'
          ? 'its next health check tells'
          : 'mend the board, then set its health on its page of the web interface',
    } satisfies Finding,
  ];
}
