import { expect, test } from 'vitest';
import {
  isGroupName,
  isHostName,
  nearestName,
} from '../../../../engine/read/inventory/plain_name.ts';

test.each([
  'worker01',
  'a.example.org',
  'lab_worker-1',
  '192.0.2.21',
  '2001:db8::1',
  '::1',
  'fe80::1%eth0',
  'W1',
])('%s may be a host', (name) => {
  expect(isHostName(name)).toBe(true);
});

test.each([
  ['w\u202e1', 'w-1'],
  ['w\x1b[2J', 'w-2J'],
  ['prüfstand', 'prufstand'],
  ['-oProxyCommand=x', 'oProxyCommand-x'],
  ['a b', 'a-b'],
  ['$(reboot)', 'reboot'],
  ['x'.repeat(254), 'x'.repeat(253)],
  ['…', undefined],
  ['', undefined],
])('%j may not, and the nearest is said', (name, near) => {
  expect(isHostName(name)).toBe(false);
  expect(isGroupName(name)).toBe(false);
  expect(nearestName(name)).toBe(near);
});

test('a group has no colon, which patterns need', () => {
  expect(isGroupName('rack-1.lab_2')).toBe(true);
  expect(isGroupName('a:b')).toBe(false);
});
