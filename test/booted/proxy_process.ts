import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type AptProxyConfig, startAptProxy } from './apt_proxy.ts';
import { type AptAccess, archiveOrigins } from './debian_archive.ts';
import { LabError } from './errors.ts';
import { gatewayAddress, proxyPort } from './layout.ts';
import { lastLines, startMember } from './member.ts';
import { logFile, projectRoot, stateFolder } from './paths.ts';
import { run } from './run_command.ts';
import { waitFor } from './wait.ts';

/** What the package proxy of a lab needs to know. */
export interface ProxyProcessOptions {
  readonly access: AptAccess;
  readonly network: string;
  readonly cache: string;
  readonly runFolder: string;
  readonly signal?: AbortSignal | undefined;
}

/** The compiled command line: Node runs no TypeScript, and the proxy outlives a test run's transpiler. */
const compiledCli = join(projectRoot, '.build/test/booted/cli.js');

/** Starts the package proxy as a process of the lab and waits until it listens. */
export async function startProxyProcess({
  access,
  network,
  cache,
  runFolder,
  signal,
}: ProxyProcessOptions): Promise<void> {
  const address = gatewayAddress(network);
  const config: AptProxyConfig = {
    listen: { address, port: proxyPort },
    storeFolder: join(cache, 'packages'),
    origins: archiveOrigins(access),
    proxies: access.proxies,
    caFile: access.caFile,
  };
  const configFile = join(stateFolder, 'apt_proxy.json');
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 });
  const log = logFile(runFolder, 'apt-proxy');
  const proxy = startMember(
    'apt-proxy',
    [process.execPath, await compileCli(), 'serve-apt', configFile],
    { log },
  );
  const listening = async (): Promise<true | undefined> => {
    if (proxy.exitCode !== null) throw new LabError(`the package proxy ended\n${lastLines(log)}`);
    return await accepts(address);
  };
  await waitFor('package proxy', listening, {
    deadlineMs: 30_000,
    signal,
    evidence: () => lastLines(log),
  });
}

/** What the proxy's process does until it is ended. */
export async function serveApt(configFile: string): Promise<void> {
  await startAptProxy(JSON.parse(readFileSync(configFile, 'utf8')) as AptProxyConfig);
}

/** Compiles the lab's tools when they run as sources; a type error elsewhere does not matter here. */
export async function compileCli(): Promise<string> {
  if (import.meta.filename.endsWith('.js')) return compiledCli;
  const tsc = join(projectRoot, 'node_modules/.bin/tsc');
  const config = join(projectRoot, 'tsconfig.tools.json');
  const { stdout } = await run([tsc, '-p', config], { timeoutMs: 300_000 });
  if (!existsSync(compiledCli)) throw new LabError(`tsc made no ${compiledCli}:\n${stdout}`);
  return compiledCli;
}

function accepts(address: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port: proxyPort });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(undefined));
  });
}
