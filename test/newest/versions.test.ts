import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../booted/paths.ts';
import { compareVersions, documentedVersions, isOf, versionIn } from './versions.ts';

const PAGE = readFileSync(join(projectRoot, 'docs/support.md'), 'utf8');

test('docs/support.md names a version of each program for both releases', () => {
  expect(documentedVersions(PAGE, 12)).toMatchObject({ LAVA: '2023.01', PostgreSQL: '15' });
  expect(documentedVersions(PAGE, 13)).toMatchObject({ PostgreSQL: '17' });
  expect(() => documentedVersions('| hosts | LAVA | PostgreSQL |', 13)).toThrow(
    'docs/support.md names no LAVA for Debian 13',
  );
});

test.each([
  ['  Installed: 1:10.0p1-7\n  Candidate: 1:10.1p1-1\n', '10.0p1-7'],
  ['  Installed: (none)\n  Candidate: 4.6.4-1\n', '4.6.4-1'],
  ['  Installed: (none)\n  Candidate: (none)\n', undefined],
  ['', undefined],
])('of %j the version is %s', (policy, version) => {
  expect(versionIn(policy)).toBe(version);
});

test.each([
  ['2026.10-2~bpo13+1', '2026.10', true],
  ['2026.1-1', '2026.10', false],
  ['2026.101-1', '2026.10', false],
  ['4.6.4-1', '4.6', true],
  ['17+278', '17', true],
  ['10.0p1-7', '10.0', true],
  ['10.3p1-1', '10.0', false],
])('%s is of %s: %s', (version, series, is) => {
  expect(isOf(version, series)).toBe(is);
});

test('what was seen stands beside what was tested', () => {
  const named = { LAVA: '2026.10', PostgreSQL: '17', ser2net: '4.6', OpenSSH: '10.0' };
  const seen = { LAVA: '2026.11-1', PostgreSQL: '17+278', ser2net: '4.6.4-1' };
  expect(compareVersions(13, { seen, named })).toEqual([
    'Debian 13  LAVA        docs/support.md: 2026.10   seen: 2026.11-1, NOT the series that was tested',
    'Debian 13  PostgreSQL  docs/support.md: 17        seen: 17+278',
    'Debian 13  ser2net     docs/support.md: 4.6       seen: 4.6.4-1',
    'Debian 13  OpenSSH     docs/support.md: 10.0      seen: not seen',
  ]);
});
