import type { Figure, Finding } from '../../engine/sdk.ts';

/** What the kernel has counted on a connection to the master (ss(8), `tcp_info` of Linux). */
export interface Traffic {
  /** Bytes that the master has, and bytes that were sent for it. */
  readonly acked: number;
  readonly sent: number;
  readonly sentAgain: number;
  /** Packets with data in them. */
  readonly packets: number;
  /** Seconds in which something was on its way. */
  readonly busy: number;
  /** Seconds for a packet and its answer, at best. */
  readonly roundTrip: number | undefined;
}

/** Less than this says nothing about a way. */
const ENOUGH_BYTES = 1_000_000;

/** Packets that are hardly filled are questions that wait for answers, not files. */
const BULK_PACKET = 700;

/** Below this many bits a second a kernel image takes minutes, and console logs of a few boards come late. */
const SLOW = 4_000_000;

/** From here on, parts of what is sent twice, waits are felt. */
const LOSSY = 0.02;

/** Of several connections the one that has carried most. */
export function trafficIn(output: string): Traffic | undefined {
  const found = (line: string, name: string): number | undefined => {
    const [, value] = new RegExp(`\\s${name}:(\\d+(?:\\.\\d+)?)`).exec(line) ?? [];
    return value === undefined ? undefined : Number(value);
  };
  const number = (line: string, name: string): number => found(line, name) ?? 0;
  return output
    .split('\n')
    .filter((line) => line.includes(' bytes_sent:'))
    .map((line) => ({
      acked: number(line, 'bytes_acked'),
      sent: number(line, 'bytes_sent'),
      sentAgain: number(line, 'bytes_retrans'),
      packets: number(line, 'data_segs_out'),
      busy: number(line, 'busy') / 1000,
      roundTrip: inSeconds(found(line, 'minrtt') ?? found(line, 'rtt')),
    }))
    .toSorted((a, b) => b.sent - a.sent)[0];
}

function inSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}

/** What is wrong with a way that has carried enough to tell; `since` is when it began to count. */
export function judgeTraffic(
  traffic: Traffic | undefined,
  { address, since }: { readonly address: string; readonly since: string },
): readonly Finding[] {
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
      evidence: `to ${address}, ${(traffic.sent / 1e6).toFixed(0)} MB since ${since}: ${words.join(', ')}`,
      fix: 'check the cable, the switch and other traffic on them; or use layout: debian, whose workers send their logs over HTTP',
      subject: 'throughput to the master',
    },
  ];
}

/** The same as numbers. */
export function trafficFigures(traffic: Traffic | undefined): readonly Figure[] {
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
