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
