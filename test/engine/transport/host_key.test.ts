import { expect, test } from 'vitest';
import { fingerprint } from '../../../engine/transport/host_key.ts';

test('a key has the fingerprint that ssh-keygen shows', () => {
  const body = 'AAAAC3NzaC1lZDI1NTE5AAAAIKDvS8Y1DWlDkh8tN3fwOhqBJzYqLk3DVXL4h0Mj9+ab';
  expect(fingerprint(Buffer.from(body, 'base64'))).toBe(
    'SHA256:ROmCrYyKt6pJXm0aLJ2FypEjCE0Ar7HvZb/18S7cdWw',
  );
});
