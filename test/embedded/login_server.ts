import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { methodFor } from './pg_hba_rules.ts';

/** A cluster as the stand-ins for PostgreSQL's programs keep it. */
export interface Cluster {
  /** The folder that stands for the database host's `/`. */
  readonly root: string;
  readonly labAddress: string;
}

interface Message {
  /** Nothing for the first message of a connection. */
  readonly type: string;
  readonly body: Buffer;
}

type Receive = () => Promise<Message>;

/** Why a login ends, as PostgreSQL says it. */
class Fatal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const GONE = new Error('the client has gone');

const TLS_REQUEST = 80877103;
const GSS_REQUEST = 80877104;

/** Whether a cluster would accept a TCP connection on its port. */
export function isListening({ root, labAddress }: Cluster): boolean {
  const data = dataOf(root);
  if (!existsSync(join(data, 'online'))) return false;
  const listen = readFileSync(join(data, 'listen'), 'utf8').trim().split(/, */);
  return listen.includes('*') || listen.includes(labAddress);
}

/**
 * Stands in for a PostgreSQL server that was reached from an address: admission by the pg_hba.conf that the
 * cluster last read, a whole SCRAM-SHA-256 login, and `SELECT 1`.
 *
 * Protocol 3.0 without TLS (PostgreSQL documentation, "Frontend/Backend Protocol"; RFC 5802 and 7677).
 */
export async function serveLogin(stream: Duplex, cluster: Cluster, address: string): Promise<void> {
  const receive = messagesOf(stream);
  try {
    const { database, user } = await startup(stream, receive);
    await admit(stream, receive, { database, user, address, data: dataOf(cluster.root) });
    send(stream, 'R', int32(0));
    send(stream, 'S', cString('server_version'), cString('15.0'));
    send(stream, 'Z', Buffer.from('I'));
    await answerQueries(stream, receive);
  } catch (error) {
    if (error === GONE || stream.destroyed) return;
    refuse(stream, 'FATAL', error instanceof Fatal ? error : new Fatal('XX000', String(error)));
  } finally {
    stream.end();
  }
}

async function startup(
  stream: Duplex,
  receive: Receive,
): Promise<{ database: string; user: string }> {
  const { body } = await receive();
  const version = body.readInt32BE(0);
  if (version === TLS_REQUEST || version === GSS_REQUEST) {
    stream.write('N');
    return startup(stream, receive);
  }
  const words = body.subarray(4).toString().split('\0');
  const parameters = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) parameters.set(words[i] ?? '', words[i + 1] ?? '');
  const user = parameters.get('user') ?? '';
  return { user, database: parameters.get('database') ?? user };
}

interface Login {
  readonly database: string;
  readonly user: string;
  readonly address: string;
  readonly data: string;
}

async function admit(stream: Duplex, receive: Receive, login: Login): Promise<void> {
  const { database, user, address, data } = login;
  const who = `host "${address}", user "${user}", database "${database}", no encryption`;
  const method = methodFor(readFileSync(join(data, 'loaded_pg_hba.conf'), 'utf8'), login);
  if (method === undefined) throw new Fatal('28000', `no pg_hba.conf entry for ${who}`);
  const [, canLogIn, , verifier = '-'] = rowOf(join(data, 'roles'), user);
  if (method === 'scram-sha-256' || method === 'md5') await scram(stream, receive, user, verifier);
  else if (method !== 'trust')
    throw new Fatal('28000', `pg_hba.conf rejects connection for ${who}`);
  if (canLogIn === undefined) throw new Fatal('28000', `role "${user}" does not exist`);
  if (canLogIn !== 'yes') throw new Fatal('28000', `role "${user}" is not permitted to log in`);
  if (rowOf(join(data, 'databases'), database).length === 0) {
    throw new Fatal('3D000', `database "${database}" does not exist`);
  }
}

