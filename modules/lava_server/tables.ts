import type { Resource } from '../../engine/sdk.ts';
import { restartDaemons } from '../../lab/master/daemons.ts';
import {
  databaseProbe,
  type MasterDatabase,
  parseDatabase,
} from '../../lab/master/database_probe.ts';
import { djangoStep } from '../../lab/master/master_python.ts';

/** LAVA's tables as the installed programs need them. */
export const tables: Resource<MasterDatabase> = {
  id: 'tables of LAVA',
  probe: databaseProbe({}),
  parse: parseDatabase,
  change(now) {
    if (now.kind !== 'not migrated') return undefined;
    return {
      before: `${now.missing} migrations to make, first ${now.first}\n`,
      after: 'all migrations made\n',
      steps: [djangoStep("make LAVA's tables", MIGRATE, {}, { transaction: 'own' })],
      onChange: [restartDaemons],
      next: { kind: 'answered', rows: {} },
    };
  },
};

/** As the package does where it finds a database on its own host (/usr/share/lava-server/postinst.py, 2023.01). */
const MIGRATE = `from django.core.management import call_command
call_command("migrate", interactive=False, fake_initial=True)
call_command("drop_materialized_views")
call_command("refresh_queries", all=True)
`;
