import type { Fields } from '../values/values.ts';
import type { Sections } from './host_facts_probe.ts';

interface Address {
  readonly interface: string;
  readonly family: 'inet' | 'inet6';
  readonly address: string;
  readonly prefix: string;
  readonly scope: string;
  readonly broadcast: string;
}

/** Interfaces and addresses; where the host has no `ip`, interfaces alone. */
export function networkOf(sections: Sections): Fields {
  const addresses = (sections.get('addresses') ?? []).flatMap(addressIn);
  const all = (family: Address['family']): readonly string[] =>
    addresses
      .filter((each) => each.family === family && !/^(127\.|::1$)/.test(each.address))
      .map(({ address }) => address);
  return {
    interfaces: sections.get('interfaces') ?? [],
    all_ipv4_addresses: all('inet'),
    all_ipv6_addresses: all('inet6'),
    default_ipv4: defaultOf('inet', sections, addresses),
    default_ipv6: defaultOf('inet6', sections, addresses),
  };
}

function addressIn(line: string): readonly Address[] {
  const [, name = '', family = '', address = '', prefix = '', rest = ''] =
    /^\d+:\s+(\S+)\s+(inet6?)\s+([^/\s]+)(?:\/(\d+))?(.*)$/.exec(line) ?? [];
  if (family !== 'inet' && family !== 'inet6') return [];
  const scope = / scope (\S+)/.exec(rest)?.[1] ?? '';
  const broadcast = / brd (\S+)/.exec(rest)?.[1] ?? '';
  return [{ interface: name, family, address, prefix, scope, broadcast }];
}

/** The address by which the host reaches others; empty without a default route. */
function defaultOf(
  family: Address['family'],
  sections: Sections,
  addresses: readonly Address[],
): Fields {
  const [route = ''] = sections.get(family === 'inet' ? 'route4' : 'route6') ?? [];
  const word = (name: string): string => new RegExp(`\\b${name} (\\S+)`).exec(route)?.[1] ?? '';
  const device = word('dev');
  if (device === '') return {};
  const own = addresses.filter((each) => each.interface === device && each.family === family);
  const source = word('src');
  const found =
    own.find(({ address }) => address === source) ??
    own.find(({ scope }) => scope === 'global') ??
    own[0];
  const link = sections.get('links')?.find((line) => line.includes(`: ${device}`)) ?? '';
  const { address = '', prefix = '', scope = '', broadcast = '' } = found ?? {};
  return {
    ...{ address, interface: device, gateway: word('via'), prefix },
    ...(family === 'inet' ? { netmask: netmaskOf(Number(prefix)), broadcast } : { scope }),
    ...(address !== '' &&
      family === 'inet' && { network: networkAddress(address, Number(prefix)) }),
    macaddress: / link\/\w+ (\S+)/.exec(link)?.[1] ?? '',
    ...(link.includes(' link/ether ') && { type: 'ether' }),
    mtu: Number(/ mtu (\d+)/.exec(link)?.[1] ?? 0),
  };
}

function netmaskOf(prefix: number): string {
  return dotted(prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0);
}

function networkAddress(address: string, prefix: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  return dotted(Math.floor(number / size) * size);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
