import { createHash } from 'node:crypto';
import { constants, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAptProxy } from '../booted/apt_proxy.ts';
import { baseTreeName, ensureBaseTree } from '../booted/base_tree.ts';
import { endGroup } from '../booted/cgroup.ts';
import { type AptAccess, archiveOrigins, readAptAccess } from '../booted/debian_archive.ts';
import { LabError, LabUnavailable } from '../booted/errors.ts';
import { inTurn, withLabLock } from '../booted/lock.ts';
import { checkMachine, installMissing } from '../booted/machine.ts';
import { cacheFolder } from '../booted/paths.ts';
import { run, runOk } from '../booted/run_command.ts';
import { readState } from '../booted/state.ts';
import { freePort } from '../support/free_port.ts';
import { isAccessible } from '../support/is_accessible.ts';
import { guestShell } from './guest_shell.ts';
import { furnishTree, treeRecipe } from './guest_tree.ts';
import { hardware, startMachine } from './qemu.ts';

/** What the guest runs. */
const RELEASE = 12;

/** The name of the snapshot in the disk: the guest has booted, and nothing is plugged in. */
export const READY = 'ready';

/**
 * The folder with the guest as it has booted: `disk.qcow2` over `root.img`, `vmlinuz`, `initrd`, `id_ed25519`,
 * `host_key.pub`. It is built when this recipe has not been built yet, and never changed; its key is only for who
 * has built it.
 */
export async function ensureGuestImage(report: (line: string) => void): Promise<string> {
  const cache = cacheFolder();
  const images = join(cache, 'usb');
  const image = join(images, await imageName());
  if (isAccessible(join(image, 'id_ed25519'), constants.R_OK)) return image;
  checkMachine();
  await inTurn('installing programs', () => installMissing(report, undefined));
  const access = await readAptAccess();
  report('building the guest with a USB bus: disk, kernel, first boot (once)');
  const started = Date.now();
  await withLabLock('building the guest with a USB bus', async () => {
    await endLeftOvers();
    rmSync(images, { recursive: true, force: true });
    const unfinished = `${image}.part`;
    mkdirSync(unfinished, { recursive: true });
    await build({ cache, access, folder: unfinished, report });
    renameSync(unfinished, image);
    await endLeftOvers();
  });
  report(`built in ${Math.round((Date.now() - started) / 1000)} s`);
  return image;
}

/** A disk that begins where the image stands; `folder` is the machine's own. */
export async function copyDisk(image: string, folder: string): Promise<void> {
  const disk = join(folder, 'disk.qcow2');
  await runOk(['cp', '--reflink=auto', join(image, 'disk.qcow2'), disk]);
  await overBase(disk, image);
}

async function build({
  cache,
  access,
  folder,
  report,
}: {
  readonly cache: string;
  readonly access: AptAccess;
  readonly folder: string;
  readonly report: (line: string) => void;
}): Promise<void> {
  const root = join(folder, 'root');
  const server = await startAptProxy({
    listen: { address: '127.0.0.1', port: 0 },
    storeFolder: join(cache, 'packages'),
    origins: archiveOrigins(access),
    proxies: access.proxies,
    caFile: access.caFile,
  });
  try {
    const proxy = `http://127.0.0.1:${server.port}`;
    const log = join(folder, 'base.log');
    const tree = await inTurn('building the base tree', () =>
      ensureBaseTree({ release: RELEASE, cache, access, proxy, log, report }),
    );
    await runOk(['cp', '-a', '--reflink=auto', tree, root], { timeoutMs: 300_000 });
    await furnishTree({ root, folder, parts: access.parts[RELEASE], proxy });
  } finally {
    await server.close();
  }
  await makeDisk(folder, root);
  rmSync(root, { recursive: true });
  await bootOnce(folder);
}

/** Without a lab, what is in its control groups belongs to a build of the base tree that is over or was given up. */
async function endLeftOvers(): Promise<void> {
  if (!readState()) await endGroup();
}

async function makeDisk(folder: string, root: string): Promise<void> {
  const image = join(folder, 'root.img');
  writeFileSync(image, '');
  truncateSync(image, 1200 * 1024 * 1024);
  const features = ['-O', '^has_journal', '-E', 'lazy_itable_init=1,nodiscard'];
  await runOk(['mkfs.ext4', '-q', '-F', '-m0', ...features, '-d', root, image]);
  await runOk(['qemu-img', 'create', '-q', '-f', 'qcow2', join(folder, 'disk.qcow2'), '1200M']);
  await overBase(join(folder, 'disk.qcow2'), folder);
}

/** Names the disk below another; an absolute path, as the two do not always lie beside each other. */
async function overBase(disk: string, folder: string): Promise<void> {
  await runOk(['qemu-img', 'rebase', '-u', '-F', 'raw', '-b', join(folder, 'root.img'), disk]);
}

async function bootOnce(folder: string): Promise<void> {
  const port = await freePort();
  const forwards = new Map([[22, port]]);
  const machine = await startMachine({ folder, kernelFolder: folder, forwards });
  try {
    const shell = guestShell({ image: folder, folder, port });
    await shell.answers(300_000);
    const stdout = await shell.ask(
      'systemctl is-system-running --wait; systemctl --failed --quiet; udevadm settle',
    );
    if (stdout !== 'running\n') throw new LabError(`the guest did not boot well: ${stdout}`);
    const said = await machine.monitor(`savevm ${READY}`);
    if (said !== '') throw new LabError(`QEMU makes no snapshot: ${said}`);
  } finally {
    await machine.stop();
  }
}

/** Another base tree, recipe, machine or QEMU is another image. */
async function imageName(): Promise<string> {
  const version = await run(['qemu-system-x86_64', '--version']);
  if (version.code !== 0) throw new LabUnavailable(version.stderr);
  const machine = hardware({ folder: '', kernelFolder: '', forwards: new Map() });
  const recipe = [baseTreeName(RELEASE), treeRecipe, machine, version.stdout];
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}
