import type { Finding } from '../../contract/finding.ts';
import type { LabQuery } from '../../contract/health_query.ts';

/** An address of a host, the network it is in, and the largest packet that the host sends there. */
interface Leg {
  readonly host: string;
  readonly address: string;
  readonly network: string;
  readonly link: string;
  readonly mtu: number;
}

/**
 * Hosts on one network that disagree about the largest packet: logins work, and transfers hang.
 *
 * Only within one network: between networks routers tell the sender, as in a VPN (RFC 1191).
 */
export const mtu: LabQuery = {
  id: 'lab.mtu',
  of: 'all',
  probe: [
    'if command -v ip >/dev/null; then ip -o -4 addr show; fi',
    `for link in /sys/class/net/*; do echo "mtu \${link##*/} $(cat "$link/mtu" 2>/dev/null)"; done`,
  ].join('\n'),
  judge(outputs) {
    const byNetwork = new Map<string, Leg[]>();
    for (const [host, output] of Object.entries(outputs)) {
      for (const leg of legsOf(host, output)) {
        byNetwork.set(leg.network, [...(byNetwork.get(leg.network) ?? []), leg]);
      }
    }
    return [...byNetwork].flatMap(([network, legs]) => oddOnes(network, legs));
  },
};

function oddOnes(network: string, legs: readonly Leg[]): readonly Finding[] {
  const counts = new Map<number, number>();
  for (const leg of legs) counts.set(leg.mtu, (counts.get(leg.mtu) ?? 0) + 1);
  const [usual] = [...counts].toSorted(([a, n], [b, m]) => m - n || a - b)[0] ?? [];
  if (counts.size < 2 || usual === undefined) return [];
  return legs
    .filter((leg) => leg.mtu !== usual)
    .map(({ host, address, link, mtu: own }) => ({
      host,
      severity: 'warning',
      what: `the MTU of this host differs from that of the others on ${network}: small packets arrive, large ones may not`,
      evidence: `${link} ${address}: mtu ${own}, the others ${usual}`,
      fix: `set the same MTU on all of them: ip link set ${link} mtu ${usual}, and in the network configuration`,
      subject: `network ${link}`,
    }));
}

function legsOf(host: string, output: string): readonly Leg[] {
  const sizes = new Map(
    [...output.matchAll(/^mtu (\S+) (\d+)$/gm)].map(([, link = '', size]) => [link, Number(size)]),
  );
  return [...output.matchAll(/^\d+: (\S+) +inet (\d+\.\d+\.\d+\.\d+)\/(\d+) /gm)].flatMap(
    ([, link = '', address = '', bits = '']) => {
      const size = sizes.get(link);
      if (size === undefined || address.startsWith('127.') || Number(bits) > 30) return [];
      return [{ host, address, network: networkOf(address, Number(bits)), link, mtu: size }];
    },
  );
}

function networkOf(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - bits);
  const first = Math.floor(number / size) * size;
  const parts = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256);
  return `${parts.join('.')}/${bits}`;
}
