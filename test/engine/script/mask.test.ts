import { expect, test } from 'vitest';
import { MASK, maskAfter, maskSensitiveKeys } from '../../../engine/script/mask.ts';

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

test.each([
  ['db: { password: lava, user: lava }', `db: { password: ${MASK}, user: lava }`],
  ['  "api_token": "a b" # c', `  "api_token": "${MASK}" # c`],
  ['  password: 1234', `  password: ${MASK}`],
  ['  password: !secret lava', '  password: !secret lava'],
  ["  password: '{{ lava }}'", "  password: '{{ lava }}'"],
  ['  secrets: lava', '  secrets: lava'],
])('in %s the value of a sensitive key is hidden', (line, shown) => {
  expect(maskSensitiveKeys(line)).toBe(shown);
});
