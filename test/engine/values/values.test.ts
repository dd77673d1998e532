import { expect, test } from 'vitest';
import { field, fileRef, secretRef } from '../../../engine/values/values.ts';

test('a key is what a map or list has itself, never what it inherits', () => {
  expect(field({ port: 22 }, 'port')).toBe(22);
  expect(field(['a', 'b'], '1')).toBe('b');
  for (const key of ['constructor', 'toString', '__proto__']) {
    expect(field({}, key)).toBeUndefined();
    expect(field([], key)).toBeUndefined();
  }
});

test.each([
  ['a secret', secretRef('db')],
  ['the text of a file', fileRef('conf')],
  ['a text', 'length'],
  ['nothing', undefined],
])('%s has no keys', (_, value) => {
  expect(field(value, 'length')).toBeUndefined();
});
