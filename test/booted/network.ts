import { existsSync, writeFileSync } from 'node:fs';
import { LabError } from './errors.ts';
import { bridgeName, gatewayAddress } from './layout.ts';
import { run, runOk } from './run_command.ts';

/** Private networks to choose from, out of the way of the usual ones; first three numbers of a /24. */
const candidates = [
  ...Array.from({ length: 20 }, (_, index) => `10.213.${77 + index}`),
  '172.29.213',
  '192.168.213',
];

/** A private network that this machine neither has nor routes to. */
export async function chooseNetwork(): Promise<string> {
  const known = await runOk(['ip', '-4', '-o', 'address', 'show']);
  const routed = await runOk(['ip', '-4', 'route', 'show', 'table', 'all']);
  const taken = parseNetworks(`${known}\n${routed}`);
  const free = candidates.find((network) => !taken.some((it) => overlaps(it, `${network}.0`)));
  if (free) return free;
  throw new LabError(
    `this machine uses all of the lab's networks: ${candidates.join(', ')} (each /24)`,
  );
}

interface Network {
  readonly address: number;
  readonly prefix: number;
}

/** The networks in the output of ip(8), without the default route. */
export function parseNetworks(output: string): readonly Network[] {
  return [...output.matchAll(/(?<![\d.])(\d+\.\d+\.\d+\.\d+)(?:\/(\d+))?(?![\d.])/g)]
    .map(([, address = '', prefix]) => ({
      address: toNumber(address),
      prefix: Number(prefix ?? 32),
    }))
    .filter(({ prefix }) => prefix > 0);
}

/** Whether a network shares addresses with the /24 that starts at an address. */
export function overlaps({ address, prefix }: Network, start: string): boolean {
  const size = 2 ** (32 - Math.min(prefix, 24));
  return Math.floor(address / size) === Math.floor(toNumber(start) / size);
}

/**
 * Makes the lab's bridge.
 *
 * It gets an address of its own: otherwise it would take that of a port, and change it as hosts come and go,
 * and the hosts' neighbour caches would be wrong for a while.
 */
export async function makeBridge(network: string): Promise<void> {
  await runOk(['ip', 'link', 'add', bridgeName, 'address', '02:1a:7a:00:00:01', 'type', 'bridge']);
  const ipv6Switch = `/proc/sys/net/ipv6/conf/${bridgeName}/disable_ipv6`;
  if (existsSync(ipv6Switch)) writeFileSync(ipv6Switch, '1');
  await runOk(['ip', 'address', 'add', `${gatewayAddress(network)}/24`, 'dev', bridgeName]);
  await runOk(['ip', 'link', 'set', bridgeName, 'up']);
}

/** Removes the bridge and every cable still plugged into it. */
export async function removeBridge(): Promise<void> {
  if (!existsSync(`/sys/class/net/${bridgeName}`)) return;
  const ports = await runOk(['ip', '-o', 'link', 'show', 'master', bridgeName]);
  for (const [, port = ''] of ports.matchAll(/^\d+: ([^:@\s]+)/gm)) {
    await run(['ip', 'link', 'delete', port]);
  }
  await runOk(['ip', 'link', 'delete', bridgeName]);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
