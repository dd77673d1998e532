import { expect, test } from 'vitest';
import { unifiedDiff } from '../../../engine/plan/diff.ts';

test('a diff names the resource and its labels on both sides', () => {
  const change = {
    before: 'a\nb\n',
    after: 'a\nc\n',
    labels: ['0644 root:root', '0640 root:lava'] as const,
    steps: [],
  };
  expect(unifiedDiff('file /etc/x', change)).toBe(
    [
      '--- file /etc/x\t0644 root:root',
      '+++ file /etc/x\t0640 root:lava',
      '@@ -1,2 +1,2 @@',
      ' a',
      '-b',
      '+c',
      '',
    ].join('\n'),
  );
});

test('a change of owner or mode alone shows in the header lines', () => {
  const change = { before: 'a\n', after: 'a\n', labels: ['0644', '0640'] as const };
  expect(unifiedDiff('file /etc/x', change)).toBe('--- file /etc/x\t0644\n+++ file /etc/x\t0640\n');
});

test('a missing end of line is shown', () => {
  const diff = unifiedDiff('file /etc/x', { before: 'a', after: 'a\n' });
  expect(diff).toContain('\\ No newline at end of file');
});
