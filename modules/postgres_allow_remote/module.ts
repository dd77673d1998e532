import {
  defineModule,
  file,
  Pending,
  pkg,
  type Resource,
  reload,
  restart,
  unit,
} from '../../engine/sdk.ts';
import { clientAddresses } from '../../lab/database/clients.ts';
import {
  type Cluster,
  chooseCluster,
  clusterSchemas,
  clusters,
  folderOf,
  titleOf,
  unitOf,
} from '../../lab/database/cluster.ts';
import { addressAtDatabase } from '../../lab/tunnel/lab_tunnel.ts';
import { fileKeepingAttributes } from './config_file.ts';
import { databaseHealth } from './health.ts';
import { database, listensOn, pgHbaRead, role, soundPgHba } from './live.ts';
import { editPgHba, type Grant, maskPgHba } from './pg_hba.ts';
import { rollBackBrokenPgHba } from './pg_hba_rollback.ts';
import { DROP_IN, dropIn, editPostgresqlConf, editStartConf } from './postgresql_conf.ts';

/** Lets the machines of the lab log in to PostgreSQL on this host: one line a machine, always with a password. */
export default defineModule({
  name: 'postgres_allow_remote',
  summary: "LAVA's database on this host, open to the master and the workers and nobody else",
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['database', 'user', 'password'],
    properties: {
      database: {
        type: 'string',
        pattern: '^[ -~]{1,63}$',
        description: 'Name of the database, up to 63 printable ASCII characters',
        examples: ['lavaserver'],
      },
      user: {
        type: 'string',
        pattern: '^[ -~]{1,63}$',
        description: 'Role that owns the database, up to 63 printable ASCII characters',
        examples: ['lavaserver'],
      },
      password: {
        type: 'string',
        pattern: '^[ -~]+$',
        description: "The role's password, in printable ASCII",
      },
      clients: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        default: ['master', 'workers'],
        description:
          'Who may log in: groups and hosts of the inventory, addresses, networks, host names',
        examples: [['master', '192.0.2.0/28']],
      },
      ...clusterSchemas,
      listen: {
        type: 'array',
        items: { type: 'string', pattern: '^[\\w.:*-]+$' },
        minItems: 1,
        default: ['*'],
        description: 'Addresses to listen on',
      },
      tls: {
        type: 'string',
        enum: ['allow', 'require'],
        default: 'allow',
        description: 'Whether clients may or must use TLS',
      },
    },
  },
  example: `database: lavaserver
user: lavaserver
password: "{{ lava.db.password }}"
clients: [master, workers]
`,
  facts: { clusters },
  desired({ args, facts, lab }) {
    const server = pkg({ name: 'postgresql' });
    const addresses = clientAddresses(args.clients, lab, (client) =>
      addressAtDatabase(client, lab),
    );
    const cluster = facts.clusters && chooseCluster(facts.clusters, args);
    if (!cluster) {
      throw new Pending(
        facts.clusters ? 'PostgreSQL has no cluster yet' : 'PostgreSQL is not installed yet',
        [server],
      );
    }
    const { user, tls } = args;
    const files = configuration(cluster, args.listen, {
      database: args.database,
      user,
      addresses,
      tls,
    });
    const running = unit({ name: unitOf(cluster), running: true });
    if (!cluster.status.includes('online')) {
      throw new Pending(`the PostgreSQL cluster ${titleOf(cluster)} is not running yet`, [
        server,
        ...files,
        running,
      ]);
    }
    const live = { cluster, database: args.database, user };
    return [
      server,
      soundPgHba(live, tls),
      ...files,
      running,
      listensOn(live, args.listen, restart(unitOf(cluster))),
      pgHbaRead(live, reload(unitOf(cluster))),
      role(live, args.password),
      database(live),
    ];
  },
  health: ({ args, lab }) => databaseHealth(args, lab),
});

function configuration(
  cluster: Cluster,
  listen: readonly string[],
  grant: Grant,
): readonly Resource[] {
  const folder = folderOf(cluster);
  const owner = { owner: cluster.owner, group: cluster.owner };
  const restarted = [restart(unitOf(cluster))];
  return [
    file({
      path: `${folder}/${DROP_IN}`,
      content: dropIn(listen),
      ...owner,
      onChange: restarted,
    }),
    fileKeepingAttributes({
      path: `${folder}/postgresql.conf`,
      content: editPostgresqlConf,
      ...owner,
      onChange: restarted,
    }),
    rollBackBrokenPgHba(
      cluster,
      file({
        path: `${folder}/pg_hba.conf`,
        content: (now) => editPgHba(now, grant),
        mask: maskPgHba,
        mode: '0640',
        ...owner,
        onChange: [reload(unitOf(cluster))],
      }),
    ),
    fileKeepingAttributes({ path: `${folder}/start.conf`, content: editStartConf, ...owner }),
    unit({ name: 'postgresql', enabled: true }),
  ];
}
