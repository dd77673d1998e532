import type { LabFact } from '../../engine/module.ts';
import { databaseProbe, parseDatabase } from '../lava_server/database_probe.ts';

/**
 * The account by which the heartbeat runtime of the workers reports to a current master.
 *
 * Not LAVA's own `lava-health`: that one belongs to a group of LAVA's, and may submit jobs to every device and change
 * every worker whatever its rights (lava_scheduler_app/models.py, 2023.01), so its token is none for workers.
 */
export const HEARTBEAT_USER = 'lava-heartbeat';

/** A name and an API token that the master accepts. */
export interface Login {
  readonly user: string;
  /** A secret: mask it wherever it is shown. */
  readonly token: string;
}

/** The login of the heartbeat runtime; nothing until the master has made it (module `lava_server`). */
export const heartbeatLogin: LabFact<Login | undefined> = {
  of: 'master',
  probe: databaseProbe({
    tokens: {
      reads: { linaro_django_xmlrpc_authtoken: 'id user_id secret', auth_user: 'id username' },
      sql: `SELECT secret FROM linaro_django_xmlrpc_authtoken JOIN auth_user ON auth_user.id = user_id WHERE username = '${HEARTBEAT_USER}' ORDER BY linaro_django_xmlrpc_authtoken.id LIMIT 1`,
    },
  }),
  parse(output) {
    const state = parseDatabase(output);
    const [row] = state.kind === 'answered' ? (state.rows.tokens ?? []) : [];
    return row && { user: HEARTBEAT_USER, token: String(row.secret) };
  },
};
