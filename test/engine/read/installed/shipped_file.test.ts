import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../../engine/read/installed/package_root.ts';
import { shippedFile } from '../../../../engine/read/installed/shipped_file.ts';

test('a file is that of the built-in module, wherever the program is started', () => {
  const before = process.cwd();
  process.chdir('/');
  try {
    const path = 'lava_worker_agent/module.ts';
    expect(shippedFile(path)).toBe(readFileSync(join(packageRoot(), 'modules', path), 'utf8'));
  } finally {
    process.chdir(before);
  }
});

test('a file that is not shipped is an error, not an empty text', () => {
  expect(() => shippedFile('lava_worker_agent/files/nothing')).toThrow('ENOENT');
});
