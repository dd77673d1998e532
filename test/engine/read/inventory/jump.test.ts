import { expect, test } from 'vitest';
import { parseJump } from '../../../../engine/read/inventory/jump.ts';

test.each([
  ['gate', [{ address: 'gate' }]],
  ['me@gate:2200', [{ user: 'me', address: 'gate', port: 2200 }]],
  ['ssh://me@gate:2200', [{ user: 'me', address: 'gate', port: 2200 }]],
  ['me@corp@gate', [{ user: 'me@corp', address: 'gate' }]],
  [
    'a@x, b@y:2200',
    [
      { user: 'a', address: 'x' },
      { user: 'b', address: 'y', port: 2200 },
    ],
  ],
  ['2001:db8::1', [{ address: '2001:db8::1' }]],
  ['[2001:db8::1]', [{ address: '2001:db8::1' }]],
  ['me@[2001:db8::1]:22', [{ user: 'me', address: '2001:db8::1', port: 22 }]],
  ['none', []],
  ['', []],
  ['a,,b', [{ address: 'a' }, { address: 'b' }]],
])('the way %j is %j', (text, wanted) => {
  expect(parseJump(text)).toEqual(wanted);
});
