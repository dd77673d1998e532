import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LabError } from './errors.ts';

/** The checkout this code runs from, whether as sources or compiled. */
export const projectRoot = findProjectRoot(import.meta.dirname);

/** What a developer needs of a running lab: inventory, keys, secrets, console logs. */
export const runFolder = join(projectRoot, 'test/lab/run');

/** What the lab must find again after its starter has exited; one for the whole machine. */
export const stateFolder = '/run/lava-play-lab';

/** Where base trees and downloaded packages outlive a lab. */
export function cacheFolder(): string {
  return resolve(process.env.LAVA_PLAY_LAB_CACHE ?? '/var/cache/lava-play-lab');
}

/** The disks of the running hosts; they go with the lab. */
export function hostsFolder(cache: string): string {
  return join(cache, 'hosts');
}

/** Where a lab's process, such as a host's console, writes what it has to say. */
export function logFile(labRunFolder: string, processName: string): string {
  return join(labRunFolder, 'logs', `${processName}.log`);
}

function findProjectRoot(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new LabError(`no package.json above ${start}`);
}
