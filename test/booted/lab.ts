import {
  bootContainer,
  insideEnvironment,
  insideHost,
  stopContainers,
  waitForSshd,
} from './container.ts';
import { readAptAccess } from './debian_archive.ts';
import type { DebianRelease } from './debian_release.ts';
import { diskRoot, listDisk, removeDisk } from './disk.ts';
import { LabError } from './errors.ts';
import type { FileEntry } from './file_list.ts';
import { type LabHost, linkName } from './layout.ts';
import { inTurn, withLabLock } from './lock.ts';
import { checkMachine } from './machine.ts';
import { type CommandOptions, type CommandResult, run, runOk } from './run_command.ts';
import { type LabAccess, readAccess } from './run_folder.ts';
import { bootFreshHost, withBaseTree } from './start.ts';
import { type LabState, readState, writeState } from './state.ts';
import { waitFor } from './wait.ts';

export type { FileEntry } from './file_list.ts';
export type { LabHost } from './layout.ts';
export type { CommandResult } from './run_command.ts';
export type { LabAccess } from './run_folder.ts';
export { startLab, stopLab } from './start.ts';

/** The hosts of the running lab: database, master, then the workers in order. */
export function labHosts(): readonly LabHost[] {
  return requireState().hosts;
}

/** The files and passwords with which the running lab is reached, as its inventory names them. */
export function labAccess(): LabAccess {
  return readAccess(requireState().runFolder);
}

/**
 * Runs a command as root inside a host, whatever its network does; a text is run by sh.
 *
 * Rejects only when the host is not running or the command takes longer than `timeoutMs` (60 s).
 */
export async function labExec(
  hostName: string,
  command: string | readonly string[],
  options: Pick<CommandOptions, 'stdin' | 'timeoutMs'> = {},
): Promise<CommandResult> {
  const { name } = requireHost(hostName);
  const argv = typeof command === 'string' ? ['sh', '-c', command] : command;
  return await run(insideHost(name, argv), { ...options, env: insideEnvironment() });
}

/** The text of a file of a host; rejects when there is none. */
export async function readHostFile(hostName: string, path: string): Promise<string> {
  const { code, stdout, stderr } = await labExec(hostName, ['cat', '--', path]);
  if (code !== 0) throw new LabError(`${hostName}: ${stderr.trim()}`);
  return stdout;
}

/** Pulls a host's cable: its carrier is gone, its addresses stay. */
export async function cutLink(hostName: string): Promise<void> {
  const { name } = requireHost(hostName);
  await runOk(['ip', 'link', 'set', linkName(name), 'down']);
}

/** Plugs a host's cable in again and waits until the host is reachable. */
export async function restoreLink(hostName: string): Promise<void> {
  const host = requireHost(hostName);
  await runOk(['ip', 'link', 'set', linkName(host.name), 'up']);
  await waitForSshd(host, { deadlineMs: 60_000 });
}

/**
 * Throws away all that was done to a host: a fresh disk, the same address and host keys, booted.
 *
 * With `debian` it comes back, and stays, as a host of that release.
 */
export async function resetHost(
  hostName: string,
  {
    debian,
    report,
  }: {
    readonly debian?: DebianRelease | undefined;
    readonly report?: (line: string) => void;
  } = {},
): Promise<void> {
  const before = requireHost(hostName);
  const host: LabHost = { ...before, debian: debian ?? before.debian };
  checkMachine();
  await withLabLock(`resetting ${host.name}`, async () => {
    const access = await readAptAccess();
    const state = await inTurn('preparing a host', () => {
      return withBaseTree(reinstalled(host), host.debian, { access, report });
    });
    writeState(state);
    await stopContainers([host.name]);
    await waitFor(`end of the cable of ${host.name}`, () => cableGone(host.name), {
      deadlineMs: 10_000,
    });
    await removeDisk({ cache: state.cacheFolder, hostName: host.name });
    await bootFreshHost(host, { state, access });
  });
}

/** Pulls a host's power plug; its disk stays. */
export async function powerOff(hostName: string): Promise<void> {
  const { name } = requireHost(hostName);
  await withLabLock(`powering ${name} off`, async () => {
    await stopContainers([name]);
    await waitFor(`end of the cable of ${name}`, () => cableGone(name), { deadlineMs: 10_000 });
  });
}

/** Boots a host that was powered off, from the disk that it had. */
export async function powerOn(hostName: string): Promise<void> {
  const host = requireHost(hostName);
  const { cacheFolder: cache, runFolder } = requireState();
  const root = diskRoot({ cache, hostName: host.name });
  await withLabLock(`booting ${host.name}`, () => bootContainer({ host, root, runFolder }));
}

/**
 * Every file, folder and symlink on a host's disk, by path.
 *
 * Left out are /proc, /sys, /run, /dev, /tmp and the journal. The disk is read from this machine, and only files that
 * differ from the base tree are hashed, so that tests can afford it before and after each step.
 */
export function listFiles(hostName: string): ReadonlyMap<string, FileEntry> {
  const { name, debian } = requireHost(hostName);
  const { cacheFolder, baseTrees } = requireState();
  const baseTree = baseTrees[debian];
  if (baseTree === undefined) throw new LabError(`no base tree of Debian ${debian}`);
  return listDisk({ cache: cacheFolder, hostName: name }, baseTree);
}

function reinstalled(host: LabHost): LabState {
  const state = requireState();
  return { ...state, hosts: state.hosts.map((each) => (each.name === host.name ? host : each)) };
}

async function cableGone(hostName: string): Promise<true | undefined> {
  const { code } = await run(['ip', 'link', 'show', linkName(hostName)]);
  return code === 0 ? undefined : true;
}

function requireState(): LabState {
  const state = readState();
  if (!state) throw new LabError('no lab is up; start one with: npm run lab -- up');
  return state;
}

function requireHost(name: string): LabHost {
  const { hosts } = requireState();
  const host = hosts.find((it) => it.name === name);
  if (host) return host;
  const names = hosts.map((it) => it.name).join(', ');
  throw new LabError(`the lab has no host ${name}; it has ${names}`);
}
