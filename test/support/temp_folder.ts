import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of the test's own. */
export interface TempFolder {
  readonly path: string;
  remove(): Promise<void>;
}

const made: string[] = [];

afterAll(() => {
  for (const path of made.splice(0)) remove(path);
});

/** Makes an empty folder that is gone after the tests of this file, whatever becomes of them. */
export function testFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lava-play-test-'));
  made.push(path);
  return path;
}

/** Makes such a folder that can be removed earlier. */
export async function tempFolder(): Promise<TempFolder> {
  const path = testFolder();
  return { path, remove: async () => remove(path) };
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
