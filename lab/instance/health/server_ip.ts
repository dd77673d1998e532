import type { Finding } from '../../../engine/sdk.ts';
import { cite, type FoundFile } from '../found_files.ts';
import { APPLY, type InstanceFiles } from '../instance_files.ts';
import { readDispatcherKey, readKey } from '../lava_lines.ts';
import { type OwnAddress, readAddresses } from '../own_addresses.ts';

/** Whether boards are told an address of this host; `output` holds what `ADDRESSES` printed. */
export function judgeServerIp(
  { instanceConf, dispatcher }: InstanceFiles,
  output: string,
): readonly Finding[] {
  const addresses = readAddresses(output);
  if (!instanceConf || !dispatcher || addresses.length === 0) return [];
  const stated = readKey(instanceConf, 'LAVA_SERVER_IP');
  const used = readDispatcherKey(dispatcher, 'LAVA_SERVER_IP');
  const found: Finding[] = [];
  for (const [file, reading] of [
    [instanceConf, stated],
    [dispatcher, used],
  ] as const) {
    if (reading.state !== 'read' || !isAddress(reading.value)) continue;
    const { value, index } = reading;
    const isLoopback = /^(127\.|::1$)/.test(value);
    if (!isLoopback && addresses.some(({ address }) => address === value)) continue;
    const own = addresses.filter(({ address }) => !/^(127\.|::1$|fe80:)/.test(address));
    found.push({
      severity: 'problem',
      what: isLoopback
        ? 'LAVA_SERVER_IP is a loopback address, which on a board means the board itself'
        : 'LAVA_SERVER_IP is not an address of this host: boards cannot fetch their images from it',
      evidence: `${cite(file, index)}; this host has ${own.map(({ address }) => address).join(', ')}`,
      fix: 'set lava.server_ip of this host in the inventory (or address) to the one that its boards see; lava-play apply',
      subject: 'LAVA_SERVER_IP',
    });
  }
  if (found.length > 0) return found.slice(0, 1);
  if (stated.state === 'read' && used.state === 'read' && stated.value !== used.value) {
    return [
      {
        severity: 'problem',
        what: 'two files disagree about LAVA_SERVER_IP, and only lava-dispatcher.conf is used',
        evidence: `${cite(instanceConf, stated.index)}; ${cite(dispatcher, used.index)}`,
        fix: APPLY,
        subject: 'LAVA_SERVER_IP',
      },
    ];
  }
  return judgeInterface(dispatcher, addresses);
}

/** The first listed interface with an address overrides LAVA_SERVER_IP (lava-dispatcher 25c3a1a4, 2014-04-09). */
function judgeInterface(
  dispatcher: FoundFile,
  addresses: readonly OwnAddress[],
): readonly Finding[] {
  const reading = readDispatcherKey(dispatcher, 'LAVA_NETWORK_IFACE');
  if (reading.state !== 'read' || reading.value === '') return [];
  const links = reading.value.split(/[\s,]+/);
  if (addresses.some(({ link }) => link === '?' || links.includes(link))) return [];
  return [
    {
      severity: 'problem',
      what: `LAVA_NETWORK_IFACE is set to '${reading.value}' but no IP address was found for any listed interface`,
      evidence: `${cite(dispatcher, reading.index)}; this host has ${[...new Set(addresses.map(({ link }) => link))].join(', ')}`,
      fix: 'name an existing interface, or leave the line empty: LAVA_SERVER_IP is used then',
      subject: 'LAVA_SERVER_IP',
    },
  ];
}

function isAddress(value: string): boolean {
  return /^(\d+\.){3}\d+$/.test(value) || value.includes(':');
}
