import type { DebianRelease } from '../booted/debian_release.ts';
import { type LabHost, labHosts, resetHost } from '../booted/lab.ts';

/** The LAVA that a lab gets by the release of its hosts, see docs/support.md. */
interface Row {
  readonly lava: string;
  /** Workers of a database that is new. */
  readonly madeUp: readonly string[];
}

const ROWS: Readonly<Record<DebianRelease, Row>> = {
  12: { lava: '2023.01', madeUp: ['example.com'] },
  13: { lava: '2026.10', madeUp: [] },
};

/** Whether all of the story is wanted, or only its course, without what may go wrong on the way. */
export const isWhole = process.env.LAVA_PLAY_SHORT === undefined;

/** The row of the lab that is up. */
export function row(): Row {
  const [host] = labHosts();
  if (!host) throw new Error('the lab has no hosts');
  return ROWS[host.debian];
}

/** Makes hosts of the lab as bare as an administrator hands them over. */
export async function makeBare(hosts: readonly LabHost[]): Promise<void> {
  for (const { name } of hosts) await resetHost(name);
}
