import type { DebianRelease } from '../booted/debian_release.ts';
import { type LabHost, labHosts, resetHost } from '../booted/lab.ts';

/** What differs between the LAVAs that a lab gets by the release of its hosts, see docs/support.md. */
interface Row {
  /** Workers of a database that is new. */
  readonly madeUp: readonly string[];
  /** SQL of what LAVA has logged of workers or devices: name, change_message, action_time. */
  readonly log: (model: string) => string;
}

const djangoLog = (model: string): string =>
  `SELECT object_id AS name, change_message, action_time FROM django_admin_log
  JOIN django_content_type c ON c.id = content_type_id WHERE model = '${model}'`;

const ownLog = (model: string): string =>
  `SELECT ${model}_id AS name, change_message, action_time FROM lava_scheduler_app_lavalogentry${model}`;

const ROWS: Readonly<Record<DebianRelease, Row>> = {
  12: { madeUp: ['example.com'], log: djangoLog },
  13: { madeUp: [], log: ownLog },
};

/** Whether all of the story is wanted, or only its course, without what may go wrong on the way. */
export const isWhole = process.env.LAVA_PLAY_SHORT === undefined;

/** Whether a test that takes hosts from Debian 12 to 13 belongs to this run: it is long, and needs to run once. */
export const startsAtDebian12 = isWhole && (process.env.LAVA_PLAY_LAB_DEBIAN ?? '12') === '12';

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
