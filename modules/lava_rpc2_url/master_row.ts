import { maskAfter, Refused, type Resource, type Warning } from '../../engine/sdk.ts';
import { type Cluster, titleOf } from '../../lab/database/cluster.ts';
import {
  makeMaster,
  parseTable,
  tableProbe,
  type WorkerRow,
  type WorkersTable,
} from './workers_table.ts';

/** The master's row as it should be. */
export interface MasterRowOptions {
  readonly cluster: Cluster;
  readonly database: string;
  /** Its name in the table; whichever row is the master's when it is not known. */
  readonly hostname: string | undefined;
  readonly url: string;
}

/**
 * One row of the classic table of workers is the master's, and says where the workers report to.
 *
 * The row itself is made by the scheduler and never by us: it is created for the full name that the master gives itself
 * (migrations 0040 ff. and `Worker.update_heartbeat`, lava-server 2014). While it is not there yet there
 * is nothing to change, and also nothing that another task of the run could bring about, so it is a warning.
 */
export function masterRow(options: MasterRowOptions): Resource<WorkersTable> {
  const { cluster, database, hostname, url } = options;
  return {
    id: `rpc2_url in database ${database} of PostgreSQL ${titleOf(cluster)}`,
    probe: tableProbe(cluster, database, hostname),
    parse: parseTable,
    change(now) {
      const rows = rowsOf(now, options);
      if (!rows) return undefined;
      const masters = rows.filter((row) => row.is_master);
      requireOne(masters);
      const [master] = masters;
      const target = rows.find((row) => row.hostname === hostname) ?? master;
      if (!target || (target === master && target.rpc2_url === url)) return undefined;
      const made = { hostname: target.hostname, is_master: true, rpc2_url: url };
      return {
        before: describe(master),
        after: describe(made),
        steps: [
          {
            title: `set rpc2_url of ${target.hostname}`,
            script: makeMaster(cluster, database, { masters, hostname: target.hostname, url }),
          },
        ],
        next: [
          ...rows.filter((row) => row !== target).map((row) => ({ ...row, is_master: false })),
          made,
        ],
      };
    },
    warnings: (now) => warningsOf(now, options),
  };
}

const maskLogin = maskAfter(/:\/\/[^/@\s:]*:([^/@\s]*)@/);

function describe(row: WorkerRow | undefined): string {
  return maskLogin(`master: ${row?.hostname ?? 'none'}\nrpc2_url: ${row?.rpc2_url ?? 'none'}\n`);
}

function rowsOf(
  now: WorkersTable,
  { cluster, database }: MasterRowOptions,
): readonly WorkerRow[] | undefined {
  if (now === 'down') {
    throw new Refused(
      `the PostgreSQL cluster ${titleOf(cluster)} is listed as online but does not answer on port ${cluster.port}`,
      `see /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log on the host`,
    );
  }
  if (now === 'no columns') {
    throw new Refused(
      `the table of workers in database ${database} has no rpc2_url: this LAVA has no heartbeat by XML-RPC`,
      'lava_rpc2_url is for lava-server 2014.02 to 2016.4; current workers are configured with the URL of their master',
    );
  }
  return typeof now === 'string' ? undefined : now;
}

function requireOne(masters: readonly WorkerRow[]): void {
  if (masters.length < 2) return;
  const names = masters.map((row) => row.hostname);
  throw new Refused(
    `the table of workers has ${names.length} masters, ${names.join(' and ')}, and no scheduler starts with that`,
    'set is_master to false for all but the real one',
  );
}

function warningsOf(
  now: WorkersTable,
  { database, hostname }: MasterRowOptions,
): readonly Warning[] {
  const later = 'start the scheduler on the master and apply again';
  if (now === 'no database' || now === 'no table') {
    const missing = now === 'no database' ? 'database' : 'table of workers in the database';
    return [
      { message: `rpc2_url is not set: there is no ${missing} ${database} yet`, hint: later },
    ];
  }
  if (typeof now === 'string') return [];
  const master = now.find((row) => row.is_master);
  if (now.length === 0) {
    const message = `rpc2_url is not set: the master${hostname === undefined ? '' : ` ${hostname}`} has no row in the table of workers yet`;
    return [{ message, hint: later }];
  }
  const isKnown = hostname === undefined || now.some((row) => row.hostname === hostname);
  if (isKnown || !master) return [];
  return [
    {
      message: `the table of workers calls the master ${master.hostname}, but the master calls itself ${hostname}`,
      hint: `${later}, or set hostname`,
    },
  ];
}
