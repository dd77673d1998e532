import type { Duplex } from 'node:stream';
import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import type { PostgresTrial } from '../contract/trial.ts';
import {
  explainConnect,
  explainLogin,
  explainWeakLogin,
  type Trouble,
} from './postgres_trouble.ts';

/** Who makes the trial, and how long it may take in all. */
export interface PostgresTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds; 10 unless set. */
  readonly timeout?: number;
}

/**
 * Logs in to PostgreSQL through a connection that the host makes, and says in words what was proved.
 *
 * The server sees the host's own address, so this tries all that a client on it needs: name, route, firewall,
 * listen_addresses, pg_hba.conf, role, password and database.
 */
export async function tryPostgres(
  trial: PostgresTrial,
  session: Session,
  { host, task, timeout = 10 }: PostgresTrialContext,
): Promise<string> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeout * 1000);
  try {
    await logIn(trial, session, limit.signal);
  } catch (error) {
    if (isSessionLost(error)) throw error;
    const { message, hint } = explain(error, trial, timeout);
    throw new HostError('failed', 'not-proved', message, { host, task, hint });
  } finally {
    clearTimeout(timer);
  }
  return `PostgreSQL login as ${trial.user} to ${trial.database} on ${trial.host}:${trial.port}`;
}

/** No connection came about. */
class ConnectFailed extends Error {}

/** What a server asks for that could be any machine: all but SCRAM show it the password, or what it can be guessed from. */
const WEAK_METHODS = ['Cleartext', 'MD5'] as const;
type WeakMethod = (typeof WEAK_METHODS)[number];

/** The server asked for the password in a way in which it is given to nobody. */
class WeakLogin extends Error {
  readonly method: WeakMethod;

  constructor(method: WeakMethod) {
    super(`the server asks for the password by ${method}`);
    this.method = method;
  }
}

function explain(error: unknown, trial: PostgresTrial, timeout: number): Trouble {
  if (error === TIMED_OUT) {
    return {
      message: `no login to PostgreSQL on ${trial.host}:${trial.port} within ${timeout} s`,
      hint: 'a firewall may drop the packets, or the address may belong to no machine',
    };
  }
  if (error instanceof WeakLogin) return explainWeakLogin(error.method, trial);
  return error instanceof ConnectFailed
    ? explainConnect(error.message, trial)
    : explainLogin(error, trial);
}

const TIMED_OUT = new Error('time limit reached');

/** As libpq: `prefer` goes on without TLS where the server has none or will not let us in with it. */
async function logIn(trial: PostgresTrial, session: Session, limit: AbortSignal): Promise<void> {
  if (trial.sslmode === 'disable') return logInOnce(trial, session, { tls: 'off', limit });
  try {
    await logInOnce(trial, session, { tls: 'on', limit });
  } catch (error) {
    if (trial.sslmode === 'require' || limit.aborted || !isWorthPlainTry(error)) throw error;
    await logInOnce(trial, session, { tls: 'off', limit }).catch((plainError: unknown) => {
      throw isTlsRefused(error) ? plainError : error;
    });
  }
}

async function logInOnce(
  trial: PostgresTrial,
  session: Session,
  { tls, limit }: { tls: 'on' | 'off'; limit: AbortSignal },
): Promise<void> {
  const { default: pg } = await import('pg');
  const opening = session.openTcp(trial.host, trial.port);
  const stream = await beforeLimit(opening, limit).catch((error: unknown) => {
    opening.then(
      (late) => late.destroy(),
      () => undefined,
    );
    if (error === TIMED_OUT || isSessionLost(error)) throw error;
    throw new ConnectFailed(error instanceof Error ? error.message : String(error));
  });
  let weak: WeakMethod | undefined;
  const client = new pg.Client({
    host: trial.host,
    port: trial.port,
    user: trial.user,
    password: () => (weak === undefined ? trial.password : ''),
    database: trial.database,
    application_name: 'lava-play',
    ssl: tls === 'on' && { rejectUnauthorized: false },
    stream: () => asSocket(stream),
  });
  client.on('error', () => undefined);
  for (const method of WEAK_METHODS) {
    client.connection.once(`authentication${method}Password`, () => {
      weak = method;
    });
  }
  try {
    await beforeLimit(client.connect(), limit).catch((error: unknown) => {
      throw weak === undefined ? error : new WeakLogin(weak);
    });
    await beforeLimit(client.query('SELECT 1'), limit);
    await beforeLimit(client.end(), limit);
  } finally {
    stream.destroy();
  }
}

/** pg wants to connect its stream itself; this one is connected already. */
function asSocket(stream: Duplex): Duplex {
  return Object.assign(stream, {
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    connect: () => {
      process.nextTick(() => stream.emit('connect'));
      return stream;
    },
  });
}

async function beforeLimit<T>(work: Promise<T>, limit: AbortSignal): Promise<T> {
  const { promise: passed, reject } = deferred();
  const abort = (): void => reject(TIMED_OUT);
  if (limit.aborted) abort();
  limit.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, passed]);
  } finally {
    limit.removeEventListener('abort', abort);
    work.catch(() => undefined);
  }
}

function deferred(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}

function isSessionLost(error: unknown): boolean {
  return error instanceof HostError && error.kind === 'unreachable';
}

function isTlsRefused(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support SSL');
}

function isWorthPlainTry(error: unknown): boolean {
  const refusedByHba = error instanceof Error && 'code' in error && error.code === '28000';
  return isTlsRefused(error) || refusedByHba;
}
