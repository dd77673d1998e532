import { expect, test } from 'vitest';
import { wayToMaster } from '../../../lab/network/way_to_master.ts';

test.each([
  [0.0299, undefined],
  [0.03, 'note'],
  [0.1499, 'note'],
  [0.15, 'warning'],
])('a way of %d s to the master is a %s', (seconds, severity) => {
  expect(wayToMaster.judge(seconds, '192.0.2.10').map((each) => each.severity)).toEqual(
    severity === undefined ? [] : [severity],
  );
});

test('a long way is told with what shortens it', () => {
  expect(wayToMaster.judge(0.2, '192.0.2.10')).toEqual([
    {
      severity: 'warning',
      what: 'the latency to the master is high: console logs and files on its share arrive late',
      evidence: '200 ms to 192.0.2.10 and back',
      fix: 'use a closer network, or layout: debian, whose workers send their logs over HTTP',
      subject: 'way to the master',
    },
  ]);
});
