import { type HostView, type LabView, Refused } from '../../engine/sdk.ts';

/** Groups that a lab may lack without an error, because they are what `clients` means unless set. */
const OPTIONAL_GROUPS = ['master', 'workers'];

/**
 * The addresses, as networks of their own, from which clients come: of groups and hosts of the
 * inventory in its order, of others as they were given.
 */
export function clientAddresses(
  clients: readonly string[],
  lab: LabView,
  addressOf: (host: HostView) => string = ({ address }) => address,
): readonly string[] {
  const known = new Set<string>();
  const foreign = new Set<string>();
  for (const client of clients) {
    const group = lab.groups[client];
    const host = lab.hosts[client];
    if (group) for (const name of group) known.add(name);
    else if (host) known.add(host.name);
    else if (!OPTIONAL_GROUPS.includes(client)) foreign.add(foreignAddress(client, lab));
  }
  const inLab = Object.values(lab.hosts).filter(({ name }) => known.has(name));
  const addresses = inLab.map(addressOf).map((address) => networkOf(address) ?? address);
  return [...new Set([...addresses, ...foreign])];
}

function foreignAddress(client: string, lab: LabView): string {
  const network = networkOf(client);
  if (network) return network;
  if (/^\.?[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(client) && !/^[\d.]+$/.test(client)) return client;
  throw new Refused(
    `clients: ${JSON.stringify(client)} is not a group or host of the inventory, an address or a full host name`,
    `groups: ${Object.keys(lab.groups).join(', ')}`,
  );
}

/** An address or network as a CIDR, one address being a network of its own; nothing for a host name. */
export function networkOf(text: string): string | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const bits = isIpv4(address) ? 32 : isIpv6(address) ? 128 : undefined;
  if (bits === undefined || rest.length > 0) return undefined;
  if (length === undefined) return `${address}/${bits}`;
  return /^\d{1,3}$/.test(length) && Number(length) <= bits ? text : undefined;
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-f:]+$/i.test(text) || /:::/.test(text)) return false;
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const fits = groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return (
    fits && (halves.length === 2 ? groups.length < 8 : halves.length === 1 && groups.length === 8)
  );
}
