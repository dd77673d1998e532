import { expect, test } from 'vitest';
import { sensitiveIn } from '../../../../engine/read/secrets/sensitive_document.ts';

const value = {
  password: 'hunter22',
  motto: 'word by word',
  ansible_host: '192.0.2.1',
  deep: [{ pin: 123456, short: 'abc', on: true }],
};

test('of a plain file only passwords are hidden', () => {
  expect(sensitiveIn({ value, secrecy: 'plain' })).toEqual(['hunter22']);
});

test('of a vaulted file all texts are hidden but those that say how to reach a host', () => {
  expect(sensitiveIn({ value, secrecy: 'vaulted' })).toEqual([
    'hunter22',
    'word by word',
    '123456',
  ]);
});
