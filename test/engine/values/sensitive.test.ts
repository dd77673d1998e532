import { expect, test } from 'vitest';
import {
  isSensitiveKey,
  placeholder,
  SHORTEST_SECRET,
  sensitiveTexts,
} from '../../../engine/values/sensitive.ts';

test('a text below a sensitive key is masked from four letters on, a placeholder never', () => {
  const [long, short] = ['x'.repeat(SHORTEST_SECRET), 'x'.repeat(SHORTEST_SECRET - 1)];
  expect(SHORTEST_SECRET).toBe(4);
  expect(sensitiveTexts({ password: long, token: 12345, user: 'somebody' })).toEqual([
    long,
    '12345',
  ]);
  expect(sensitiveTexts([{ lava: { db_password: short, secret: placeholder('x') } }])).toEqual([]);
});

test('a private key is masked whatever it is called', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----\n';
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
  expect(sensitiveTexts({ https: { key, certificate } })).toEqual([key]);
});

test('it is masked in lists, at any depth and however the key is written', () => {
  const boards = [{ name: 'a', console: { PASSWORD: 'first-one' } }, [{ apiToken: 'second-one' }]];
  expect(sensitiveTexts({ boards, Passphrase: 'third-one' })).toEqual([
    'first-one',
    'second-one',
    'third-one',
  ]);
});

test.each([
  ['password', true],
  ['lava.db.password', true],
  ['DB_PASSWD', true],
  ['user_pass', true],
  ['pass', true],
  ['bypass', false],
  ['password.length', false],
  ['passwords', false],
])('the key %s is sensitive: %s', (key, isSensitive) => {
  expect(isSensitiveKey(key)).toBe(isSensitive);
});
