import { bracketed, type Figure, type Finding, type HealthQuery, sh } from '../../engine/sdk.ts';
import type { Mount } from '../../lab/share/mount.ts';

/** What the kernel has counted on a connection to the master (ss(8), `tcp_info` of Linux). */
interface Traffic {
  /** Bytes that the master has, and bytes that were sent for it. */
  readonly acked: number;
  readonly sent: number;
  readonly sentAgain: number;
  /** Packets with data in them. */
  readonly packets: number;
  /** Seconds in which something was on its way. */
  readonly busy: number;
}

/** Less than this says nothing about a way. */
const ENOUGH_BYTES = 1_000_000;

/** Packets that are hardly filled are questions that wait for answers, not files. */
const BULK_PACKET = 700;

/** Below this many bits a second a kernel image takes minutes, and console logs of a few boards come late. */
const SLOW = 4_000_000;

/** From here on, parts of what is sent twice, waits are felt. */
const LOSSY = 0.02;

/**
 * How fast the way to the master is for the share, and how much of it gets lost.
 *
 * Nothing is sent for it: the kernel counts what sshfs writes, which is what jobs log. A way of which it has seen
 * too little is not judged.
 */
export function wayHealth({ address, port }: Mount): HealthQuery {
  const filter = `dst ${bracketed(address)} and dport = :${port}`;
  return {
    id: 'sshfs_mount.throughput',
    probe: sh`ss -Htin state established ${filter} 2>/dev/null || :`,
    judge: (output) => judge(trafficIn(output), address),
    figures: (output) => figures(trafficIn(output)),
  };
}

/** Of several connections the one that has carried most. */
export function trafficIn(output: string): Traffic | undefined {
  const number = (line: string, name: string): number =>
    Number(new RegExp(`\\s${name}:(\\d+)`).exec(line)?.[1] ?? 0);
  return output
    .split('\n')
    .filter((line) => line.includes(' bytes_sent:'))
    .map((line) => ({
      acked: number(line, 'bytes_acked'),
      sent: number(line, 'bytes_sent'),
      sentAgain: number(line, 'bytes_retrans'),
      packets: number(line, 'data_segs_out'),
      busy: number(line, 'busy') / 1000,
    }))
    .toSorted((a, b) => b.sent - a.sent)[0];
}

function judge(traffic: Traffic | undefined, address: string): readonly Finding[] {
  if (!traffic || traffic.sent < ENOUGH_BYTES) return [];
  const speed = speedOf(traffic);
  const lost = traffic.sentAgain / traffic.sent;
  const isSlow = speed !== undefined && speed < SLOW;
  if (!isSlow && lost < LOSSY) return [];
  const words = [
    ...(speed === undefined ? [] : [`${(speed / 1e6).toFixed(1)} Mbit/s while sending`]),
    `${(lost * 100).toFixed(1)} % sent twice`,
  ];
  return [
    {
      severity: 'warning',
      what: `the network to the master ${isSlow ? 'is slow' : 'loses packets'}: console logs and files on its share arrive late`,
      evidence: `to ${address}, ${(traffic.sent / 1e6).toFixed(0)} MB since it was mounted: ${words.join(', ')}`,
      fix: 'check the cable, the switch and other traffic on them; or use layout: debian, whose workers send their logs over HTTP',
      subject: 'throughput to the master',
    },
  ];
}

function figures(traffic: Traffic | undefined): readonly Figure[] {
  if (!traffic || traffic.sent < ENOUGH_BYTES) return [];
  const speed = speedOf(traffic);
  return [
    ...(speed === undefined ? [] : [{ name: 'share_bits_per_second', value: Math.round(speed) }]),
    { name: 'share_resent_ratio', value: traffic.sentAgain / traffic.sent },
  ];
}

/** Bits a second over the time in which something was on its way; nothing where hardly anything but questions was. */
function speedOf({ acked, packets, sent, busy }: Traffic): number | undefined {
  return busy > 0 && sent >= packets * BULK_PACKET ? (acked * 8) / busy : undefined;
}
