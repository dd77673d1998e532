import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package_root.ts';

/**
 * The text of a file of a built-in module, such as `proxy/files/NAME`, for modules that install it on hosts as it is.
 *
 * It belongs to the program like its code does, so a module that takes it is still pure.
 */
export function shippedFile(path: string): string {
  return readFileSync(join(packageRoot(), 'modules', path), 'utf8');
}
