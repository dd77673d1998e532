import {
  daemonReload,
  directory,
  file,
  type Resource,
  restart,
  shippedFile,
  unit,
} from '../../engine/sdk.ts';
import { programFolder } from '../../lab/heartbeat/program_folder.ts';
import { RECEIVER } from '../../lab/heartbeat/receiver.ts';
import { ACCOUNT } from '../../lab/master/master_python.ts';
import { receiverUnit } from './heartbeat_receiver/unit_text.ts';

const FILES = ['app.py', 'claim.py', 'judgement.py', 'records.py', 'report.py'];

/**
 * What takes the reports of the workers' heartbeats on a current master.
 *
 * LAVA's own right to change a worker is a right over all of them, and over root on each
 * (`scheduler.workers.set_env`, 2023.01), so no worker has it: the receiver changes the health of the worker that
 * has signed a report, and of that worker's devices. The keys are made by `lava_workers`.
 */
export function heartbeatReceiver(): readonly Resource[] {
  const onChange = [restart(RECEIVER.unit)];
  return [
    directory({ path: RECEIVER.etc }),
    directory({ path: RECEIVER.keys, mode: '0750', group: ACCOUNT }),
    directory({ path: RECEIVER.program }),
    programFolder({
      path: RECEIVER.program,
      files: FILES.map((name) => ({
        path: `${RECEIVER.program}/${name}`,
        content: shippedFile(`lava_server/files/lava_heartbeat_receiver/${name}`),
      })),
      onChange,
    }),
    file({
      path: RECEIVER.unitFile,
      content: receiverUnit(),
      onChange: [daemonReload(), ...onChange],
    }),
    unit({ name: RECEIVER.unit, enabled: true, running: true }),
  ];
}
