import { expect, test } from 'vitest';
import { sha256 } from '../../../engine/script/digest.ts';

test('sha256 is what sha256sum prints', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
