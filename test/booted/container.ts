import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { containerLeader, endGroup, groupProcesses, killProcess } from './cgroup.ts';
import { LabError } from './errors.ts';
import { bridgeName, type LabHost } from './layout.ts';
import { lastLines, startMember } from './member.ts';
import { logFile } from './paths.ts';
import { run } from './run_command.ts';
import { waitFor } from './wait.ts';

/** Which host to boot, from what, and how to give up. */
export interface ContainerOptions {
  readonly host: LabHost;
  readonly root: string;
  readonly runFolder: string;
  readonly signal?: AbortSignal | undefined;
}

const bootDeadlineMs = 120_000;

/** systemd since 256 runs on a machine with cgroup v1 only when told so; a host may be brought to it while it runs. */
const legacyGroups = '--setenv=SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1';

/** Devices a worker's mounts need; a machine may lack them. */
const sharedDevices = ['/dev/fuse', '/dev/autofs'];

/** Boots a host in a container on the lab's bridge; done when its systemd is, and its sshd answers. */
export async function bootContainer({
  host,
  root,
  runFolder,
  signal,
}: ContainerOptions): Promise<void> {
  const log = logFile(runFolder, host.name);
  const container = startMember(
    host.name,
    [
      'systemd-nspawn',
      '--quiet',
      `--directory=${root}`,
      `--machine=${host.name}`,
      '--boot',
      `--network-bridge=${bridgeName}`,
      '--register=no',
      '--keep-unit',
      '--resolv-conf=off',
      '--timezone=off',
      '--link-journal=no',
      '--console=pipe',
      legacyGroups,
      ...sharedDevices.filter((it) => existsSync(it)).map((device) => `--bind=${device}`),
    ],
    { log },
  );
  const evidence = (): string => lastLines(log);
  const options = { deadlineMs: bootDeadlineMs, signal, evidence };
  await waitFor(`booted ${host.name}`, () => bootResult(host.name, container, evidence), options);
  await waitForSshd(host, { ...options, deadlineMs: 30_000 });
}

/** Waits until a host's sshd introduces itself. */
export async function waitForSshd(
  { name, address }: LabHost,
  options: Parameters<typeof waitFor>[2],
): Promise<void> {
  await waitFor(`answer of sshd on ${name} (${address})`, () => sshdAnswers(address), options);
}

/**
 * The command that runs another one inside a host, as root, whatever its network does.
 *
 * Needs a running host; the error says when it is not.
 */
export function insideHost(hostName: string, command: readonly string[]): readonly string[] {
  const leader = containerLeader(hostName);
  if (leader === undefined) throw new LabError(`${hostName} is not running`);
  const namespaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
  return ['nsenter', '--target', String(leader), ...namespaces, '--', ...command];
}

/** The environment of commands inside a host; the terminal's kind is kept. */
export function insideEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: process.env.TERM ?? 'dumb',
  };
}

/**
 * Ends hosts at once; their disks are thrown away, so nothing has to be saved.
 *
 * When a container's first process is gone, nspawn ends by itself and tidies up; killing it would prevent that.
 */
export async function stopContainers(hostNames: readonly string[]): Promise<void> {
  const booted = hostNames.filter((name) => containerLeader(name) !== undefined);
  for (const name of booted) killProcess(containerLeader(name));
  const gone = (): true | undefined => {
    return booted.every((name) => groupProcesses(name).length === 0) ? true : undefined;
  };
  await waitFor('end of the hosts', gone, { deadlineMs: 10_000 }).catch(() => undefined);
  for (const name of hostNames) await endGroup(name);
}

/** `true` once systemd runs; a boot that ended badly is an error that names what failed. */
async function bootResult(
  hostName: string,
  container: ChildProcess,
  evidence: () => string,
): Promise<true | undefined> {
  if (container.exitCode !== null || container.signalCode !== null) {
    throw new LabError(`${hostName} ended while booting\n${evidence()}`);
  }
  if (containerLeader(hostName) === undefined) return undefined;
  const ask = insideHost(hostName, ['systemctl', 'is-system-running', '--wait']);
  const { stdout } = await run(ask, { env: insideEnvironment(), timeoutMs: bootDeadlineMs });
  const answer = stdout.trim();
  if (answer === 'running') return true;
  if (answer !== 'degraded' && answer !== 'maintenance') return undefined;
  const listFailed = insideHost(hostName, ['systemctl', '--failed', '--no-legend', '--plain']);
  const failed = await run(listFailed, { env: insideEnvironment() });
  throw new LabError(
    `${hostName} booted, but is ${answer}:\n${failed.stdout.trim()}\n${evidence()}`,
  );
}

function sshdAnswers(address: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port: 22 });
    const done = (answer: true | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => done(undefined));
    socket.on('data', (banner: Buffer) => done(banner.toString().startsWith('SSH-') || undefined));
    socket.on('error', () => done(undefined));
    socket.on('close', () => done(undefined));
  });
}
