import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InvalidInput } from './errors.ts';

/**
 * Writes a file on this machine so that a reader finds the old text or the new one, never half of it.
 *
 * `option` is how the user named it: `--prometheus`.
 */
export async function writeWholeFile(path: string, text: string, option: string): Promise<void> {
  const draft = join(dirname(path), `.lava-play-${process.pid}.tmp`);
  try {
    await writeFile(draft, text, { mode: 0o644 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidInput([
      {
        code: 'not-written',
        message: `${option} ${path}: ${reason}`,
        hint: 'name a file in a folder that exists and that you may write to',
      },
    ]);
  }
}
