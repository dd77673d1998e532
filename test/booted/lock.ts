import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LabError } from './errors.ts';
import { stateFolder } from './paths.ts';
import { identifyProcess, isRunning, type ProcessIdentity } from './process_identity.ts';
import { waitFor } from './wait.ts';

interface LockHolder extends ProcessIdentity {
  readonly doing: string;
}

/** Of every lab of this machine; what they share is made by one at a time. */
const machineFolder = '/run/lava-play-lab-machine';

/**
 * Does something that changes the lab while nobody else does.
 *
 * The lock of a process that has died is taken over.
 */
export async function withLabLock<T>(doing: string, action: () => Promise<T>): Promise<T> {
  const holder = takeLock(stateFolder, doing);
  if (holder) {
    throw new LabError(
      `another process is busy with the lab: ${holder.doing}, process ${holder.pid}; wait for it to end`,
    );
  }
  return await thenFree(stateFolder, action);
}

/** Does something that only one lab of this machine may do at a time, after the others. */
export async function inTurn<T>(
  doing: string,
  action: () => Promise<T>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  let holder: LockHolder | undefined;
  const evidence = (): string => `${holder?.doing}, process ${holder?.pid}, is not done`;
  await waitFor(
    'turn for this lab',
    () => {
      holder = takeLock(machineFolder, doing);
      return holder ? undefined : true;
    },
    { deadlineMs: 1_200_000, signal, evidence },
  );
  return await thenFree(machineFolder, action);
}

async function thenFree<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } finally {
    rmSync(join(folder, 'lock'), { force: true });
    removeIfEmpty(folder);
  }
}

/** Nothing when the lock is taken, else who has it. */
function takeLock(folder: string, doing: string): LockHolder | undefined {
  const lockFile = join(folder, 'lock');
  const candidate = join(folder, `lock.${process.pid}`);
  writeInto(folder, candidate, JSON.stringify({ ...identifyProcess(process.pid), doing }));
  try {
    for (;;) {
      if (tryLink(candidate, lockFile)) return undefined;
      const holder = readHolder(lockFile);
      if (holder && isRunning(holder)) return holder;
      removeStaleLock(folder);
    }
  } finally {
    rmSync(candidate, { force: true });
  }
}

function tryLink(candidate: string, lockFile: string): boolean {
  try {
    linkSync(candidate, lockFile);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Who frees the lock may take the folder away just now. */
function writeInto(folder: string, file: string, text: string): void {
  for (;;) {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(file, text);
      return;
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }
}

/** Others may be about to take the lock. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'ENOENT')) throw error;
  }
}

/** Renaming first makes sure that only one of two rivals removes the stale lock, and no fresh one. */
function removeStaleLock(folder: string): void {
  const lockFile = join(folder, 'lock');
  const aside = join(folder, `lock.stale.${process.pid}`);
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && isRunning(moved)) linkSync(aside, lockFile);
  rmSync(aside, { force: true });
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
