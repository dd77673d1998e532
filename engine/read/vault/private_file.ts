import { readFile, stat } from 'node:fs/promises';
import { Unavailable } from './unavailable.ts';

/** The text of a file that nobody else may read; throws Unavailable. */
export async function readPrivateFile(file: string): Promise<string> {
  try {
    const status = await stat(file);
    const { mode } = status;
    if (status.isDirectory()) throw new Unavailable(`needs the file ${file}, which is a folder`);
    if ((mode & 0o077) !== 0) {
      const bits = (mode & 0o777).toString(8).padStart(4, '0');
      const message = `is in ${file}, which others may read (mode ${bits})`;
      throw new Unavailable(message, `chmod 600 ${file}`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    if (code === 'ENOENT') throw new Unavailable(`needs the file ${file}, which does not exist`);
    throw new Unavailable(`cannot be read from ${file}: ${code}`);
  }
}
