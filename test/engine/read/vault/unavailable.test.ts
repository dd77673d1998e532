import { expect, test } from 'vitest';
import { Unavailable } from '../../../../engine/read/vault/unavailable.ts';

test('what is unavailable may have a hint', () => {
  const error = new Unavailable('is empty', 'write one');
  expect([error.message, error.hint]).toEqual(['is empty', 'write one']);
  expect(new Unavailable('is empty').hint).toBeUndefined();
});
