import { bracketed, type HealthQuery, sh } from '../../engine/sdk.ts';
import { judgeTraffic, trafficFigures, trafficIn } from '../../lab/network/traffic.ts';
import type { Mount } from '../../lab/share/mount.ts';
import { NEAR_END } from '../../lab/tunnel/near_end.ts';

/**
 * How fast the way to the master is for the share, and how much of it gets lost.
 *
 * Nothing is sent for it: the kernel counts what sshfs writes, which is what jobs log. A way of which it has seen
 * too little is not judged; nor is the near end of a tunnel, whose own connection is looked at instead.
 */
export function wayHealth({ address, port }: Mount): readonly HealthQuery[] {
  if (address === NEAR_END) return [];
  const filter = `dst ${bracketed(address)} and dport = :${port}`;
  return [
    {
      id: 'sshfs_mount.throughput',
      probe: sh`ss -Htin state established ${filter} 2>/dev/null || :`,
      judge: (output) => judgeTraffic(trafficIn(output), { address, since: 'it was mounted' }),
      figures: (output) => trafficFigures(trafficIn(output)),
    },
  ];
}
