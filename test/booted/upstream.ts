import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { LabError } from './errors.ts';

/** How the archive is reached. */
export interface UpstreamAccess {
  /** By host name the proxy to go through. */
  readonly proxies: Readonly<Record<string, string>>;
  /** Certificates to trust instead of the usual ones, as apt's `CaInfo`. */
  readonly ca?: Buffer | undefined;
}

const idleTimeoutMs = 60_000;
const agent = new HttpAgent({ keepAlive: true, maxSockets: 16 });

/** Asks the archive for a file, through the proxy this machine's apt uses, and follows redirects. */
export async function fetchUpstream(
  url: URL,
  access: UpstreamAccess,
  redirectsLeft = 5,
): Promise<IncomingMessage> {
  const proxy = access.proxies[url.hostname];
  const response = await (url.protocol === 'https:'
    ? getSecurely(url, proxy, access.ca)
    : getPlainly(url, proxy));
  const { statusCode = 0, headers } = response;
  if (statusCode < 301 || statusCode > 308 || !headers.location || statusCode === 304) {
    return response;
  }
  response.resume();
  if (redirectsLeft === 0) throw new LabError(`too many redirects from ${url.href}`);
  return await fetchUpstream(new URL(headers.location, url), access, redirectsLeft - 1);
}

function getPlainly(url: URL, proxy: string | undefined): Promise<IncomingMessage> {
  if (proxy === undefined) return send(httpRequest(url, { agent }));
  return send(
    httpRequest({
      ...proxyAddress(proxy),
      agent,
      path: url.href,
      headers: { host: url.host, ...proxyLogin(proxy) },
    }),
  );
}

async function getSecurely(
  url: URL,
  proxy: string | undefined,
  ca: Buffer | undefined,
): Promise<IncomingMessage> {
  const trust = ca === undefined ? {} : { ca };
  if (proxy === undefined) return await send(httpsRequest(url, trust));
  const socket = await openTunnel(url, proxy);
  const createConnection = (): Socket => {
    return tlsConnect({ socket, servername: url.hostname, ...trust });
  };
  return await send(httpsRequest(url, { createConnection }));
}

function openTunnel(url: URL, proxy: string): Promise<Socket> {
  const target = `${url.hostname}:${url.port || '443'}`;
  const request = httpRequest({
    ...proxyAddress(proxy),
    agent: false,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyLogin(proxy) },
  });
  return new Promise((resolve, reject) => {
    request.setTimeout(idleTimeoutMs, () => request.destroy(new LabError(`${target}: no answer`)));
    request.on('error', reject);
    request.on('connect', ({ statusCode }, socket: Socket) => {
      if (statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new LabError(`the proxy refused a tunnel to ${target} with status ${statusCode}`));
    });
    request.end();
  });
}

function send(request: ReturnType<typeof httpRequest>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.setTimeout(idleTimeoutMs, () => {
      request.destroy(new LabError(`${request.host}: nothing for ${idleTimeoutMs / 1000} s`));
    });
    request.on('error', reject);
    request.on('response', resolve);
    request.end();
  });
}

function proxyAddress(proxy: string): RequestOptions {
  const { hostname, port } = parseProxy(proxy);
  return { host: hostname, port: port || 80 };
}

function proxyLogin(proxy: string): Readonly<Record<string, string>> {
  const { username, password } = parseProxy(proxy);
  if (username === '') return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

function parseProxy(proxy: string): URL {
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`);
}
