import { expect, test } from 'vitest';
import { withGunicornWorkers } from '../../../lab/master/daemons.ts';

test.each([
  '',
  '# WORKERS=4\n',
  'WORKERS=4\n',
  'TIMEOUT="--timeout 60"',
  ' WORKERS=1\nWORKERS=3\n',
])('the number of processes is in %j to stay', (text) => {
  const once = withGunicornWorkers(text, 2);
  expect(once).toMatch(/^WORKERS=2$/m);
  expect(withGunicornWorkers(once, 2)).toBe(once);
});

test('a line that is there is used, also one that is commented out, and no other changes', () => {
  const text = (line: string): string => `# Workers:\n${line}\nTIMEOUT="--timeout 60"\n`;
  for (const line of ['# WORKERS=4', '#WORKERS=4', 'WORKERS=4', '  WORKERS=4'])
    expect(withGunicornWorkers(text(line), 2)).toBe(text('WORKERS=2'));
  expect(withGunicornWorkers('TIMEOUT=1', 2)).toBe('TIMEOUT=1\nWORKERS=2\n');
});
