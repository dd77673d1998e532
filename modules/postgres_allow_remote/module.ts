import { defineModule, Pending, pkg, reload, restart, unit } from '../../engine/sdk.ts';
import { clientAddresses } from '../../lab/database/clients.ts';
import { chooseCluster, clusters, titleOf, unitOf } from '../../lab/database/cluster.ts';
import { addressAtDatabase } from '../../lab/tunnel/lab_tunnel.ts';
import { databaseSchema } from './arguments.ts';
import { configuration } from './configuration.ts';
import { databaseHealth } from './health.ts';
import { database, listensOn, pgHbaRead, role, soundPgHba } from './live.ts';

/** Lets the machines of the lab log in to PostgreSQL on this host: one line a machine, always with a password. */
export default defineModule({
  name: 'postgres_allow_remote',
  summary: "LAVA's database on this host, open to the master and the workers and nobody else",
  schema: databaseSchema,
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
