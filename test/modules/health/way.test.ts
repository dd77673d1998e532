import { execFileSync } from 'node:child_process';
import { createConnection, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { trafficIn } from '../../../lab/network/traffic.ts';
import module from '../../../modules/sshfs_mount/module.ts';
import { eventually } from '../../support/eventually.ts';
import { findingsOf, labWith, lineOf, queriesOf } from '../../support/health.ts';

const ID = 'sshfs_mount.throughput';
const lab = labWith({ master: ['master'], here: ['workers'] });
const questions = queriesOf(module, { folder: '/srv/share' }, lab);

/** What ss (iproute2 6.1) prints of a connection that was slowed down to 3 Mbit/s, and 2.5 MB were written. */
const SLOW = `0 0 192.0.2.11:48928 192.0.2.10:22
\t bbr wscale:10,10 rto:204 rtt:22.486/15.548 mss:1448 cwnd:32 bytes_sent:3112433 bytes_retrans:146248 bytes_acked:2631250 bytes_received:11273 segs_out:2216 data_segs_out:2189 send 192165889bps delivery_rate 91936504bps delivered:1835 app_limited busy:7384ms retrans:0/101 minrtt:0.01
`;
const FAST = SLOW.replace('busy:7384ms', 'busy:108ms').replace('retrans:146248', 'retrans:0');

function told(output: string): readonly string[] {
  return findingsOf(questions, { [ID]: output }).map(([id, finding]) => lineOf(id, finding));
}

test('a slow way, one that loses packets, and a good one', () => {
  expect(told(SLOW)).toEqual([
    `warning ${ID} [throughput to the master] the network to the master is slow: console logs and files on its share arrive late | to 192.0.2.10, 3 MB since it was mounted: 2.9 Mbit/s while sending, 4.7 % sent twice`,
  ]);
  expect(told(SLOW.replace('busy:7384ms', 'busy:108ms'))).toEqual([
    expect.stringMatching(/loses packets: .* 194\.9 Mbit\/s while sending, 4\.7 % sent twice$/),
  ]);
  expect(told(FAST)).toEqual([]);
});

test('a way that has carried little, or only questions, is not called slow', () => {
  expect(told('')).toEqual([]);
  expect(told(SLOW.replace('sent:3112433', 'sent:900000'))).toEqual([]);
  const chatty = FAST.replace('busy:108ms', 'busy:90000ms').replace('out:2189', 'out:40000');
  expect(told(chatty)).toEqual([]);
});

test('of several connections the busiest is told, with figures', () => {
  const [question] = questions.filter(({ id }) => id === ID);
  const other = SLOW.replaceAll('48928', '48930').replace('sent:3112433', 'sent:5000');
  expect(told(other + SLOW)).toHaveLength(1);
  if (question?.probe === undefined || question.of !== undefined) throw new Error('no question');
  expect(question.figures?.(other + SLOW).map(({ name }) => name)).toEqual([
    'share_bits_per_second',
    'share_resent_ratio',
  ]);
});

test('the real ss tells what a real connection has carried', async () => {
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.2');
  await new Promise((resolve) => server.on('listening', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const client = createConnection(port, '127.0.0.2');
  await new Promise<void>((resolve) => client.write(Buffer.alloc(3_000_000), () => resolve()));
  const args = { folder: '/srv/share', address: '127.0.0.2', port };
  const [own] = queriesOf(module, args, lab).filter(({ id }) => id === ID);
  const carried = (): number =>
    trafficIn(execFileSync('sh', ['-c', own?.probe ?? ''], { encoding: 'utf8' }))?.acked ?? 0;
  await eventually(() => expect(carried()).toBeGreaterThanOrEqual(3_000_000));
  client.destroy();
  server.close();
});
