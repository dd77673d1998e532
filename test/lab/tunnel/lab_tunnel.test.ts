import { describe, expect, test } from 'vitest';
import { addressAtDatabase, tunnelOf } from '../../../lab/tunnel/lab_tunnel.ts';

describe('the way of a worker', () => {
  const forwards = { database: { listen: 15432, host: '192.0.2.11', port: 5432 } };
  const worker = (tunnel: unknown) => ({
    ...{ name: 'far01', address: '198.51.100.21', groups: ['workers'], vars: { lava: { tunnel } } },
  });
  const gate = { name: 'gate', address: '192.0.2.9', groups: ['gate'], vars: {} };
  const lab = (host: ReturnType<typeof worker>) => ({ hosts: { gate, far01: host }, groups: {} });

  test.each([
    ['a tunnel with the database in it', { through: 'gate', forwards }, '192.0.2.9'],
    ['a tunnel without it', { through: 'gate', forwards: {} }, '198.51.100.21'],
    ['no tunnel', undefined, '198.51.100.21'],
    ['a tunnel through nobody', { through: 'nobody', forwards }, '198.51.100.21'],
  ])('to the database with %s', (_, tunnel, address) => {
    const host = worker(tunnel);
    expect(addressAtDatabase(host, lab(host))).toBe(address);
  });

  test('is that of workers alone', () => {
    const host = worker({ through: 'gate', forwards });
    expect(tunnelOf(host)).toEqual({ through: 'gate', address: 'gate', port: 22, forwards });
    expect(tunnelOf({ ...host, groups: ['master'] })).toBeUndefined();
  });
});
