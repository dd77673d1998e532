import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { octalMode, requireMode } from '../../../engine/resources/mode.ts';
import { testFolder } from '../../support/temp_folder.ts';

test.each([
  ['0644', '600', '0644'],
  ['4755', '600', '4755'],
  ['u=rw,g=r,o=r', '777', '0644'],
  ['u=rwX,go=rX', '600', '0644'],
  ['u=rwX,go=rX', '700', '0755'],
  ['a+x', '644', '0755'],
  ['g=u', '640', '0660'],
  ['o-rwx,g-w', '666', '0640'],
  ['u+s', '755', '4755'],
  ['u=rwx', '4755', '0755'],
])('%s makes %s of a file %s', (mode, now, after) => {
  expect(octalMode(mode, { mode: now, type: 'regular file' })).toBe(after);
});

test('X is for folders', () => {
  expect(octalMode('a=rX', { mode: '600', type: 'directory' })).toBe('0555');
});

test.each(['', '64', '00644', '0648', '644 /etc', '+x', 'u', 'u+q', 'u=rw,'])(
  'the mode %j is refused',
  (mode) => {
    expect(() => requireMode(mode)).toThrow('is neither an octal number');
  },
);

test('means what chmod makes of it', { timeout: 60_000 }, () => {
  const folder = testFolder();
  const paths = { 'regular file': join(folder, 'file'), directory: join(folder, 'sub') };
  writeFileSync(paths['regular file'], '');
  mkdirSync(paths.directory);
  const who = fc.stringMatching(/^(a|[ugo]{1,2})$/);
  const what = fc.stringMatching(/^([-+=][rwxX]{0,3}){1,2}$/);
  const clause = fc.tuple(who, what).map((parts) => parts.join(''));
  const mode = fc.array(clause, { minLength: 1, maxLength: 3 }).map((each) => each.join(','));
  const type = fc.constantFrom('regular file' as const, 'directory' as const);
  fc.assert(
    fc.property(mode, type, fc.integer({ min: 0, max: 0o777 }), (wanted, type, before) => {
      chmodSync(paths[type], before);
      expect(spawnSync('chmod', [wanted, paths[type]]).status).toBe(0);
      const after = (statSync(paths[type]).mode & 0o7777).toString(8).padStart(4, '0');
      expect(octalMode(wanted, { mode: before.toString(8), type })).toBe(after);
    }),
  );
});
