import { bracketed, type HostView } from '../../engine/sdk.ts';
import type { OwnSettings } from './own_settings.ts';

/** How the master is reached. */
export interface Reach {
  /** More names and addresses than the inventory has for it. */
  readonly allowedHosts: readonly string[];
  readonly https: 'yes' | 'no';
  /** By name; they go before what is said here, but for the names by which the master is called, which are added. */
  readonly settings?: OwnSettings;
}

/** Later than the package's own files in `settings.d`; the database and the instance's name are `write_instance_conf`'s. */
export const SETTINGS = '/etc/lava-server/settings.d/50-lava-play.yaml';

/**
 * LAVA's settings; a list in JSON is YAML.
 *
 * A name that is not in ALLOWED_HOSTS is answered by 400, also to workers, and a secure cookie is not sent over
 * http. Without EVENT_NOTIFICATION jobs wait for the scheduler's next look, 20 s (lava-server 2023.01).
 */
export function settingsYaml(
  host: HostView,
  { allowedHosts, https, settings = {} }: Reach,
): string {
  const secure = https === 'yes';
  const { ALLOWED_HOSTS: names = [], ...own } = settings;
  const more = Array.isArray(names) ? names.map(String) : [String(names)];
  const all = { WORKER_AUTO_REGISTER: false, EVENT_NOTIFICATION: true, ...own };
  return `ALLOWED_HOSTS: ${JSON.stringify(namesOf(host, [...allowedHosts, ...more]))}
CSRF_COOKIE_SECURE: ${secure}
SESSION_COOKIE_SECURE: ${secure}
${Object.entries(all)
  .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  .join('')}`;
}

/** The names and addresses by which the master is called, also by itself; as in a URL (Django documentation, ALLOWED_HOSTS). */
export function namesOf(host: HostView, more: readonly string[]): readonly string[] {
  const { address } = host.vars;
  const names = [
    ...[host.name, host.address, ...(typeof address === 'string' ? [address] : [])],
    ...more,
    ...['localhost', '127.0.0.1', '::1'],
  ];
  return [...new Set(names.filter((name) => name !== '').map(bracketed))];
}
