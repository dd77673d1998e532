import {
  linkSync,
  mkdirSync,
  readdirSync,
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

interface LockHolder extends ProcessIdentity {
  readonly doing: string;
}

const lockFile = join(stateFolder, 'lock');

/**
 * Does something that changes the lab while nobody else does.
 *
 * The lock of a process that has died is taken over.
 */
export async function withLabLock<T>(doing: string, action: () => Promise<T>): Promise<T> {
  takeLock(doing);
  try {
    return await action();
  } finally {
    rmSync(lockFile, { force: true });
    if (readdirSync(stateFolder).length === 0) rmdirSync(stateFolder);
  }
}

function takeLock(doing: string): void {
  mkdirSync(stateFolder, { recursive: true });
  const candidate = join(stateFolder, `lock.${process.pid}`);
  writeFileSync(candidate, JSON.stringify({ ...identifyProcess(process.pid), doing }));
  try {
    for (;;) {
      if (tryLink(candidate)) return;
      const holder = readHolder(lockFile);
      if (holder && isRunning(holder)) {
        throw new LabError(
          `another process is busy with the lab: ${holder.doing}, process ${holder.pid}; wait for it to end`,
        );
      }
      removeStaleLock();
    }
  } finally {
    rmSync(candidate, { force: true });
  }
}

function tryLink(candidate: string): boolean {
  try {
    linkSync(candidate, lockFile);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Renaming first makes sure that only one of two rivals removes the stale lock, and no fresh one. */
function removeStaleLock(): void {
  const aside = join(stateFolder, `lock.stale.${process.pid}`);
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
