import { expect, test } from 'vitest';
import { parseSockets, peersOf, SOCKETS } from '../../../lab/serial/sockets.ts';
import { testHost } from '../../support/run_resource.ts';

test('the sockets of this machine are read as the kernel prints them', () => {
  const lines = [
    '0100007F:1B59 00000000:0000 0A 4711',
    '0100007F:1B59 0200A8C0:D431 01 4712',
    '00000000000000000000000000000000:1B5A 00000000000000000000000000000000:0000 0A 4713',
    '0000000000000000FFFF00000A0200C0:1B5A 0000000000000000FFFF0000150200C0:A0F2 01 0',
    'B80D0120000000000000000001000000:1B5A B80D0120000000000000000015000000:A0F2 01 4714',
  ];
  const sockets = parseSockets(lines.join('\n'));
  expect(sockets.filter(({ peer }) => peer === undefined).map(({ port }) => port)).toEqual([
    7001, 7002,
  ]);
  expect(peersOf(sockets, 7001)).toEqual(['192.168.0.2']);
  expect(peersOf(sockets, 7002)).toEqual(['192.0.2.21', '2001:db8::15']);
  expect(testHost().run(SOCKETS).output).not.toMatch(/[^0-9A-F: \n]/);
});
