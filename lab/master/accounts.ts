import { Refused, type Resource, sha256 } from '../../engine/sdk.ts';
import { literal } from '../database/server_state.ts';
import { databaseProbe, type MasterDatabase, parseDatabase, troubleOf } from './database_probe.ts';

/** A user of LAVA; of its tokens only the hashes travel. */
export interface User {
  readonly username: string;
  readonly email: string;
  /** As Django stores it. */
  readonly password: string;
  readonly superuser: boolean;
  readonly staff: boolean;
  readonly active: boolean;
  readonly groups: readonly string[];
  /** `lava_scheduler_app.change_worker`. */
  readonly permissions: readonly string[];
  readonly tokens: readonly Token[];
}

/** An API token: the sha256 of its secret in hexadecimal. */
export interface Token {
  readonly hash: string;
  readonly description: string;
}

/** A worker of which nothing but its name is certain. */
export interface BareWorker {
  readonly hostname: string;
  /** 0 active, 1 in maintenance, 2 retired (lava_scheduler_app/models.py, 2023.01). */
  readonly health: number;
  /** Of its dispatcher; nothing when it has never reported. */
  readonly version: string | null;
  readonly devices: number;
}

/** What the database says of the users, tokens and workers that a master must have, or must not. */
export interface Accounts {
  readonly users: readonly User[];
  /** Whose the wanted token is. */
  readonly owners: readonly { readonly username: string }[];
  readonly workers: readonly BareWorker[];
}

/** As whom the workers of release 0.1 reported. */
export const OLD_HEARTBEAT_USER = 'lava-heartbeat';

/** Marks tokens as ours, so that an old one goes when the inventory has another. */
export const OWN_TOKEN = 'lava-play';

/** The worker that a fresh database of LAVA 2023.01 has (lava_scheduler_app/migrations/0003_populate_master_node.py). */
export const EXAMPLE_WORKER = 'example.com';

/** A resource decided by the accounts; all of them share one probe, which the engine puts only once. */
export function accountResource(
  admin: { readonly user: string; readonly token?: string } | undefined,
  { id, ...rest }: Pick<Resource<Accounts>, 'id' | 'change' | 'warnings'>,
): Resource<Accounts> {
  const users = [OLD_HEARTBEAT_USER, ...(admin ? [admin.user] : [])];
  return {
    id,
    probe: databaseProbe({
      users: {
        reads: {
          auth_user: 'id username email password is_superuser is_staff is_active',
          auth_user_groups: 'user_id group_id',
          auth_group: 'id name',
          auth_user_user_permissions: 'user_id permission_id',
          auth_permission: 'id content_type_id codename',
          django_content_type: 'id app_label',
          linaro_django_xmlrpc_authtoken: 'user_id secret description',
        },
        sql: `SELECT username, email, password, is_superuser AS superuser, is_staff AS staff, is_active AS active,
  (SELECT coalesce(json_agg(g.name ORDER BY 1), '[]') FROM auth_user_groups JOIN auth_group g ON g.id = group_id
    WHERE user_id = u.id) AS groups,
  (SELECT coalesce(json_agg(app_label || '.' || codename ORDER BY 1), '[]') FROM auth_user_user_permissions
    JOIN auth_permission p ON p.id = permission_id JOIN django_content_type c ON c.id = content_type_id
    WHERE user_id = u.id) AS permissions,
  (SELECT coalesce(json_agg(json_build_object('hash', ${SECRET_HASH}, 'description', description)), '[]')
    FROM linaro_django_xmlrpc_authtoken WHERE user_id = u.id) AS tokens
FROM auth_user u WHERE username IN (${users.map(literal).join(', ')})`,
      },
      owners: {
        reads: { linaro_django_xmlrpc_authtoken: 'user_id secret', auth_user: 'id username' },
        sql: `SELECT username FROM linaro_django_xmlrpc_authtoken JOIN auth_user u ON u.id = user_id
WHERE ${SECRET_HASH} = ${literal(sha256(admin?.token ?? ''))}`,
      },
      workers: {
        reads: {
          lava_scheduler_app_worker: 'hostname health version',
          lava_scheduler_app_device: 'worker_host_id',
        },
        sql: `SELECT hostname, health, version, (SELECT count(*) FROM lava_scheduler_app_device d
  WHERE worker_host_id = w.hostname) AS devices
FROM lava_scheduler_app_worker w WHERE hostname = ${literal(EXAMPLE_WORKER)}`,
      },
    }),
    parse: (output) => accountsOf(parseDatabase(output)),
    ...rest,
  };
}

const SECRET_HASH = "encode(sha256(convert_to(secret, 'UTF8')), 'hex')";

function accountsOf(state: MasterDatabase): Accounts {
  if (state.kind !== 'answered') throw new Refused(troubleOf(state));
  const { users, owners, workers } = state.rows;
  return { users, owners, workers } as unknown as Accounts;
}
