import { type Change, type Handler, Refused, type Resource } from '../../engine/sdk.ts';
import { type Cluster, folderOf, titleOf } from '../../lab/database/cluster.ts';
import { scramMatches, scramVerifier } from '../../lab/database/scram.ts';
import {
  type Database,
  identifier,
  literal,
  parseServerState,
  psql,
  type Role,
  type ServerState,
  serverProbe,
} from '../../lab/database/server_state.ts';
import { maskPgHba, ownLines } from './pg_hba.ts';
import { DROP_IN, sameListen } from './postgresql_conf.ts';

/** What the resources of a running server have in common. */
export interface Live {
  readonly cluster: Cluster;
  readonly database: string;
  readonly user: string;
}

type Running = Exclude<ServerState, 'down'>;

/** Nothing wrong in pg_hba.conf that was there before us, and nothing that would make our lines void. */
export function soundPgHba(live: Live, tls: 'allow' | 'require'): Resource<ServerState> {
  const path = `${folderOf(live.cluster)}/pg_hba.conf`;
  return liveResource(live, `pg_hba.conf of PostgreSQL ${titleOf(live.cluster)}`, (now) => {
    if (now.hbaFile !== path) {
      throw new Refused(`the cluster reads ${now.hbaFile}, not ${path}`, 'reset hba_file');
    }
    if (tls === 'require' && now.ssl === 'off') {
      throw new Refused(
        'tls is "require", but this PostgreSQL server has TLS switched off',
        "set ssl = 'on' with a certificate in postgresql.conf, or tls: allow",
      );
    }
    const text = Buffer.from(now.hba, 'base64').toString();
    const own = ownLines(text);
    const broken = now.hbaErrors.find(
      ({ file, line }) => (file !== null && file !== path) || !own.has(line),
    );
    if (!broken) return undefined;
    const line =
      broken.file === null || broken.file === path ? text.split('\n')[broken.line - 1] : undefined;
    throw new Refused(
      `${broken.file ?? path}:${broken.line}: PostgreSQL says: ${broken.error}${line === undefined ? '' : `: ${maskPgHba(line.trim())}`}`,
      'lava-play did not write the line; fix it first',
    );
  });
}

/** The server listens where it should; else it has to be restarted. */
export function listensOn(
  live: Live,
  listen: readonly string[],
  restart: Handler,
): Resource<ServerState> {
  const folder = folderOf(live.cluster);
  const wanted = listen.join(', ');
  return liveResource(live, `listen_addresses of PostgreSQL ${titleOf(live.cluster)}`, (now) => {
    const last = now.listenSettings.at(-1);
    const ours = now.listenSettings.some(({ file }) => file === `${folder}/${DROP_IN}`);
    const overridden =
      last && ours && ![`${folder}/${DROP_IN}`, `${folder}/postgresql.conf`].includes(last.file);
    if (overridden && !sameListen(last.value, wanted)) {
      throw new Refused(
        `${last.file}:${last.line} sets listen_addresses to '${last.value}' after ${DROP_IN} sets it to '${wanted}'`,
        last.file.endsWith('/postgresql.auto.conf')
          ? 'run ALTER SYSTEM RESET listen_addresses'
          : 'remove that line',
      );
    }
    if (sameListen(now.listen, wanted)) return undefined;
    return {
      before: `${now.listen}\n`,
      after: `${wanted}\n`,
      steps: [],
      onChange: [restart],
    };
  });
}

/** The server has read pg_hba.conf as it is now; heals a reload that got lost. */
export function pgHbaRead(live: Live, reload: Handler): Resource<ServerState> {
  return liveResource(live, `access rules of PostgreSQL ${titleOf(live.cluster)}`, (now) =>
    now.hbaUnread
      ? {
          before: 'pg_hba.conf changed after the server read it\n',
          after: 'pg_hba.conf read\n',
          steps: [],
          onChange: [reload],
        }
      : undefined,
  );
}

