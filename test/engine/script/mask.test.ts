import { expect, test } from 'vitest';
import { MASK, maskAfter } from '../../../engine/script/mask.ts';

test('every match of every pattern is hidden, and nothing else', () => {
  const mask = maskAfter(/^PASSWORD="(.*)"$/m, /token=(\S+)/);
  expect(mask('PASSWORD="a b"\nUSER="lava"\nPASSWORD="c"\nurl?token=1 token=2\n')).toBe(
    `PASSWORD="${MASK}"\nUSER="lava"\nPASSWORD="${MASK}"\nurl?token=${MASK} token=${MASK}\n`,
  );
});

test('what is empty, or stands in a group that did not match, stays', () => {
  expect(maskAfter(/^PASSWORD="(.*)"$/m)('PASSWORD=""\n')).toBe('PASSWORD=""\n');
  expect(maskAfter(/password(?:=(\w+))?/)('a password')).toBe('a password');
});
