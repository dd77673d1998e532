import { maskAfter } from '../../engine/sdk.ts';
import { editSettings, type Syntax } from '../../lab/instance/settings_text.ts';

/** How the daemon that pings the master is started. */
export interface DaemonSettings {
  /** The worker's name on the master. */
  readonly name: string;
  /** The master's start page, with a slash at its end. */
  readonly url: string;
  readonly wsUrl: string;
  readonly logLevel: string;
  /** Seconds. */
  readonly httpTimeout: number;
  /** Seconds. */
  readonly pingInterval: number;
}

/**
 * The settings of `lava-worker.service` in its environment file; other keys and comments stay.
 *
 * Each value holds its whole option, and systemd splits it at blanks; the unit has no variable for the interval of
 * the pings, so it goes with another. A token here would be seen in the list of processes and win over the
 * token's file, as would one in /etc/default/lava-worker, so it is set to nothing (lava-dispatcher 2023.01).
 */
export function editDaemonSettings(now: string, settings: DaemonSettings): string {
  const { name, url, wsUrl, logLevel, httpTimeout, pingInterval } = settings;
  const values = {
    WORKER_NAME: `--name ${name}`,
    LOGLEVEL: logLevel,
    URL: url,
    TOKEN: '',
    WS_URL: `--ws-url ${wsUrl}`,
    HTTP_TIMEOUT: `--http-timeout ${httpTimeout} --ping-interval ${pingInterval}`,
  };
  const wanted = Object.entries(values).map(([key, value]) => ({
    ...{ key, value, when: 'always' as const },
  }));
  return editSettings(now, wanted, ENVIRONMENT_FILE);
}

/** Hides a token that somebody has put there. */
export const maskDaemonSettings = maskAfter(/^[\s#]*TOKEN\s*=\s*["']?\s*--token[=\s]+([^\s"']+)/m);

/** `KEY="value"` of systemd.exec(5), EnvironmentFile=, for values without quotes and backslashes. */
const ENVIRONMENT_FILE: Syntax = {
  assigns: (line, key) => new RegExp(`^\\s*${key}\\s*=`).test(line),
  read: (line, key) => new RegExp(`^${key}=(["']?)([^"'\\\\]*)\\1\\s*$`).exec(line)?.[2]?.trimEnd(),
  write: ({ key, value }) => `${key}="${value}"`,
};
