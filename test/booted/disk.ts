import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { baseHashesFile } from './base_tree.ts';
import { LabError } from './errors.ts';
import { type FileEntry, hashFiles, listTree } from './file_list.ts';
import { hostsFolder } from './paths.ts';
import { run, runOk } from './run_command.ts';

/** Where the lab keeps the disk of one host. */
export interface DiskPlace {
  readonly cache: string;
  readonly hostName: string;
}

/** The root of a host's disk, as this machine sees it. */
export function diskRoot({ cache, hostName }: DiskPlace): string {
  return join(hostsFolder(cache), hostName, 'root');
}

/**
 * Makes a host's disk from the base tree: an overlay, or a copy where overlays cannot be written.
 *
 * Moving a folder of the base copies it, so that a path always is either in the upper layer or as in the base.
 * `volatile` skips every sync; a crashed lab's disks are thrown away anyway.
 */
export async function makeDisk(
  place: DiskPlace,
  baseTree: string,
  report: (line: string) => void,
): Promise<void> {
  const root = diskRoot(place);
  const upper = upperLayer(place);
  const work = join(hostsFolder(place.cache), place.hostName, 'work');
  const layers = `lowerdir=${baseTree},upperdir=${upper},workdir=${work}`;
  const plain = `${layers},redirect_dir=off,metacopy=off`;
  for (const options of [`${plain},volatile`, plain]) {
    for (const folder of [root, upper, work]) mkdirSync(folder, { recursive: true });
    const mounted = await run(['mount', '-t', 'overlay', 'lava-play-lab', '-o', options, root]);
    if (mounted.code === 0) return;
    for (const folder of [upper, work]) rmSync(folder, { recursive: true });
  }
  report(
    `${place.hostName}: no overlay can be written on ${place.cache}; copying the base tree instead`,
  );
  await runOk(['cp', '-a', '--reflink=auto', `${baseTree}/.`, root], { timeoutMs: 300_000 });
}

/** Removes a host's disk. */
export async function removeDisk(place: DiskPlace): Promise<void> {
  await unmountBelow(join(hostsFolder(place.cache), place.hostName));
  rmSync(join(hostsFolder(place.cache), place.hostName), { recursive: true, force: true });
}

/** Removes all disks, also those of a lab that nobody knows of any more. */
export async function removeAllDisks(cache: string): Promise<void> {
  await unmountBelow(hostsFolder(cache));
  rmSync(hostsFolder(cache), { recursive: true, force: true });
}

/** Lists a host's disk; files still as in the base tree are not read again. */
export function listDisk(place: DiskPlace, baseTree: string): ReadonlyMap<string, FileEntry> {
  const upper = upperLayer(place);
  if (!existsSync(upper)) return listTree(diskRoot(place), () => undefined);
  const changed = hashFiles(upper);
  const base = readBaseHashes(baseTree);
  return listTree(diskRoot(place), (path) => changed.get(path) ?? base[path]);
}

function readBaseHashes(baseTree: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(baseHashesFile(baseTree), 'utf8')) as Record<string, string>;
}

function upperLayer({ cache, hostName }: DiskPlace): string {
  return join(hostsFolder(cache), hostName, 'upper');
}

/** Removing a tree with something still mounted in it could reach beyond the lab. */
async function unmountBelow(folder: string): Promise<void> {
  for (const mountPoint of mountPointsBelow(folder).toReversed()) {
    const gentle = await run(['umount', mountPoint]);
    if (gentle.code !== 0) await run(['umount', '--lazy', mountPoint]);
  }
  const left = mountPointsBelow(folder);
  if (left.length > 0) throw new LabError(`cannot unmount ${left.join(', ')}`);
}

function mountPointsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll('\\040', ' '))
    .filter((mountPoint) => mountPoint.startsWith(`${folder}/`));
}
