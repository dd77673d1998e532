import { field } from '../../engine/extend.ts';
import { type HostView, type LabView, unbracketed } from '../../engine/sdk.ts';
import { tunnelOf } from '../tunnel/lab_tunnel.ts';
import { NEAR_END } from '../tunnel/near_end.ts';

/** Where a way leads. */
interface End {
  readonly host: string;
  readonly port?: number;
}

/**
 * The host of the inventory that an address means to another: what lies at the far end of its tunnel, and master and
 * database by whichever names the inventory has for them.
 */
export function hostAt(end: End, from: HostView, lab: LabView): string | undefined {
  const address = (forwardOf(end, from) ?? end).host;
  return (names.get(lab) ?? namesIn(lab)).get(address);
}

const names = new WeakMap<LabView, ReadonlyMap<string, string>>();

/** All names and addresses of the inventory with the host that each means, read once for a lab. */
function namesIn(lab: LabView): ReadonlyMap<string, string> {
  const hosts = Object.values(lab.hosts);
  const untunnelled = hosts.filter((each) => tunnelOf(each) === undefined);
  const [master] = lab.groups.master ?? [];
  const [database] = lab.groups.database ?? [];
  const all = new Map<string, string>();
  const add = (name: unknown, host: string | undefined): void => {
    if (typeof name === 'string' && host !== undefined && !all.has(name)) all.set(name, host);
  };
  for (const { name, address } of hosts) {
    add(name, name);
    add(address, name);
  }
  for (const { vars } of untunnelled)
    for (const name of namesOfMaster(vars.lava)) add(name, master);
  for (const { vars } of untunnelled) {
    const server = field(field(vars.lava, 'db'), 'server');
    if (!isLoopback(`${server}`)) add(server, database);
  }
  names.set(lab, all);
  return all;
}

/** Where a host's worker finds the start page of its master. */
export function masterSeenBy(host: HostView | undefined, master: string): End {
  const url = field(host?.vars.lava, 'master_url');
  if (typeof url !== 'string' || !URL.canParse(url)) return { host: master };
  return endOf(new URL(url));
}

/** The server that an address of the web leads to. */
export function endOf({ hostname, port, protocol }: URL): Required<End> {
  return { host: unbracketed(hostname), port: Number(port || (protocol === 'https:' ? 443 : 80)) };
}

function forwardOf({ host, port }: End, from: HostView): End | undefined {
  const tunnel = host === NEAR_END ? tunnelOf(from) : undefined;
  return Object.values(tunnel?.forwards ?? {}).find(({ listen }) => listen === port);
}

function namesOfMaster(lava: unknown): readonly unknown[] {
  const url = field(lava, 'master_url');
  const page = typeof url === 'string' && URL.canParse(url) ? [endOf(new URL(url)).host] : [];
  return [field(lava, 'master'), ...page].filter((each) => !isLoopback(`${each}`));
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(address);
}
