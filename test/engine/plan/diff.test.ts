import { expect, test } from 'vitest';
import { MOST_EDITS, unifiedDiff } from '../../../engine/plan/diff.ts';

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

function lines(count: number, word: string): string {
  return Array.from({ length: count }, (_, i) => `${word} ${i}\n`).join('');
}

test('texts that differ in too many lines are not compared line by line', () => {
  const change = {
    before: `head\n${lines(3000, 'old')}`,
    after: `head\n${lines(3001, 'new')}`,
    labels: ['0644', '0640'] as const,
    steps: [],
  };
  expect(unifiedDiff('file /etc/x', change)).toBe(
    [
      '--- file /etc/x\t0644',
      '+++ file /etc/x\t0640',
      '@@ 3001 lines differ: too many to show @@',
      '',
    ].join('\n'),
  );
});

test('a large text with few changes is compared, and a new one is shown whole', () => {
  const before = lines(20_000, 'old');
  const half = before.replaceAll(/^old (\d{1,3})$/gm, 'new $1');
  expect(unifiedDiff('x', { before, after: half })).toContain('+new 999\n');
  const whole = unifiedDiff('x', { before: '', after: before });
  expect(whole.split('\n').filter((line) => line.startsWith('+old'))).toHaveLength(20_000);
  const more = lines(2 * MOST_EDITS, 'more');
  const longer = unifiedDiff('x', { before, after: `${before}${more}` });
  expect(longer).toContain(`+more ${2 * MOST_EDITS - 1}\n`);
});
