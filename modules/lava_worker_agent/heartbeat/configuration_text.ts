import { maskAfter, Refused } from '../../../engine/sdk.ts';
import { HEARTBEAT } from './places.ts';

/** What the heartbeat runtime of one worker should do; see docs/heartbeat.md. */
export interface HeartbeatConfiguration {
  /** classic: `scheduler.worker_heartbeat`; current: what is wrong, to the receiver on the master. */
  readonly mode: 'classic' | 'current';
  /** The worker's name on the master: in a classic lab what `hostname -f` says on the worker. */
  readonly host: string;
  /** Where reports go: the XML-RPC of a classic master, the receiver of a current one. */
  readonly url: string;
  /** File of certificates that https is checked against; the system's unless set. */
  readonly caFile?: string;
  /** File with HEARTBEAT_TIMEOUT. */
  readonly workerConf?: string;
  /** Folder of the dispatcher's `NAME.conf` (classic). */
  readonly devices?: string;
  /** Folders on which something must be mounted, and answer. */
  readonly mounts?: readonly string[];
  readonly boards?: readonly WatchedBoard[];
  readonly disks?: readonly { readonly path: string; readonly maxUsedPercent: number }[];
  /** `*.prom` file for node_exporter's textfile collector; none unless set. */
  readonly textfile?: string;
}

/** A board whose adapter must be there, and whose console must listen. */
export interface WatchedBoard {
  readonly name: string;
  /** Device node of the adapter. */
  readonly link?: string;
  /** TCP port of the console. */
  readonly port?: number;
  /** The adapter has its power from the board, and may be away. */
  readonly boardPowered?: true;
}

/** The text of config.json. */
export function configurationText(wanted: HeartbeatConfiguration): string {
  const { mode, host, url, caFile, devices, textfile } = wanted;
  const { mounts = [], boards = [], disks = [] } = wanted;
  for (const path of [...mounts, ...disks.map((disk) => disk.path)]) requireVisible(path);
  const configuration = {
    mode,
    host,
    url,
    ...(caFile !== undefined && { ca_file: caFile }),
    credentials: loginPlace(mode),
    worker_conf: wanted.workerConf ?? HEARTBEAT.workerConf,
    ...(devices !== undefined && { devices }),
    mounts,
    boards: boards.map(({ name, link, port, boardPowered }) => ({
      name,
      ...(link !== undefined && { link }),
      ...(port !== undefined && { port }),
      ...(boardPowered && { board_powered: true }),
    })),
    disks: disks.map(({ path, maxUsedPercent }) => ({ path, max_used_percent: maxUsedPercent })),
    ...(textfile !== undefined && { textfile }),
  };
  return `${JSON.stringify(configuration, null, 2)}\n`;
}

/** Which file a worker's login is in. */
export function loginPlace(mode: HeartbeatConfiguration['mode']): string {
  return mode === 'classic' ? HEARTBEAT.credentials : HEARTBEAT.key;
}

/** The text of the file with the login, for a file of mode 0600; see `maskCredentials`. */
export function credentialsText(login: { readonly user: string; readonly token: string }): string {
  if (/[:\n\r]/.test(login.user) || /[\n\r]/.test(login.token)) {
    throw new Refused('the login of the heartbeat contains a colon in its name, or a line break');
  }
  return `${login.user}:${login.token}\n`;
}

/** Hides the token, for diffs of the file with the login. */
export const maskCredentials = maskAfter(/^[^:\n]*:(.*)$/m);

/** The text of a worker.conf that says how often to report. */
export function heartbeatWorkerConf(timeout: number): string {
  return `HEARTBEAT_TIMEOUT='${timeout}'\n`;
}

function requireVisible(path: string): void {
  if (!/^\/(var\/)?tmp(\/|$)/.test(path)) return;
  throw new Refused(
    `the heartbeat runtime cannot check ${path}: its unit has a private /tmp`,
    'mount it elsewhere',
  );
}
