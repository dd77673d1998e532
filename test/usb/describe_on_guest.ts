import { describe, inject } from 'vitest';

/** A group of tests that need the guest; without one they are skipped, and the report says why. */
export function describeOnGuest(name: string, tests: (image: string) => void): void {
  const guest = inject('usbGuest');
  if ('image' in guest) {
    describe(name, () => tests(guest.image));
    return;
  }
  describe.skip(`${name} (no guest with USB: ${guest.unavailable})`, () => tests(''));
}
