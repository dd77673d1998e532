import { spawn } from 'node:child_process';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { insideEnvironment, insideHost } from './container.ts';
import { type DebianRelease, parseRelease, RELEASES } from './debian_release.ts';
import { LabError } from './errors.ts';
import { cutLink, labAccess, labHosts, resetHost, restoreLink, startLab, stopLab } from './lab.ts';
import { checkMachine } from './machine.ts';
import { logFile } from './paths.ts';
import { serveApt } from './proxy_process.ts';
import { exitStatus } from './run_command.ts';
import { describeLab } from './start.ts';
import { readState } from './state.ts';

const usage = `Real Debian hosts on this machine, to try lava-play on.

npm run lab -- up [--workers N]     boot lab-db, lab-master and N workers (2)
  --debian 13                       on Debian 13 (12)
  --worker-debian 13                the workers on another release than the others
npm run lab -- status               what runs, and how to reach it
npm run lab -- exec HOST -- CMD…    run a command in a host as root
npm run lab -- cut HOST             pull a host's network cable
npm run lab -- restore HOST         plug it in again
npm run lab -- reset HOST           throw away all that was done to a host
  --debian 13                       and install another release on it
npm run lab -- down                 end the lab and leave nothing behind
`;

/** Does what the command line says, and resolves with the exit code. */
export async function main([command = '', ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'up':
      return await up(rest);
    case 'down':
      await stopLab();
      return 0;
    case 'status':
      return status();
    case 'exec':
      return await exec(rest);
    case 'cut':
      await cutLink(onlyHost(command, rest));
      return 0;
    case 'restore':
      await restoreLink(onlyHost(command, rest));
      return 0;
    case 'reset':
      return await reset(rest);
    case 'serve-apt':
      await serveApt(rest[0] ?? '');
      return 0;
    case '':
    case 'help':
    case '--help':
      console.log(usage);
      return 0;
    default:
      throw new LabError(`no command ${command}\n\n${usage}`);
  }
}

async function up(args: readonly string[]): Promise<number> {
  const began = Date.now();
  const {
    workers,
    debian,
    'worker-debian': workerDebian,
  } = parse(args, {
    options: {
      workers: { type: 'string', default: '2' },
      debian: { type: 'string', default: '12' },
      'worker-debian': { type: 'string' },
    },
  }).values;
  const servers = toRelease(debian);
  const releases = { servers, workers: workerDebian ? toRelease(workerDebian) : servers };
  const signal = abortOnSignals();
  await startLab({ workers: Number(workers), releases, signal, report: console.log });
  console.log(`lab is up after ${((Date.now() - began) / 1000).toFixed(1)} s; next:`);
  console.log(`  lava-play apply ${labAccess().inventoryFile}`);
  return 0;
}

async function reset(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args, {
    options: { debian: { type: 'string' } },
    allowPositionals: true,
  });
  const debian = values.debian === undefined ? undefined : toRelease(values.debian);
  await resetHost(onlyHost('reset', positionals), { debian, report: console.log });
  return 0;
}

function parse<const T extends ParseArgsConfig>(args: readonly string[], config: T) {
  try {
    return parseArgs({ ...config, args: [...args] });
  } catch (error) {
    throw new LabError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}

function toRelease(text: string): DebianRelease {
  const release = parseRelease(text);
  if (release) return release;
  throw new LabError(`hosts of a lab run Debian ${RELEASES.join(' or ')}, not ${text}`);
}

/** Ctrl-C gives up the start in an orderly way; a second one ends the process, and `up` or `down` clear later. */
function abortOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => {
      console.error(`lab: ${name}: clearing what was started`);
      controller.abort(new LabError('interrupted'));
    });
  }
  return controller.signal;
}

function status(): number {
  const state = readState();
  if (!state) {
    console.log('no lab is up');
    return 1;
  }
  const condition = describeLab(state);
  console.log(`lab is ${condition}; files in ${state.runFolder}`);
  for (const { name, address, debian } of state.hosts) {
    const log = logFile(state.runFolder, name);
    console.log(`${name.padEnd(12)} ${address.padEnd(15)} Debian ${debian}  ${log}`);
  }
  if (condition !== 'up') return 1;
  const { identityFile, knownHostsFile, inventoryFile } = labAccess();
  console.log(`ssh -i ${identityFile} -o UserKnownHostsFile=${knownHostsFile} admin@ADDRESS`);
  console.log(`lava-play apply ${inventoryFile}`);
  return 0;
}

function exec(args: readonly string[]): Promise<number> {
  const [hostName, ...afterHost] = args;
  const command = afterHost[0] === '--' ? afterHost.slice(1) : afterHost;
  if (command.length === 0) throw new LabError('what to run where? exec HOST -- COMMAND…');
  checkMachine();
  const host = onlyHost('exec', hostName === undefined ? [] : [hostName]);
  const [program = '', ...programArgs] = insideHost(host, command);
  const child = spawn(program, programArgs, { stdio: 'inherit', env: insideEnvironment() });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => child.kill(name));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(exitStatus(code, signal)));
  });
}

function onlyHost(command: string, args: readonly string[]): string {
  const names = labHosts().map(({ name }) => name);
  const [name = ''] = args;
  if (args.length === 1 && names.includes(name)) return name;
  throw new LabError(`${command} wants one host of ${names.join(', ')}`);
}
