import { expect, test } from 'vitest';
import { iniValue } from '../../../../engine/read/inventory/ini_value.ts';

test.each([
  ['x', '5', 5],
  ['x', 'yes', 'yes'],
  ['ansible_password', '12345', '12345'],
  ['ansible_password', '1.10', '1.10'],
  ['ansible_password', "'12345'", '12345'],
  ['ansible_port', '2222', 2222],
])('%s=%s', (name, text, value) => {
  expect(iniValue(name, text)).toEqual({ value });
});

test.each([
  ['x', '1.10', 'lost-number', `quote it twice to keep the text: x="'1.10'"`],
  ['my_token', '1e5', 'lost-number', 'quote it twice'],
  ['x', '{1, 2}', 'wrong-type', `quote it: x="'…'"`],
])('%s=%s is refused', (name, text, code, hint) => {
  const found = iniValue(name, text);
  expect(found).toMatchObject({ code, hint });
  expect(JSON.stringify(found).includes('1e5')).toBe(false);
});
