import { expect, test } from 'vitest';
import { bracketed, nameInKnownHosts, unbracketed } from '../../../engine/values/address.ts';

test('an IPv6 address stands in brackets, once; names and IPv4 addresses as they are', () => {
  expect(bracketed('2001:db8::1')).toBe('[2001:db8::1]');
  expect(bracketed('[2001:db8::1]')).toBe('[2001:db8::1]');
  expect(bracketed('192.0.2.1')).toBe('192.0.2.1');
  expect(bracketed('master.example')).toBe('master.example');
  expect(bracketed('')).toBe('');
  expect(unbracketed('[2001:db8::1]')).toBe('2001:db8::1');
  expect(unbracketed('192.0.2.1')).toBe('192.0.2.1');
});

test('known_hosts has a port only where it is not 22', () => {
  expect(nameInKnownHosts('master.example', 22)).toBe('master.example');
  expect(nameInKnownHosts('2001:db8::1', 22)).toBe('2001:db8::1');
  expect(nameInKnownHosts('2001:db8::1', 2222)).toBe('[2001:db8::1]:2222');
  expect(nameInKnownHosts('192.0.2.1', 2222)).toBe('[192.0.2.1]:2222');
});
