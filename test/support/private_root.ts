import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that stands for `/` where scripts keep state and apt its sources, so that a test needs no root; gone with the test. */
export interface PrivateRoot {
  readonly folder: string;
  /** The script with these folders moved into this root. */
  move(script: string): string;
  /** Runs a script with a real `sh` on its standard input, as the transport does. */
  run(script: string): string;
}

export function privateRoot(): PrivateRoot {
  const folder = mkdtempSync(join(tmpdir(), 'lava-play-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'var/lib'), { recursive: true });
  mkdirSync(join(folder, 'run'));
  const move = (script: string): string =>
    script.replace(/(?<=[\s=])\/(var\/lib|run|etc\/apt)(?=[\s/])/g, `${folder}/$1`);
  return {
    folder,
    move,
    run(script) {
      const { stdout, stderr } = spawnSync('sh', ['-s'], {
        input: `set -u\n${move(script)}`,
        encoding: 'utf8',
      });
      if (stderr !== '') throw new Error(stderr);
      return stdout;
    },
  };
}
