import { describe, expect, test } from 'vitest';
import { clientAddresses, networkOf } from '../../../lab/database/clients.ts';

describe('addresses', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1/32'],
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['::1', '::1/128'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8/128'],
    ['fe80::/10', 'fe80::/10'],
    ['192.0.2.256', undefined],
    ['192.0.2', undefined],
    ['192.0.2.0/33', undefined],
    ['192.0.2.0/24/8', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1::2::3', undefined],
    [':::', undefined],
    ['worker01', undefined],
    ['dead.beef', undefined],
    ['cafe', undefined],
  ])('%s is the network %s', (text, network) => {
    expect(networkOf(text)).toBe(network);
  });

  test('two names of one machine make one line', () => {
    const host = (name: string) => ({ name, address: '192.0.2.1', groups: ['all'], vars: {} });
    const lab = { hosts: { a: host('a'), b: host('b') }, groups: { all: ['a', 'b'] } };
    expect(clientAddresses(['b', 'a', '192.0.2.1', 'workers'], lab)).toEqual(['192.0.2.1/32']);
  });
});
