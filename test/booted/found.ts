import type { HostFinding, LabHealth } from '../../engine/contract/finding.ts';

/**
 * Checks that measure, on hosts which share this machine, the machine: how busy it is, how full its disk and its memory
 * are. What they find is true, changes with whatever else runs here, and says nothing of what a test has done.
 */
const OF_THE_MACHINE: readonly string[] = [
  'lab.latency',
  'lab.capacity',
  'host.load',
  'host.memory',
  'host.disk',
  'host.inodes',
];

/** True of every booted lab in the layout of lava-deployment-tool: no LAVA of 2014 can be installed on its hosts. */
const OF_NO_LAVA: readonly string[] = ['lab.master-page', 'lava_rpc2_url.tables'];

/** What a check of booted hosts has found, but for what it found of the machine they share, which is printed. */
export function findingsOf({ hosts }: Pick<LabHealth, 'hosts'>): readonly HostFinding[] {
  return hosts
    .flatMap(({ findings }) => findings)
    .filter(({ host, check, severity, what, evidence }) => {
      if (OF_NO_LAVA.includes(check) && severity === 'warning') return false;
      if (!OF_THE_MACHINE.includes(check)) return true;
      console.warn(`OF THIS MACHINE, and passed over: ${severity}: ${host}: ${what} (${evidence})`);
      return false;
    });
}