/** A role that may log in with the password, and is not a superuser. */
export function role(live: Live, password: string): Resource<ServerState> {
  const { user, cluster } = live;
  return liveResource(live, `role ${user} of PostgreSQL ${titleOf(cluster)}`, ({ role: now }) => {
    if (now?.bootstrap) {
      throw new Refused(
        `${user} is the superuser that owns the cluster, and cannot be the user of LAVA`,
        'give LAVA a user of its own',
      );
    }
    const wanted = { login: true, superuser: false, password: 'as wanted' };
    const found = now && { ...now, password: passwordState(now, password) };
    const wrong = found
      ? (['login', 'superuser', 'password'] as const).filter((key) => found[key] !== wanted[key])
      : (['login', 'superuser', 'password'] as const);
    if (wrong.length === 0) return undefined;
    const verb = now ? 'ALTER' : 'CREATE';
    const sql = `${verb} ROLE ${identifier(user)} LOGIN NOSUPERUSER${
      wrong.includes('password') ? ` PASSWORD ${literal(scramVerifier(user, password))}` : ''
    };\n`;
    return {
      before: found ? wrong.map((key) => `${key}: ${show(found[key])}\n`).join('') : '',
      after: wrong.map((key) => `${key}: ${show(wanted[key])}\n`).join(''),
      labels: [now ? '' : 'missing', now ? '' : 'role'],
      steps: [{ title: `${now ? 'change' : 'create'} role ${user}`, script: psql(cluster, sql) }],
    };
  });
}

/** A database that belongs to the role. */
export function database(live: Live): Resource<ServerState> {
  const { user, cluster, database: name } = live;
  const id = `database ${name} of PostgreSQL ${titleOf(cluster)}`;
  return liveResource(live, id, ({ database: now }) => {
    if (!now) return creation(live);
    requireUtf8(name, now);
    if (now.owner === user) return undefined;
    const sql = `ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(user)};\n`;
    return {
      before: `owner: ${now.owner}\n`,
      after: `owner: ${user}\n`,
      steps: [{ title: `give database ${name} to ${user}`, script: psql(cluster, sql) }],
    };
  });
}

/** Locale and template as Debian's lava-server makes its own database (its postinst, 2023.01). */
function creation({ cluster, database: name, user }: Live): Change<ServerState> {
  const sql = `CREATE DATABASE ${identifier(name)} OWNER ${identifier(user)} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8';\n`;
  return {
    before: '',
    after: `owner: ${user}\nencoding: UTF8\nlocale: C.UTF-8\n`,
    labels: ['missing', 'database'],
    steps: [{ title: `create database ${name}`, script: psql(cluster, sql) }],
  };
}

function requireUtf8(name: string, { encoding }: Database): void {
  if (encoding === 'UTF8') return;
  throw new Refused(
    `the database ${name} has the encoding ${encoding}; LAVA needs UTF8, and an encoding cannot be changed`,
    'dump it, drop it, apply, and restore the dump',
  );
}

function passwordState({ verifier }: Role, password: string): string {
  if (verifier === null) return 'none';
  if (scramMatches(verifier, password)) return 'as wanted';
  return verifier.startsWith('SCRAM-SHA-256$')
    ? 'another'
    : 'stored as md5, which scram-sha-256 cannot use';
}

function show(value: boolean | string): string {
  return typeof value === 'string' ? value : value ? 'yes' : 'no';
}

/** A resource of a running server; all of them share one probe, which the engine puts only once. */
function liveResource(
  { cluster, database, user }: Live,
  id: string,
  change: (now: Running) => Change<ServerState> | undefined,
): Resource<ServerState> {
  return {
    id,
    probe: serverProbe(cluster, { database, user }),
    parse: parseServerState,
    change(now) {
      if (now !== 'down') return change(now);
      throw new Refused(
        `the PostgreSQL cluster ${titleOf(cluster)} is listed as online but does not answer on port ${cluster.port}`,
        `see /var/log/postgresql/postgresql-${cluster.version}-${cluster.name}.log on the host`,
      );
    },
  };
}
