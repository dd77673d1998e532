import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianRelease } from './debian_release.ts';
import type { LabHost } from './layout.ts';
import { stateFolder } from './paths.ts';
import type { ProcessIdentity } from './process_identity.ts';

/** What is known of the lab of this machine after its starter has exited. */
export interface LabState {
  /** `starting` is written before the first thing is made, so that a killed start can be cleared. */
  readonly phase: 'starting' | 'up';
  /** The lab ends with this process; without one it runs until `down`. */
  readonly keeper?: ProcessIdentity | undefined;
  readonly runFolder: string;
  readonly cacheFolder: string;
  /** The first three numbers of the lab's addresses. */
  readonly network: string;
  /** The trees that hosts of this lab have been laid over. */
  readonly baseTrees: Readonly<Partial<Record<DebianRelease, string>>>;
  readonly hosts: readonly LabHost[];
}

const stateFile = join(stateFolder, 'state.json');

/** The lab's state, or nothing when there is no lab or the file is unreadable. */
export function readState(): LabState | undefined {
  try {
    return JSON.parse(readFileSync(stateFile, 'utf8')) as LabState;
  } catch {
    return undefined;
  }
}

/** Keeps the lab's state; a reader never sees half of it. */
export function writeState(state: LabState): void {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(`${stateFile}.new`, JSON.stringify(state, null, 2));
  renameSync(`${stateFile}.new`, stateFile);
}
