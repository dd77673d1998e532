import { expect, test } from 'vitest';
import { MASK } from '../../../engine/script/mask.ts';
import { maskPlaces } from '../../../engine/script/mask_places.ts';
import { redactor } from '../../../engine/script/redact.ts';

const redact = redactor(['n3w-secret']);

test.each([
  [
    'in the middle of a line that is the same otherwise',
    "{% set power_on_command = 'pdu --password n3w-secret --port 3' %}",
    "{% set power_on_command = 'pdu --password 0ld-secret --port 3' %}",
    `{% set power_on_command = 'pdu --password ${MASK} --port 3' %}`,
  ],
  [
    'in a line of that name that differs elsewhere too',
    "{% set power_on_command = 'pdu --host b --password n3w-secret' %}",
    "{%  set power_on_command='pdu --host a --password 0ld-secret --port 3' %}",
    `{%  set power_on_command=${MASK}`,
  ],
  ['in JSON', '  "token": "n3w-secret",', '  "token" : "0ld-secret"', `  "token" : ${MASK}`],
  ['in a file of its own', 'n3w-secret', '0ld-secret', MASK],
  ['twice', 'a=n3w-secret n3w-secret', 'a=0ld-secret n3w-secret', `a=${MASK}`],
])('an earlier secret is hidden %s', (_name, wanted, found, shown) => {
  expect(maskPlaces(`first\n${wanted}\n`, redact)(`first\n${found}\n`)).toBe(`first\n${shown}\n`);
});

test('what has another name, or stands in the wanted text too, is shown', () => {
  const text = 'password_file = /etc/x\nother = 1\nuser = lava\n';
  expect(maskPlaces('password = n3w-secret\nother = 1\n', redact)(text)).toBe(text);
  expect(maskPlaces('key = n3w-secret\nkey = plain', redact)('key = plain')).toBe('key = plain');
});

test('a text without a secret masks nothing but secrets', () => {
  expect(maskPlaces('a = 1', redact)('a = 2\nb = n3w-secret')).toBe(`a = 2\nb = ${MASK}`);
});
