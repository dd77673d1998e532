import type { Finding } from '../../../engine/sdk.ts';
import { cite, type FoundFile } from '../found_files.ts';
import type { Instance } from '../instance_settings.ts';
import { readKey } from '../lava_lines.ts';

/** What the master's web pages count with, whatever a worker is told (lava-server `utils.get_heartbeat_timeout`, 2014). */
const OF_THE_MASTER = 300;

/** HEARTBEAT_TIMEOUT as lava-server reads it: a line that it does not understand means 300, silently. */
export function judgeHeartbeat(
  { worker: file }: { readonly worker: FoundFile | undefined },
  { heartbeatTimeout }: Instance,
): readonly Finding[] {
  if (!file) return [];
  const reading = readKey(file, 'HEARTBEAT_TIMEOUT');
  const subject = 'HEARTBEAT_TIMEOUT';
  if (reading.state !== 'read') {
    if (reading.state === 'missing' && heartbeatTimeout === OF_THE_MASTER) return [];
    return [
      {
        severity: 'warning',
        what: `lava-server finds no HEARTBEAT_TIMEOUT and uses ${OF_THE_MASTER} s`,
        evidence:
          reading.state === 'ignored'
            ? cite(file, reading.index)
            : `${file.path}: no HEARTBEAT_TIMEOUT`,
        fix: `write HEARTBEAT_TIMEOUT='${heartbeatTimeout}', including the quotes; lava-play apply does`,
        subject,
      },
    ];
  }
  const { value, index } = reading;
  const evidence = cite(file, index);
  if (value !== '' && !/^\s*[+-]?\d+\s*$/.test(value)) {
    return [
      {
        severity: 'problem',
        what: 'HEARTBEAT_TIMEOUT is not a whole number, and lava-server fails on it at every heartbeat',
        evidence,
        fix: `write HEARTBEAT_TIMEOUT='${heartbeatTimeout}'; lava-play apply does`,
        subject,
      },
    ];
  }
  if (Number(value) <= OF_THE_MASTER) return [];
  return [
    {
      severity: 'warning',
      what: `this worker sends its heartbeat less often than the master expects it, so it is shown as down about half of the time`,
      evidence: `${evidence}; the master assumes ${OF_THE_MASTER} s`,
      fix: `set lava.heartbeat.timeout of this worker to ${OF_THE_MASTER} or less in the inventory; lava-play apply`,
      subject,
    },
  ];
}
