import { describe, inject } from 'vitest';

/** A group of tests that need the lab; without one they are skipped, and the report says why. */
export function describeOnLab(name: string, tests: () => void): void {
  const reason = inject('labUnavailable');
  if (reason === undefined) {
    describe(name, tests);
    return;
  }
  describe.skip(`${name} (no lab: ${reason})`, tests);
}
