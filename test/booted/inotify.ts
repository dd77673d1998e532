import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { LabUnavailable } from './errors.ts';

const SETTING = 'fs.inotify.max_user_instances';
const FILE = `/proc/sys/${SETTING.replaceAll('.', '/')}`;

/** What systemd, journald, logind and udev of a host take, with a session, a dispatcher and consoles beside them. */
const EACH_HOST = 16;

/** What else root may start on this machine while the lab is up. */
const SPARE = 32;

/**
 * Raises the number of inotify instances that root may have on this machine where it does not do for so many more
 * hosts: who gets none starts all the same, and misses what happens.
 */
export function makeRoomForInotify(hosts: number, report: (line: string) => void): void {
  const limit = Number(readFileSync(FILE, 'utf8'));
  const wanted = wantedInstances({ limit, used: usedInstances(), hosts });
  if (wanted === undefined) return;
  try {
    writeFileSync(FILE, `${wanted}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabUnavailable(
      `${hosts} hosts need more inotify instances than the ${limit} that root may have here, and they cannot be raised (${reason}); outside of this container: sysctl ${SETTING}=${wanted}`,
    );
  }
  report(`raised ${SETTING} of this machine from ${limit} to ${wanted}, until it boots again`);
}

/** The limit that does for so many hosts more, where the present one does not. */
export function wantedInstances({
  limit,
  used,
  hosts,
}: {
  readonly limit: number;
  readonly used: number;
  readonly hosts: number;
}): number | undefined {
  const needed = used + hosts * EACH_HOST + SPARE;
  return needed > limit ? Math.max(1024, 2 * needed) : undefined;
}

/** Instances of root's processes, as far as they are seen from here. */
function usedInstances(): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => openInstances(`/proc/${pid}`))
    .reduce((sum, count) => sum + count, 0);
}

/** Those of one process; none when it has ended meanwhile. */
function openInstances(folder: string): number {
  try {
    if (!/^Uid:\t0\t/m.test(readFileSync(`${folder}/status`, 'utf8'))) return 0;
    return readdirSync(`${folder}/fd`).filter(
      (fd) => linkOf(`${folder}/fd/${fd}`) === 'anon_inode:inotify',
    ).length;
  } catch {
    return 0;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
