import { ensureBaseTree } from './base_tree.ts';
import { containerLeader, groupProcesses } from './cgroup.ts';
import { clearLab } from './clear.ts';
import { bootContainer, insideEnvironment, insideHost } from './container.ts';
import { type AptAccess, readAptAccess } from './debian_archive.ts';
import type { DebianRelease } from './debian_release.ts';
import { diskRoot, makeDisk } from './disk.ts';
import { LabError } from './errors.ts';
import { writeHostFiles } from './host_files.ts';
import { makeRoomForInotify } from './inotify.ts';
import {
  gatewayAddress,
  type LabHost,
  type LabReleases,
  maxWorkers,
  planHosts,
  proxyPort,
} from './layout.ts';
import { inTurn, withLabLock } from './lock.ts';
import { checkMachine, installMissing } from './machine.ts';
import { chooseNetwork, makeBridge } from './network.ts';
import { cacheFolder, labName, logFile, runFolder } from './paths.ts';
import { isRunning, type ProcessIdentity } from './process_identity.ts';
import { startProxyProcess } from './proxy_process.ts';
import { run } from './run_command.ts';
import { makeRunFolder } from './run_folder.ts';
import { type LabState, readState, writeState } from './state.ts';

/** What lab to start, and for whom. */
export interface StartOptions {
  readonly workers?: number | undefined;
  /** Debian 12 unless set. */
  readonly releases?: LabReleases | undefined;
  /** The lab is given up when this process ends without stopping it; without one it runs until `down`. */
  readonly keeper?: ProcessIdentity | undefined;
  /** Aborting clears what was made so far. */
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((line: string) => void) | undefined;
}

/** Boots a lab, after clearing what a crashed one left; all hosts are up and reachable when it resolves. */
export async function startLab(options: StartOptions = {}): Promise<readonly LabHost[]> {
  const {
    workers = 2,
    releases = { servers: 12, workers: 12 },
    signal,
    report = () => undefined,
  } = options;
  if (!Number.isInteger(workers) || workers < 0 || workers > maxWorkers) {
    throw new LabError(`a lab has 0 to ${maxWorkers} workers, not ${workers}`);
  }
  checkMachine();
  return await withLabLock('starting it', async () => {
    const left = readState();
    if (left && describeLab(left) === 'up') {
      throw new LabError(
        `a lab is up already, with ${left.hosts.length} hosts, started from ${left.runFolder}; ` +
          'use it, or end it with: npm run lab -- down',
      );
    }
    if (left) report(`clearing a lab that is ${describeLab(left)}`);
    await clearLab({ keep: 'nothing' });
    try {
      return await bootLab({ workers, releases, signal, report, keeper: options.keeper });
    } catch (error) {
      await clearLab({ keep: 'logs' });
      throw error;
    }
  });
}

/** Ends the lab of this machine, whatever state it is in. */
export async function stopLab(): Promise<void> {
  checkMachine();
  await withLabLock('ending it', () => clearLab({ keep: 'nothing' }));
}

/** In what condition a lab is: `up`, or what is wrong with it. */
export function describeLab({ phase, keeper, hosts }: LabState): string {
  if (keeper && !isRunning(keeper)) return `left behind by process ${keeper.pid}`;
  if (phase === 'starting') return 'half started';
  const dead = hosts.filter(({ name }) => containerLeader(name) === undefined);
  if (dead.length > 0) return `without ${dead.map(({ name }) => name).join(', ')}`;
  if (groupProcesses('apt-proxy').length === 0) return 'without its package proxy';
  return 'up';
}

/** The lab's state with the base tree of a release, which is built when there is none. */
export async function withBaseTree(
  state: LabState,
  release: DebianRelease,
  { access, signal, report = () => undefined }: Omit<BootFreshOptions, 'state'>,
): Promise<LabState> {
  const { cacheFolder: cache, network, baseTrees } = state;
  const tree = await ensureBaseTree({
    ...{ release, cache, access, report, signal },
    proxy: `http://${gatewayAddress(network)}:${proxyPort}`,
    log: logFile(state.runFolder, 'base'),
  });
  return { ...state, baseTrees: { ...baseTrees, [release]: tree } };
}

