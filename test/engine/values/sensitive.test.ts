import { expect, test } from 'vitest';
import { placeholder, SHORTEST_SECRET, sensitiveTexts } from '../../../engine/values/sensitive.ts';

test('a text below a sensitive key is masked from four letters on, a placeholder never', () => {
  const [long, short] = ['x'.repeat(SHORTEST_SECRET), 'x'.repeat(SHORTEST_SECRET - 1)];
  expect(SHORTEST_SECRET).toBe(4);
  expect(sensitiveTexts({ password: long, token: 12345, user: 'somebody' })).toEqual([
    long,
    '12345',
  ]);
  expect(sensitiveTexts([{ lava: { db_password: short, secret: placeholder('x') } }])).toEqual([]);
});
