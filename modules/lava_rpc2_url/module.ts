import {
  bracketed,
  defineModule,
  type HostView,
  type LabView,
  Pending,
  Refused,
} from '../../engine/sdk.ts';
import { chooseCluster, clusterSchemas, clusters, titleOf } from '../../lab/database/cluster.ts';
import { fullName } from '../../lab/master/full_name.ts';
import { tablesHealth } from './health.ts';
import { masterRow } from './master_row.ts';

/** Where the workers of a classic lab report to: rpc2_url in the master's row of the scheduler's table. */
export default defineModule({
  name: 'lava_rpc2_url',
  summary: "the address of the master's XML-RPC in the classic table of workers",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['database'],
    properties: {
      database: {
        type: 'string',
        pattern: '^[ -~]{1,63}$',
        description: "Name of LAVA's database on this host",
        examples: ['lava-kernel-lab'],
      },
      url: {
        type: 'string',
        pattern: '^https?://\\S+$',
        maxLength: 200,
        description:
          'URL that the workers report to, ending in /RPC2; http://ADDRESS/RPC2 of the master unless set',
        examples: ['http://lava-master.lab.example/RPC2'],
      },
      hostname: {
        type: 'string',
        pattern: '^[A-Za-z0-9.-]{1,200}$',
        description: "The master's name in the table; what hostname -f says there unless set",
        examples: ['lava-master.lab.example'],
      },
      ...clusterSchemas,
    },
  },
  example: `database: "{{ lava.db.name }}"
url: "{{ optional lava.heartbeat.rpc2_url }}"
`,
  facts: { clusters, fullName },
  health({ args: { database, url, port, hostname }, lab }) {
    const wanted = { database, url: url ?? defaultUrl(masterOf(lab)) };
    return tablesHealth(
      {
        ...wanted,
        ...(port !== undefined && { port }),
        ...(hostname !== undefined && { hostname }),
      },
      lab,
    );
  },
  desired({ args, facts, lab }) {
    const { database } = args;
    requireNoLogin(args.url);
    const master = masterOf(lab);
    const cluster = facts.clusters && chooseCluster(facts.clusters, args);
    if (!cluster) {
      throw new Pending(
        facts.clusters ? 'PostgreSQL has no cluster yet' : 'PostgreSQL is not installed yet',
      );
    }
    if (!cluster.status.includes('online')) {
      throw new Pending(`the PostgreSQL cluster ${titleOf(cluster)} is not running yet`);
    }
    return [
      masterRow({
        cluster,
        database,
        hostname: args.hostname ?? (master && facts.fullName[master.name]),
        url: args.url ?? defaultUrl(master),
      }),
    ];
  },
});

/** Each worker puts its own login into the URL (`lava_scheduler_daemon/worker.py`, lava-server 2014). */
function requireNoLogin(url = ''): void {
  if (!url.includes('@')) return;
  throw new Refused(
    'the URL of the master contains a login',
    'leave it out: the workers use their own',
  );
}

function masterOf(lab: LabView): HostView | undefined {
  const [name = ''] = lab.groups.master ?? [];
  return lab.hosts[name];
}

/** By address, which every worker can reach; a name would have to be known to all of them. */
function defaultUrl(master: HostView | undefined): string {
  if (!master) {
    throw new Refused(
      'the URL to which the workers report is not set',
      'set url, or put a host into the group master',
    );
  }
  return `http://${bracketed(master.address)}/RPC2`;
}
