import { lstat, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidInput, NotWritten } from '../contract/errors.ts';

/**
 * Writes a file on this machine so that a reader finds the old text or the new one, never half of it.
 *
 * What is not a file, such as `/dev/stdout` or a named pipe, is written to as it stands. `option` is how
 * the user named it: `--prometheus`.
 */
export async function writeWholeFile(path: string, text: string, option: string): Promise<void> {
  try {
    if (await isSpecial(path)) await writeFile(path, text);
    else await replace(await linked(path), text);
  } catch (error) {
    const { message, code = '' } = error as NodeJS.ErrnoException;
    if (OF_THE_DEVICE.includes(code)) throw new NotWritten(`${option} ${path}: ${message}`);
    throw new InvalidInput([
      {
        code: 'not-written',
        message: `${option} ${path}: ${message}`,
        hint: 'name a file in an existing folder that you can write to',
      },
    ]);
  }
}

/** Errors that another name would not avoid. */
const OF_THE_DEVICE: readonly string[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EFBIG', 'EPIPE'];

async function isSpecial(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile();
}

/** Where a symbolic link leads; the link stays. */
async function linked(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() ? realpath(path) : path;
}

async function replace(path: string, text: string): Promise<void> {
  const draft = join(dirname(path), `.lava-play-${process.pid}.tmp`);
  try {
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