/** Gives a host a fresh disk and boots it; its address and host keys stay. */
export async function bootFreshHost(
  host: LabHost,
  { state, access, signal, report = () => undefined }: BootFreshOptions,
): Promise<void> {
  const { cacheFolder: cache, runFolder: folder, network, baseTrees, hosts } = state;
  const baseTree = baseTrees[host.debian];
  if (baseTree === undefined) throw new LabError(`no base tree of Debian ${host.debian}`);
  const place = { cache, hostName: host.name };
  const root = diskRoot(place);
  await makeDisk(place, baseTree, report);
  const parts = access.parts[host.debian];
  await writeHostFiles({ root, host, hosts, network, runFolder: folder, parts });
  signal?.throwIfAborted();
  await bootContainer({ host, root, runFolder: folder, signal });
}

interface BootFreshOptions extends Pick<StartOptions, 'signal' | 'report'> {
  readonly state: LabState;
  readonly access: AptAccess;
}

interface BootOptions extends Pick<StartOptions, 'keeper' | 'signal'> {
  readonly workers: number;
  readonly releases: LabReleases;
  readonly report: (line: string) => void;
}

async function bootLab(options: BootOptions): Promise<readonly LabHost[]> {
  const { signal, report } = options;
  const { access, state } = await inTurn('preparing a lab', () => prepare(options), { signal });
  const { hosts, network } = state;
  signal?.throwIfAborted();
  await allSettled(
    hosts.map(async (host) => {
      await bootFreshHost(host, { state, access, signal, report });
      report(`${host.name.padEnd(12)} ${host.address.padEnd(15)} Debian ${host.debian} running`);
    }),
  );
  await checkReachability(hosts, network);
  writeState({ ...state, phase: 'up' });
  return hosts;
}

/** What labs of this machine have in common or take from each other: programs, networks, the base tree. */
async function prepare({ workers, releases, keeper, signal, report }: BootOptions): Promise<{
  readonly access: AptAccess;
  readonly state: LabState;
}> {
  await installMissing(report, signal);
  const access = await readAptAccess();
  const cache = cacheFolder();
  const network = await chooseNetwork();
  const hosts = planHosts({ workers, network, releases });
  makeRoomForInotify(hosts.length, report);
  const planned = { keeper, runFolder, cacheFolder: cache, network, hosts };
  writeState({ ...planned, phase: 'starting', baseTrees: {} });
  await makeRunFolder(runFolder, hosts);
  await makeBridge(network);
  await startProxyProcess({ access, network, cache, runFolder, signal });
  let state: LabState = { ...planned, phase: 'starting', baseTrees: {} };
  for (const release of new Set(hosts.map(({ debian }) => debian))) {
    state = await withBaseTree(state, release, { access, signal, report });
  }
  writeState(state);
  return { access, state };
}

/** Waits for all, so that clearing up does not race with a host that is still booting. */
async function allSettled(tasks: readonly Promise<void>[]): Promise<void> {
  const failures = (await Promise.allSettled(tasks)).filter((it) => it.status === 'rejected');
  const [first] = failures;
  if (failures.length <= 1) {
    if (first) throw first.reason;
    return;
  }
  throw new LabError(failures.map(({ reason }) => String(reason?.message ?? reason)).join('\n'));
}

/** A firewall of this machine may stand between the hosts although each of them booted well. */
async function checkReachability(hosts: readonly LabHost[], network: string): Promise<void> {
  const gateway = gatewayAddress(network);
  const asker = `${labName}-master`;
  const script = `for address in "$@"; do
  ping -q -n -c 1 -W 5 "$address" >/dev/null || echo "$address"
done
timeout 10 bash -c ': </dev/tcp/${gateway}/${proxyPort}' || echo "${gateway} port ${proxyPort}"`;
  const addresses = hosts.map(({ address }) => address);
  const command = insideHost(asker, ['bash', '-c', script, 'bash', ...addresses]);
  const { stdout } = await run(command, {
    env: insideEnvironment(),
    timeoutMs: 20_000 + hosts.length * 5_000,
  });
  const unreachable = stdout.trim().split('\n').filter(Boolean).join(', ');
  if (unreachable === '') return;
  throw new LabError(
    `${asker} cannot reach ${unreachable}: a firewall of this machine, such as Docker's ` +
      '(net.bridge.bridge-nf-call-iptables with a FORWARD policy of DROP), stops the traffic of the lab',
  );
}
