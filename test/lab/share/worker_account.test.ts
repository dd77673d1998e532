import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workerAccount } from '../../../lab/share/worker_account.ts';

describe("a worker's account", () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/);
  const host = fc.stringMatching(/^[A-Za-z0-9][\w.-]{0,60}$/);

  test('is a name that useradd takes, and reads like the worker', () => {
    expect(workerAccount('lavashare', 'worker01')).toBe('lavashare-worker01');
    expect(workerAccount('lavashare', 'rack-1')).toMatch(/^lavashare-rack-1_[0-9a-f]{8}$/);
    fc.assert(
      fc.property(name, host, (share, worker) => {
        expect(workerAccount(share, worker)).toMatch(/^[a-z_][a-z0-9_-]{0,31}$/);
      }),
    );
  });

  test('is no other share and worker has, however alike they are', () => {
    const few = fc.stringMatching(/^[ab]([ab_-]{0,3}[ab])?$/);
    const part = fc.oneof(few, host);
    fc.assert(
      fc.property(fc.oneof(few, name), part, fc.oneof(few, name), part, (a, b, c, d) => {
        fc.pre(a !== c || b !== d);
        expect(workerAccount(a, b)).not.toBe(workerAccount(c, d));
      }),
      { numRuns: 2000 },
    );
    const long = 'a-worker-whose-name-is-longer-than-an-account-may-be-';
    expect(workerAccount('lavashare', `${long}1`)).not.toBe(workerAccount('lavashare', `${long}2`));
    expect(workerAccount('lavashare', 'a-b')).not.toBe(workerAccount('lavashare-a', 'b'));
    expect(workerAccount('lavashare', 'W1')).not.toBe(workerAccount('lavashare', 'w1'));
  });
});
