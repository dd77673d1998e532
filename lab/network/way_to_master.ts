import { field, type TimedPath } from '../../engine/extend.ts';
import type { Finding, HostView, PathQuery } from '../../engine/sdk.ts';
import { HEARTBEAT_WAY } from '../heartbeat/receiver.ts';
import { masterSeenBy } from './host_at.ts';

/** A console log written over sshfs waits for the master at each write; from here on people notice (founding document, "Latency over SSHFS"). */
const SECONDS = { note: 0.03, warning: 0.15 };

/** The master as a host reaches it over the network; nothing at the near end of a tunnel, which answers at once. */
function masterFor({
  vars: { lava },
  address,
}: HostView): { readonly host: string; readonly port: number } | undefined {
  const host = field(lava, 'master');
  const port = field(lava, 'master_ssh_port');
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return host === address || /^(127\.|::1$|localhost$)/.test(host) ? undefined : { host, port };
}

/** What a long way to the master means. */
export function judgeWay(seconds: number, address: string): readonly Finding[] {
  if (seconds < SECONDS.note) return [];
  const milliseconds = Math.round(seconds * 1000);
  return [
    {
      severity: seconds < SECONDS.warning ? 'note' : 'warning',
      what: 'the latency to the master is high: console logs and files on its share arrive late',
      evidence: `${milliseconds} ms to ${address} and back`,
      fix: 'use a closer network, or layout: debian, whose workers send their logs over HTTP',
      subject: 'way to the master',
    },
  ];
}

/** The figure of a worker's way to the master. */
export const WAY_FIGURE = 'master_round_trip_seconds';

/** How far the master is from each worker; of one behind a tunnel the tunnel's own connection says it. */
export const wayToMaster: TimedPath = {
  id: 'lab.latency',
  figure: WAY_FIGURE,
  target: (host) => (host.groups.includes('workers') ? masterFor(host) : undefined),
  judge: judgeWay,
};

/**
 * What must answer in a lab in the layout of lava-deployment-tool, whichever modules a host has: to its workers the SSH
 * server of the master, over which they mount its share, and to the master itself the page of its LAVA, which others install.
 */
export function classicPaths(host: HostView): readonly PathQuery[] {
  if (field(host.vars.lava, 'layout') !== 'instance') return [];
  if (host.groups.includes('master')) return [ownPage(host)];
  const master = wayToMaster.target(host);
  if (!master) return [];
  return [
    {
      id: 'lab.master-ssh',
      trial: { kind: 'server', ...master, protocol: 'ssh' },
      what: 'this worker cannot reach the SSH server of the master, over which it mounts the share',
      subject: 'way to the master',
    },
  ];
}

function ownPage(host: HostView): PathQuery {
  const { host: address, port = 80 } = masterSeenBy(host, host.address);
  return {
    id: 'lab.master-page',
    trial: { kind: 'tcp', host: address, port },
    severity: 'warning',
    what: 'nothing answers where the page of LAVA should be, and where workers report to',
    subject: 'page of LAVA',
    breaks: { kinds: [HEARTBEAT_WAY] },
  };
}
