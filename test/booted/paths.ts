import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LabError } from './errors.ts';

/** The checkout this code runs from, whether as sources or compiled. */
export const projectRoot = findProjectRoot(import.meta.dirname);

/**
 * The lab's name, with which the names of its hosts begin: three letters, because nspawn limits the rest.
 *
 * `LAVA_PLAY_LAB` gives another than `lab`, so that several labs run beside each other on one machine.
 */
export const labName = readLabName(process.env.LAVA_PLAY_LAB ?? 'lab');

const suffix = labName === 'lab' ? '' : `-${labName}`;

/** What a developer needs of a running lab: inventory, keys, secrets, console logs. */
export const runFolder = join(projectRoot, `test/booted/run${suffix}`);

/** What the lab must find again after its starter has exited; one for the whole machine. */
export const stateFolder = `/run/lava-play-lab${suffix}`;

/** The control group of all processes of the lab. */
export const labGroup = `lava-play-lab${suffix}`;

/** Where base trees and downloaded packages outlive a lab. */
export function cacheFolder(): string {
  return resolve(process.env.LAVA_PLAY_LAB_CACHE ?? '/var/cache/lava-play-lab');
}

/** The disks of the running hosts; they go with the lab. */
export function hostsFolder(cache: string): string {
  return join(cache, `hosts${suffix}`);
}

/** Where a lab's process, such as a host's console, writes what it has to say. */
export function logFile(labRunFolder: string, processName: string): string {
  return join(labRunFolder, 'logs', `${processName}.log`);
}

function readLabName(name: string): string {
  if (/^[a-z]{3}$/.test(name)) return name;
  throw new LabError(`LAVA_PLAY_LAB must be three lowercase letters, not '${name}'`);
}

function findProjectRoot(start: string): string {
  for (let folder = start; folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  throw new LabError(`no package.json above ${start}`);
}
