import type { PostgresTrial } from '../contract/trial.ts';
import { type ConnectTrouble, connectTroubleOf } from './connect_trouble.ts';

/** What went wrong in words that name the remedy; never with the password. */
export interface Trouble {
  readonly message: string;
  readonly hint?: string;
}

/** Why no connection came about, from the words of the host's sshd or of its own kernel. */
export function explainConnect(words: string, { host, port }: PostgresTrial): Trouble {
  const trouble = connectTroubleOf(words);
  const message = `cannot reach PostgreSQL on ${host}:${port}: ${trouble ?? words}`;
  const hint = trouble && CONNECT_HINTS[trouble](port);
  return { message, ...(hint !== undefined && { hint }) };
}

const lookAtTheNetwork = (port: number): string =>
  `check the network between the two, and firewalls for port ${port}`;

const CONNECT_HINTS: Readonly<Record<ConnectTrouble, (port: number) => string>> = {
  'connection refused': (port) =>
    `PostgreSQL may not be running there, may listen on other addresses (listen_addresses) or on another port, or a firewall rejects port ${port}`,
  'this host cannot resolve the name': () =>
    'give the database server an address, or a name that all hosts resolve',
  "the host's sshd forbids the port forwarding that this test needs": () =>
    'allow it to this login: AllowTcpForwarding local in sshd_config(5)',
  'no answer': lookAtTheNetwork,
  'no route': lookAtTheNetwork,
};

/** Why a server that was reached did not let us in, from its SQLSTATE (PostgreSQL documentation, appendix A). */
export function explainLogin(error: unknown, trial: PostgresTrial): Trouble {
  const { host, port, user, database } = trial;
  const words = error instanceof Error ? error.message : String(error);
  const place = `PostgreSQL on ${host}:${port}`;
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case '28P01':
      return {
        message: `${place} refuses the password of ${user}`,
        hint: 'the role may be missing or have another password: apply to the database host',
      };
    case '28000':
      return words.includes('pg_hba.conf')
        ? noEntry(words, trial)
        : { message: `${place}: ${words}` };
    case '3D000':
      return {
        message: `${place} has no database ${database}`,
        hint: 'apply to the database host, which creates it',
      };
    case '57P03':
      return {
        message: `${place} is starting up or shutting down: ${words}`,
        hint: 'apply again in a minute',
      };
    case '53300':
      return {
        message: `${place} has no free connection: ${words}`,
        hint: 'raise max_connections, or see who holds them: pg_stat_activity',
      };
    default:
      return lessCommon(words, place);
  }
}

/** Why the password was not given to a server that asked for it. */
export function explainWeakLogin(
  method: 'Cleartext' | 'MD5',
  { host, port, user }: PostgresTrial,
): Trouble {
  const how = method === 'MD5' ? 'as an MD5 hash' : 'in clear text';
  return {
    message: `PostgreSQL on ${host}:${port} requests the password of ${user} ${how}; it was not sent`,
    hint: 'whatever answers there could read it; use scram-sha-256 in pg_hba.conf, and set the password again with password_encryption = scram-sha-256',
  };
}

function lessCommon(words: string, place: string): Trouble {
  if (words.includes('does not support SSL')) {
    return {
      message: `${place} does not support TLS`,
      hint: 'set sslmode: prefer, or enable TLS there',
    };
  }
  if (/establishing an SSL connection|ended unexpectedly|terminated unexpectedly/.test(words)) {
    return {
      message: `${place} closed the connection: ${words}`,
      hint: 'check that PostgreSQL listens on this port',
    };
  }
  return { message: `login to ${place} failed: ${words}` };
}

/** Which line is missing in pg_hba.conf; the server's own words hold the address that it saw. */
function noEntry(
  words: string,
  { host, port, user, database, admission = 'let this host in' }: PostgresTrial,
): Trouble {
  const seen = /"([0-9a-f:.]+)"/i.exec(words)?.[1];
  const address = seen && (seen.includes(':') ? `${seen}/128` : `${seen}/32`);
  const from = seen ? ` from ${seen}` : '';
  const plain = /no encryption|SSL off/i.test(words);
  return {
    message: `pg_hba.conf of PostgreSQL on ${host}:${port} does not admit ${user}${from} to ${database}${plain ? ' without TLS' : ''}`,
    hint: `${admission}; the line would be: host ${database} ${user} ${address ?? 'ADDRESS'} scram-sha-256${plain ? '; a hostssl line needs sslmode: require' : ''}`,
  };
}
