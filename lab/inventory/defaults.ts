import { carryPlaces, connectionVariables, type Fields, isMap } from '../../engine/extend.ts';
import { bracketed } from '../../engine/sdk.ts';
import { shareOfInstance } from '../share/share.ts';
import { type TunnelEnds, throughTunnel } from '../tunnel/through_tunnel.ts';

/** The port of a proxy that does not say which (squid 5.7). */
const PROXY_PORT = 3128;

/** The media folder of an instance (lava-deployment-tool, `install_fs`). */
const MEDIA = 'var/lib/lava-server/media';

/** Where in it workers write what jobs say (lava-server of 2014, `models.py` and `dbjobsource.py`). */
const OUTPUT = ['lava-logs', 'job-output'];

/**
 * Puts below every host's `lava` what a lab leaves unsaid, so that playbooks may name all of it.
 *
 * The database server and the master are the hosts of the groups `database` and `master`, and the
 * workers' proxy that of the group `proxy`. The other values are the defaults of lava-server 2023.01
 * (Debian) and of PostgreSQL.
 */
export function withLabDefaults(
  merged: ReadonlyMap<string, Fields>,
  members: (group: string) => readonly string[],
): ReadonlyMap<string, Fields> {
  const isLab = ['database', 'master', 'workers'].some((group) => members(group).length > 0);
  if (!isLab) return merged;
  const ends = tunnelEnds(merged, members);
  const [server, master, proxy] = ['database', 'master', 'proxy'].map((group) => members(group)[0]);
  const defaults = {
    instance: 'default',
    layout: 'debian',
    db: {
      name: 'lavaserver',
      user: 'lavaserver',
      port: 5432,
      sslmode: 'prefer',
      ...(server !== undefined && { server: ends.addressOf(server) }),
    },
    ...(master !== undefined && { master: ends.addressOf(master) }),
    master_ssh_port: master === undefined ? 22 : ends.sshPortOf(master),
    proxy: '',
    heartbeat: { timeout: 300 },
  };
  const workers = new Set(members('workers'));
  return new Map(
    [...merged].map(([host, vars]) => {
      if (!workers.has(host))
        return [host, withLava(vars, (lava) => derived(fill(lava, defaults)))];
      const own = { ...defaults, proxy: proxyFor(vars, proxy, merged, ends) };
      return [host, withLava(vars, (lava) => derived(throughTunnel(fill(lava, own), ends)))];
    }),
  );
}

/** A worker behind a tunnel downloads by itself: its images need not go through the tunnel too. */
function proxyFor(
  { lava }: Fields,
  proxy: string | undefined,
  merged: ReadonlyMap<string, Fields>,
  { addressOf }: TunnelEnds,
): string {
  if (proxy === undefined || (isMap(lava) && 'tunnel' in lava)) return '';
  const port = merged.get(proxy)?.proxy_port ?? PROXY_PORT;
  return `http://${bracketed(addressOf(proxy))}:${port}/`;
}

/** What follows from the rest unless it is told. */
function derived(lava: Fields): Fields {
  const { master } = lava;
  const scheme = isMap(lava.https) && lava.layout !== 'instance' ? 'https' : 'http';
  const whole = {
    ...(typeof master === 'string' && { master_url: `${scheme}://${bracketed(master)}/` }),
    ...accountsOf(lava),
    db_clients: databaseClients(lava.layout),
    ...lava,
  };
  carryPlaces(lava, whole);
  return whole;
}

/** A current worker speaks only HTTP with its master; one of 2014 needs the database itself. */
function databaseClients(layout: unknown): readonly string[] {
  return layout === 'instance' ? ['master', 'workers'] : ['master'];
}

/** Instances of one master keep apart as whom their workers come, and whose their media folders are. */
function accountsOf({ layout, instance, sys_user: sysUser, share }: Fields): Fields {
  if (layout !== 'instance') return { share_account: 'lavashare' };
  const media = `/srv/lava/instances/${instance}/`;
  return {
    share_account: shareOfInstance(instance),
    ...(typeof share === 'string' &&
      share.startsWith(media) && {
        share_owner: sysUser ?? `lava-${instance}`,
        ...(share === `${media}${MEDIA}` && { share_subfolders: OUTPUT }),
      }),
  };
}

function withLava(vars: Fields, complete: (lava: Fields) => Fields): Fields {
  const { lava = {} } = vars;
  const whole: Record<string, unknown> = { ...vars, lava: isMap(lava) ? complete(lava) : lava };
  carryPlaces(vars, whole);
  return whole;
}

function fill(given: Fields, defaults: Fields): Fields {
  const whole: Record<string, unknown> = { ...defaults, ...given };
  for (const [key, value] of Object.entries(defaults)) {
    const own = given[key];
    if (isMap(value) && isMap(own)) whole[key] = fill(own, value);
  }
  carryPlaces(given, whole);
  return whole;
}

function tunnelEnds(
  merged: ReadonlyMap<string, Fields>,
  members: (group: string) => readonly string[],
): TunnelEnds {
  const given = (host: string, names: readonly string[]): unknown =>
    names.map((name) => merged.get(host)?.[name]).find((value) => value !== undefined);
  const text = (host: string, names: readonly string[]): string | undefined => {
    const value = given(host, names);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    master: members('master')[0],
    find: (name) => members(name)[0] ?? (merged.has(name) ? name : undefined),
    addressOf: (host) => text(host, ['lab_address', ...connectionVariables.address.names]) ?? host,
    sshPortOf(host) {
      const port = Number(given(host, connectionVariables.port.names) ?? 22);
      return text(host, ['lab_address']) === undefined && Number.isInteger(port) ? port : 22;
    },
  };
}
