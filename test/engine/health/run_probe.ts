import { spawnSync } from 'node:child_process';

/** How a probe ended on this machine. */
export interface ProbeResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a probe on this machine as the engine would on a host. */
export function runProbe(shell: string, probe: string): ProbeResult {
  return spawnSync(shell, ['-uc', `(\n${probe}\n)`], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
}
