import { type Fact, quote, Refused } from '../../engine/sdk.ts';

/** One database cluster as postgresql-common knows it: `pg_lsclusters(1)`. */
export interface Cluster {
  readonly version: string;
  readonly name: string;
  readonly port: number;
  /** `online`, `down`, `online,recovery`, `down,binaries_missing`. */
  readonly status: readonly string[];
  readonly owner: string;
}

/** How a task may say which cluster it means. */
export interface ClusterChoice {
  readonly version?: string;
  readonly cluster?: string;
  readonly port?: number;
}

/** `ClusterChoice` among the arguments of a module. */
export const clusterSchemas = {
  version: {
    type: 'string',
    pattern: '^\\d+(\\.\\d+)?$',
    description: 'Major version of PostgreSQL, where the host has several clusters',
    examples: ['15'],
  },
  cluster: {
    type: 'string',
    pattern: '^[\\w.-]+$',
    description: 'Name of the cluster, where the host has several',
    examples: ['main'],
  },
  port: {
    type: 'integer',
    minimum: 1,
    maximum: 65535,
    description: 'Port of the cluster, where the host has several',
  },
} as const;

/** The clusters of a host; nothing where PostgreSQL was never installed. */
export const clusters: Fact<readonly Cluster[] | undefined> = {
  probe:
    'if command -v pg_lsclusters >/dev/null; then pg_lsclusters --no-header; else echo missing; fi',
  parse(output) {
    if (output.trim() === 'missing') return undefined;
    return output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => {
        const [version = '', name = '', port = '', status = '', owner = ''] = line
          .trim()
          .split(/\s+/);
        return { version, name, port: Number(port), status: status.split(','), owner };
      });
  },
};

/**
 * The cluster that a task means; nothing when the host has none.
 *
 * A cluster without its programs, left over by an upgrade, is never meant unless it is named.
 */
export function chooseCluster(all: readonly Cluster[], choice: ClusterChoice): Cluster | undefined {
  const chosen = all.filter(
    ({ version, name, port }) =>
      version === (choice.version ?? version) &&
      name === (choice.cluster ?? name) &&
      port === (choice.port ?? port),
  );
  const usable = chosen.filter(({ status }) => !status.includes('binaries_missing'));
  const [cluster, ...others] = usable;
  if (others.length > 0) {
    throw new Refused(
      `this host has several PostgreSQL clusters: ${list(usable)}`,
      'choose one with version, cluster or port',
    );
  }
  if (!cluster && all.length > 0) {
    throw new Refused(
      chosen.length > 0
        ? `the programs of the PostgreSQL cluster ${list(chosen)} are not installed`
        : `no PostgreSQL cluster matches ${describe(choice)}; this host has ${list(all)}`,
    );
  }
  return cluster && requireManageable(cluster);
}

/** Where Debian keeps a cluster's configuration. */
export function folderOf({ version, name }: Cluster): string {
  return `/etc/postgresql/${version}/${name}`;
}

/** The systemd unit that runs a cluster. */
export function unitOf({ version, name }: Cluster): string {
  return `postgresql@${version}-${name}`;
}

/** What people call a cluster. */
export function titleOf({ version, name }: Cluster): string {
  return `${version}/${name}`;
}

/** The quoted path of one of PostgreSQL's own programs, without the detour through Debian's wrapper. */
export function program({ version }: Cluster, name: string): string {
  return quote(`/usr/lib/postgresql/${version}/bin/${name}`);
}

function requireManageable(cluster: Cluster): Cluster {
  if (Number.parseInt(cluster.version, 10) < 10) {
    throw new Refused(
      `PostgreSQL ${cluster.version} is too old: passwords by scram-sha-256 need version 10`,
      'upgrade the cluster first: pg_upgradecluster(1)',
    );
  }
  if (cluster.status.includes('recovery')) {
    throw new Refused(
      `the PostgreSQL cluster ${titleOf(cluster)} is a standby, which is read-only`,
      'name the primary in the inventory',
    );
  }
  return cluster;
}

function list(some: readonly Cluster[]): string {
  return some.map((cluster) => `${titleOf(cluster)} (port ${cluster.port})`).join(', ');
}

function describe({ version, cluster, port }: ClusterChoice): string {
  return Object.entries({ version, cluster, port })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}
