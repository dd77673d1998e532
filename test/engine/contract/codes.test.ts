import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOST_CODES, INPUT_CODES } from '../../../engine/contract/codes.ts';

const root = join(import.meta.dirname, '../../..');
const source = ['engine', 'lab', 'modules']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && file !== join('contract', 'codes.ts'))
      .map((file) => readFileSync(join(root, folder, file), 'utf8')),
  )
  .join('\n');

test.each(Object.keys({ ...INPUT_CODES, ...HOST_CODES }))('%s is a code that can come', (code) => {
  expect(source).toContain(`'${code}'`);
});

test('a code means a mistake in files, or a failure of a host, not both', () => {
  expect(Object.keys(INPUT_CODES).filter((code) => code in HOST_CODES)).toEqual([]);
});
