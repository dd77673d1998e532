import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as startTls } from 'node:tls';
import type { Session } from '../contract/transport.ts';
import { unbracketed } from '../values/address.ts';
import { converse } from './conversation.ts';

/** What a web server answered. */
export interface Page {
  readonly status: number;
  /** Status and reason, as the server says them: `404 Not Found`. */
  readonly said: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A page, or why there is none. */
export type Fetched = Page | { readonly trouble: string };

/**
 * Gets a page over a connection that the host makes; throws only when that host is lost.
 *
 * By https the certificate is not looked at: the host has authorities of its own, which are not known here, so nothing
 * secret should be sent that way. HTTP/1.0 keeps servers from sending a page in chunks.
 */
export async function httpGet(
  session: Session,
  url: URL,
  {
    headers = {},
    seconds,
  }: { readonly headers?: Readonly<Record<string, string>>; readonly seconds: number },
): Promise<Fetched> {
  const host = unbracketed(url.hostname);
  const isSecure = url.protocol === 'https:';
  const outcome = await converse(isSecure ? securely(session, host) : session, {
    ...{ host, port: Number(url.port || (isSecure ? 443 : 80)), seconds },
    say: [
      `GET ${url.pathname}${url.search} HTTP/1.0`,
      `Host: ${url.host}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      'Connection: close',
      '\r\n',
    ].join('\r\n'),
    isEnough: isWhole,
  });
  if (outcome.end === 'no connection') return { trouble: outcome.words };
  const page = readPage(outcome.heard);
  if (page) return page;
  if (outcome.end === 'too slow') return { trouble: `no answer within ${seconds} s` };
  return { trouble: 'no web server answers there' };
}

function isWhole(heard: Buffer): boolean {
  const end = heard.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const [, length] = /^content-length: *(\d+)/im.exec(heard.toString('latin1', 0, end)) ?? [];
  return length !== undefined && heard.length >= end + 4 + Number(length);
}

function readPage(heard: Buffer): Page | undefined {
  const end = heard.indexOf('\r\n\r\n');
  const [first = '', ...rest] = heard.toString('latin1', 0, Math.max(end, 0)).split('\r\n');
  const [, said, status] = /^HTTP\/1\.[01] ((\d{3}).*)/.exec(first) ?? [];
  if (said === undefined) return undefined;
  const headers = rest.flatMap((line): [string, string][] => {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value ?? '']];
  });
  return {
    status: Number(status),
    said: said.trim(),
    headers: Object.fromEntries(headers),
    body: heard.toString('utf8', end + 4),
  };
}

function securely(session: Session, name: string): Session {
  return {
    ...session,
    async openTcp(host, port) {
      const socket = await session.openTcp(host, port);
      return await new Promise<Duplex>((resolve, reject) => {
        const tls = startTls({
          ...{ socket, rejectUnauthorized: false },
          ...(isIP(name) === 0 && { servername: name }),
        });
        tls.once('secureConnect', () => resolve(tls));
        tls.once('error', (error) => {
          socket.destroy();
          reject(new Error(`TLS does not come about: ${error.message}`));
        });
      });
    },
  };
}
