import { bracketed, type HostView } from '../../engine/sdk.ts';
import type { OwnSettings } from './own_settings.ts';

/** How the master is reached. */
export interface Reach {
  /** More names and addresses than the inventory has for it. */
  readonly allowedHosts: readonly string[];
  /** `elsewhere` is a certificate and a site that are somebody else's. */
  readonly https: 'no' | 'elsewhere' | 'here';
  /** The address by which people and workers call it. */
  readonly url?: string | undefined;
  /** By name; they go before what is said here, but for the names by which the master is called, which are added. */
  readonly settings?: OwnSettings;
}

/** Later than the package's own files in `settings.d`; the database and the instance's name are `write_instance_conf`'s. */
export const SETTINGS = '/etc/lava-server/settings.d/50-lava-play.yaml';

/**
 * LAVA's settings; a list in JSON is YAML.
 *
 * A name that is not in ALLOWED_HOSTS is answered by 400, also to workers, and a secure cookie is not sent over
 * http. Behind https Django has to know that people came by it, or where from, because it compares that with what their
 * browsers say (django/middleware/csrf.py, 4.2 and 5.2). Without EVENT_NOTIFICATION jobs wait for the scheduler's next look, 20 s (lava-server 2023.01).
 */
export function settingsYaml(host: HostView, reach: Reach): string {
  const secure = reach.https !== 'no';
  const { ALLOWED_HOSTS: _, CSRF_TRUSTED_ORIGINS: trusted, ...own } = reach.settings ?? {};
  const names = namesOf(host, allowedNames(reach));
  const origins = [
    ...texts(trusted),
    ...(reach.https === 'elsewhere' ? originsOf(reach, names) : []),
  ];
  const all = {
    ...(origins.length > 0 && { CSRF_TRUSTED_ORIGINS: [...new Set(origins)] }),
    ...(reach.https === 'here' && { SECURE_PROXY_SSL_HEADER: ['HTTP_X_FORWARDED_PROTO', 'https'] }),
    WORKER_AUTO_REGISTER: false,
    EVENT_NOTIFICATION: true,
    ...own,
  };
  return `ALLOWED_HOSTS: ${JSON.stringify(names)}
CSRF_COOKIE_SECURE: ${secure}
SESSION_COOKIE_SECURE: ${secure}
${Object.entries(all)
  .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
  .join('')}`;
}

/** The names and addresses that the inventory has for the master beside its own. */
export function allowedNames({
  allowedHosts,
  url,
  settings,
}: Omit<Reach, 'https'>): readonly string[] {
  return [
    ...allowedHosts,
    ...(url === undefined ? [] : [new URL(url).hostname]),
    ...texts(settings?.ALLOWED_HOSTS),
  ];
}

function originsOf({ url = '' }: Reach, names: readonly string[]): readonly string[] {
  const called = names
    .filter((name) => name !== '*' && !['localhost', '127.0.0.1', '[::1]'].includes(name))
    .map((name) => `https://${name.replace(/^\./, '*.')}`);
  return [...(url.startsWith('https:') ? [new URL(url).origin] : []), ...called];
}

function texts(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.map(String) : [String(value)];
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
