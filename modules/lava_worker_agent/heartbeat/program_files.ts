import { shippedFile } from '../../../engine/sdk.ts';
import type { ProgramFile } from '../../../lab/heartbeat/program_folder.ts';
import { HEARTBEAT } from './places.ts';

const NAMES = [
  '__main__.py',
  'beating.py',
  'classic.py',
  'configuration.py',
  'current.py',
  'limited.py',
  'master.py',
  'payload.py',
  'service_manager.py',
  'status.py',
  'watch.py',
  'way.py',
  'worker_conf.py',
];

/** All files of the heartbeat runtime; its unit wants a restart when one of them changes. */
export function programFiles(): readonly ProgramFile[] {
  return NAMES.map((name) => ({
    path: `${HEARTBEAT.program}/${name}`,
    content: shippedFile(`lava_worker_agent/files/lava_heartbeat/${name}`),
  }));
}
