import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../../engine/read/installed/package_root.ts';

test('the root is the folder of our own package.json, and modules and playbooks lie in it', () => {
  const description: unknown = JSON.parse(
    readFileSync(join(packageRoot(), 'package.json'), 'utf8'),
  );
  expect(description).toMatchObject({ name: 'lava-play' });
  expect(packageRoot()).toBe(join(import.meta.dirname, '../../../..'));
});
