import { type IncomingMessage, request } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as startTls } from 'node:tls';
import type { Session } from '../contract/transport.ts';
import { unbracketed } from '../values/address.ts';
import { type Far, overConnection, type Silence } from './connection.ts';

/** What is asked of a web server or a proxy. */
export interface HttpRequest extends Far {
  /** By TLS, whatever the certificate: the host has authorities of its own, which are not known here. */
  readonly isSecure?: boolean;
  /** What is to be got: a path, or the whole address when a proxy is asked. */
  readonly target: string;
  /** With `Host`, which is not always the server's own name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body that are read, and no more; 64 KiB unless set. With 0 the head alone is waited for. */
  readonly most?: number;
}

/** What a web server answered. */
export interface Page {
  readonly status: number;
  /** Status and reason, as the server says them: `404 Not Found`. */
  readonly said: string;
  /** Names in lowercase letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** What came of it before the limits of bytes and seconds. */
  readonly body: string;
}

/** A page, or why there is none. */
export type Fetched = Page | { readonly trouble: string };

/**
 * Gets a page over a connection that the host makes; throws only when that host is lost.
 *
 * Nothing secret should be sent by https, because the certificate is not looked at.
 */
export async function httpGet(
  session: Session,
  url: URL,
  { seconds }: Pick<HttpRequest, 'seconds'>,
): Promise<Fetched> {
  const isSecure = url.protocol === 'https:';
  const answer = await askHttp(session, {
    ...{ host: unbracketed(url.hostname), port: Number(url.port || (isSecure ? 443 : 80)) },
    ...{ isSecure, seconds, target: `${url.pathname}${url.search}`, headers: { Host: url.host } },
  });
  if ('status' in answer) return answer;
  if (answer.end === 'no connection') return { trouble: answer.words };
  if (answer.end === 'too slow') return { trouble: `no answer within ${seconds} s` };
  return { trouble: 'no web server answers there' };
}

/** Asks once, and follows no redirects; an answer that is not HTTP counts as `closed`. */
export function askHttp(session: Session, question: HttpRequest): Promise<Page | Silence> {
  const { host, port, seconds, isSecure = false } = question;
  return overConnection(session, { host, port, seconds }, async (stream, limit) =>
    exchange(isSecure ? await securely(stream, host, limit) : stream, question, limit),
  );
}

/** With an agent, even with `agent: false`, Node would not ask for the stream but connect by itself. */
function exchange(
  stream: Duplex,
  { target, headers, most = 64 * 1024 }: HttpRequest,
  limit: AbortSignal,
): Promise<Page | undefined> {
  return new Promise((resolve) => {
    let head: IncomingMessage | undefined;
    let body = Buffer.alloc(0);
    const asking = request({
      ...{ createConnection: () => stream, path: target },
      headers: { ...headers, Connection: 'close' },
    });
    const finish = (): void => {
      resolve(head && pageOf(head, body));
      asking.destroy();
    };
    asking.on('error', finish);
    asking.on('close', finish);
    asking.on('response', (response) => {
      head = response;
      response.on('error', finish);
      response.on('end', finish);
      if (most === 0) return finish();
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]).subarray(0, most);
        if (body.length === most) finish();
      });
    });
    limit.addEventListener('abort', finish, { once: true });
    asking.end();
  });
}

function pageOf({ statusCode = 0, statusMessage, headersDistinct }: IncomingMessage, body: Buffer) {
  return {
    status: statusCode,
    said: `${statusCode} ${statusMessage}`.trim(),
    headers: Object.fromEntries(
      Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
    ),
    body: body.toString('utf8'),
  };
}

function securely(stream: Duplex, name: string, limit: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const tls = startTls({
      ...{ socket: stream, rejectUnauthorized: false },
      ...(isIP(name) === 0 && { servername: name }),
    });
    const fail = (reason: string) => reject(new Error(`TLS handshake failed: ${reason}`));
    tls.on('secureConnect', () => resolve(tls));
    tls.on('error', ({ message }) => fail(message));
    limit.addEventListener('abort', () => fail('no answer'), { once: true });
  });
}
