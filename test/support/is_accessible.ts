import { accessSync, type constants } from 'node:fs';

/** Whether this process may do that with a file: `constants.R_OK`, `constants.X_OK`. */
export function isAccessible(
  path: string,
  mode: typeof constants.R_OK | typeof constants.X_OK,
): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
