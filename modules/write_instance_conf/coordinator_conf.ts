import { Refused } from '../../engine/sdk.ts';
import { COORDINATOR } from '../../lab/instance/instance_files.ts';

/** lava-coordinator.conf of lava-deployment-tool, for MultiNode jobs. */
const DEFAULTS = { port: COORDINATOR.port, blocksize: 4096, poll_delay: 3 };

/** The JSON of lava-coordinator.conf with the master as the coordinator's host; the rest stays as it is. */
export function editCoordinatorConf(text: string, master: string): string {
  const now = text.trim() === '' ? DEFAULTS : parse(text);
  if ('coordinator_hostname' in now) {
    if (now.coordinator_hostname === master) return text;
    const inPlace = text.replace(
      /("coordinator_hostname"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|null)/,
      (_, key: string) => `${key}${JSON.stringify(master)}`,
    );
    if (inPlace !== text) return inPlace;
  }
  return `${JSON.stringify({ ...now, coordinator_hostname: master }, null, 2)}\n`;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {}
  throw new Refused(
    'the file is not the JSON object that lava-coordinator reads',
    'fix it or move it away',
  );
}
