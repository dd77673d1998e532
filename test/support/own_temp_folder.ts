import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives all tests one temporary folder of their own, gone with the run, whatever they leave in it. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'lava-play-tests-'));
  chmodSync(folder, 0o755);
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
