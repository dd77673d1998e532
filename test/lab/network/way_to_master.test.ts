import { expect, test } from 'vitest';
import { classicPaths, wayToMaster } from '../../../lab/network/way_to_master.ts';

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

test('the page of a classic master is tried by itself, where its workers report to', () => {
  const host = (group: string, lava: object) => ({
    ...{ name: 'here', address: '192.0.2.10', groups: [group], vars: { lava } },
  });
  const layout = 'instance';
  const [page] = classicPaths(host('master', { layout, master_url: 'http://192.0.2.10:8080/' }));
  expect(page).toMatchObject({
    ...{ id: 'lab.master-page', severity: 'warning' },
    trial: { kind: 'tcp', host: '192.0.2.10', port: 8080 },
  });
  const [secure] = classicPaths(host('master', { layout, master_url: 'https://lava.lab/' }));
  expect(secure?.trial).toEqual({ kind: 'tcp', host: 'lava.lab', port: 443 });
  const lava = { layout, master: '192.0.2.9', master_ssh_port: 22 };
  expect(classicPaths(host('workers', lava))).toMatchObject([{ id: 'lab.master-ssh' }]);
  expect(classicPaths(host('workers', { layout, master: '127.0.0.1' }))).toEqual([]);
  expect(classicPaths(host('master', { layout: 'debian' }))).toEqual([]);
});