/** A user without a verifier goes through all of it too, so that nobody learns which users there are. */
async function scram(
  stream: Duplex,
  receive: Receive,
  user: string,
  verifier: string,
): Promise<void> {
  const [
    ,
    iterations = '4096',
    salt = randomBytes(16).toString('base64'),
    stored = '',
    server = '',
  ] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)$/.exec(verifier) ?? [];
  send(stream, 'R', int32(10), cString('SCRAM-SHA-256'), Buffer.from([0]));
  const first = (await receive()).body;
  const clientFirst = first
    .subarray(first.indexOf(0) + 5)
    .toString()
    .replace(/^n,[^,]*,/, '');
  const nonce = fieldOf(clientFirst, 'r') + randomBytes(18).toString('base64');
  const serverFirst = `r=${nonce},s=${salt},i=${iterations}`;
  send(stream, 'R', int32(11), Buffer.from(serverFirst));

  const clientFinal = (await receive()).body.toString();
  const unproved = clientFinal.slice(0, clientFinal.lastIndexOf(',p='));
  const conversation = `${clientFirst},${serverFirst},${unproved}`;
  const storedKey = Buffer.from(stored, 'base64');
  const mask = hmac(storedKey, conversation);
  const proof = Buffer.from(fieldOf(clientFinal, 'p'), 'base64');
  const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (mask[i] ?? 0)));
  const isProved = createHash('sha256').update(clientKey).digest().equals(storedKey);
  if (!isProved || fieldOf(unproved, 'r') !== nonce) {
    throw new Fatal('28P01', `password authentication failed for user "${user}"`);
  }
  const signature = hmac(Buffer.from(server, 'base64'), conversation).toString('base64');
  send(stream, 'R', int32(12), Buffer.from(`v=${signature}`));
}

async function answerQueries(stream: Duplex, receive: Receive): Promise<void> {
  for (let message = await receive(); message.type !== 'X'; message = await receive()) {
    const query = message.body.toString().replace(/\0$/, '');
    if (message.type === 'Q' && /^select 1;?$/i.test(query)) {
      const type = Buffer.concat([int32(0), int16(0), int32(23), int16(4), int32(-1), int16(0)]);
      send(stream, 'T', int16(1), cString('?column?'), type);
      send(stream, 'D', int16(1), int32(1), Buffer.from('1'));
      send(stream, 'C', cString('SELECT 1'));
    } else {
      refuse(stream, 'ERROR', new Fatal('0A000', 'this stand-in answers SELECT 1 and no more'));
    }
    send(stream, 'Z', Buffer.from('I'));
  }
}

function refuse(stream: Duplex, severity: string, { code, message }: Fatal): void {
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, `M${message}`];
  send(stream, 'E', ...fields.map(cString), Buffer.from([0]));
}

/** Reads whole messages one by one; rejects when the client has gone. */
function messagesOf(stream: Duplex): Receive {
  const chunks = stream[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);
  let isFirst = true;

  async function atLeast(length: number): Promise<void> {
    while (pending.length < length) {
      const { value, done } = await chunks.next();
      if (done) throw GONE;
      pending = Buffer.concat([pending, value]);
    }
  }

  return async () => {
    await atLeast(5);
    const isStartup = isFirst || pending[0] === 0;
    const head = isStartup ? 0 : 1;
    const length = pending.readInt32BE(head);
    await atLeast(head + length);
    const body = pending.subarray(head + 4, head + length);
    const type = isStartup ? '' : String.fromCharCode(pending[0] ?? 0);
    pending = pending.subarray(head + length);
    isFirst = false;
    return { type, body };
  };
}

function send(stream: Duplex, type: string, ...parts: readonly Buffer[]): void {
  const body = Buffer.concat(parts);
  stream.write(Buffer.concat([Buffer.from(type), int32(body.length + 4), body]));
}

function dataOf(root: string): string {
  return join(root, 'var/lib/postgresql/15/main');
}

/** The words of the line that begins with a name, or none. */
function rowOf(file: string, name: string): readonly string[] {
  const rows = readFileSync(file, 'utf8').split('\n');
  return rows.map((row) => row.split(' ')).find(([first]) => first === name) ?? [];
}

function fieldOf(message: string, name: string): string {
  return (
    message
      .split(',')
      .find((field) => field.startsWith(`${name}=`))
      ?.slice(2) ?? ''
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
