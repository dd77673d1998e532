#!/usr/bin/env node
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (process.platform === 'win32') {
  process.stderr.write(
    'lava-play does not run on Windows itself: run it in WSL, with Node.js there\n',
  );
  process.exitCode = 1;
} else if (existsSync(program)) {
  const { main } = await import(program.href);
  process.exit(await main());
} else {
  process.stderr.write(
    'lava-play is not built yet: run `npm ci` or `npm run build` in its folder\n',
  );
  process.exitCode = 1;
}
