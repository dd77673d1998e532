import type { DebianRelease } from '../booted/debian_release.ts';
import { type LabHost, labHosts, resetHost } from '../booted/lab.ts';

/** The LAVA that a lab gets by the release of its hosts, see docs/support.md. */
interface Row {
  readonly lava: string;
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
  12: { lava: '2023.01', madeUp: ['example.com'], log: djangoLog },
  13: { lava: '2026.10', madeUp: [], log: ownLog },
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
