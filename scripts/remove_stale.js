import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Removes from a folder of the compiler's output what has no source any more. The rest stays until it is written anew,
 * so that a program that runs from there still finds what it has yet to load.
 */
const [output = ''] = process.argv.slice(2);

function clean(folder) {
  for (const entry of readdirSync(join(output, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const source = entry.isDirectory() ? path : path.replace(/\.(js|js\.map|d\.ts)$/, '.ts');
    if (!existsSync(source)) rmSync(join(output, path), { recursive: true, force: true });
    else if (entry.isDirectory()) clean(path);
  }
}

if (existsSync(output)) clean('');
