import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { LabUnavailable } from './errors.ts';
import { labGroup } from './paths.ts';
import { waitFor } from './wait.ts';

/**
 * The hierarchies in which each process of the lab gets a group of its own.
 *
 * On cgroup v2 there is one. On v1 all but cpuset, which takes no process before its CPUs are set.
 */
function hierarchies(): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => {
      const [mount = '', source = ''] = line.split(' - ');
      const [type, , options = ''] = source.split(' ');
      return { type, options: options.split(','), mountPoint: mount.split(' ')[4] ?? '' };
    })
    .filter(({ type, options }) => {
      return type === 'cgroup2' || (type === 'cgroup' && !options.includes('cpuset'));
    })
    .map(({ mountPoint }) => mountPoint)
    .filter((mountPoint) => mountPoint.startsWith('/sys/fs/cgroup'));
}

/**
 * Makes the groups for a process and gives the files that take its number.
 *
 * Two containers started in one group would share the groups that `systemd-nspawn --keep-unit` makes in it.
 */
export function makeGroup(name: string): readonly string[] {
  const roots = hierarchies();
  if (roots.length === 0) throw new LabUnavailable('no cgroup hierarchy under /sys/fs/cgroup');
  return roots.map((root) => {
    const folder = join(root, labGroup, name);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LabUnavailable(
        `cannot make a control group (an unprivileged container?): ${reason}`,
      );
    }
    return join(folder, 'cgroup.procs');
  });
}

/** The processes of one member of the lab, or of the whole lab, with all their descendants. */
export function groupProcesses(name = ''): readonly number[] {
  const found = new Set<number>();
  for (const root of hierarchies()) {
    for (const folder of foldersBelow(join(root, labGroup, name))) {
      for (const pid of readProcs(folder)) found.add(pid);
    }
  }
  return [...found];
}

/**
 * Kills what runs in a member's groups, or in all of them, and removes the groups.
 *
 * A group keeps its processes whatever they are called and whoever their parent is, so nothing else is hit.
 */
export async function endGroup(name = ''): Promise<void> {
  await waitFor(
    `end of the lab's processes${name ? ` of ${name}` : ''}`,
    () => {
      const alive = groupProcesses(name);
      for (const pid of alive) killProcess(pid);
      return alive.length === 0 && removeGroups(name) ? true : undefined;
    },
    { deadlineMs: 30_000, evidence: () => `still there: ${groupProcesses(name).join(' ')}` },
  );
}

/** The process that is number 1 inside the container of a host. */
export function containerLeader(hostName: string): number | undefined {
  return groupProcesses(hostName).find((pid) => {
    const numbers = /^NSpid:\t(.*)$/m.exec(readProcFile(`/proc/${pid}/status`))?.[1]?.split('\t');
    return numbers?.length === 2 && numbers[1] === '1';
  });
}

/** The processor time that everything on a host has used since it was booted, in seconds. */
export function cpuSeconds(hostName: string): number {
  const times = hierarchies().map((root) => {
    const folder = join(root, labGroup, hostName);
    const micros = /^usage_usec (\d+)$/m.exec(readProcFile(join(folder, 'cpu.stat')))?.[1];
    const nanos = readProcFile(join(folder, 'cpuacct.usage')).trim();
    return Math.max(Number(micros ?? 0) / 1e6, Number(nanos) / 1e9);
  });
  return Math.max(0, ...times);
}

/** Kills a process, which may have ended already. */
export function killProcess(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
}

/** A host's systemd removes the groups of units that end while this looks. */
function foldersBelow(folder: string): readonly string[] {
  try {
    const children = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory());
    return [folder, ...children.flatMap(({ name }) => foldersBelow(join(folder, name)))];
  } catch {
    return [];
  }
}

function readProcs(folder: string): readonly number[] {
  return readProcFile(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number);
}

function readProcFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function removeGroups(name: string): boolean {
  const folders = hierarchies().flatMap((root) => foldersBelow(join(root, labGroup, name)));
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      if (existsSync(folder)) return false;
    }
  }
  return true;
}
