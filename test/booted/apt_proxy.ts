import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { openPackageStore, type PackageStore } from './package_store.ts';
import { fetchUpstream, type UpstreamAccess } from './upstream.ts';

/** What the proxy is started with; a file holds it, since a proxy's address may hold a password. */
export interface AptProxyConfig {
  readonly listen: { readonly address: string; readonly port: number };
  readonly storeFolder: string;
  /** Where the archive is, by the host name the clients ask for; nothing else is fetched. */
  readonly origins: readonly { readonly host: string; readonly secure: boolean }[];
  /** For each host name of the archive the proxy to go through, where there is one. */
  readonly proxies: Readonly<Record<string, string>>;
  readonly caFile?: string | undefined;
}

/** Where a running proxy listens and how to stop it. */
export interface AptProxy {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves apt clients from a store and fills it from the archive.
 *
 * A file is stored whole before its first byte is served, so that many clients asking at once cost one
 * download and a broken one is never kept. Clients need a patient `Acquire::http::Timeout`.
 */
export async function startAptProxy(config: AptProxyConfig): Promise<AptProxy> {
  const store = openPackageStore(config.storeFolder);
  const access: UpstreamAccess = {
    proxies: config.proxies,
    ca: config.caFile === undefined ? undefined : readFileSync(config.caFile),
  };
  const server = createServer((request, response) => {
    answer({ request, response, config, access, store }).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      refuse(response, 502, error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.listen.port, config.listen.address, resolve);
  });
  return { port: boundPort(server), close: () => closeServer(server) };
}

async function answer({
  request,
  response,
  config,
  access,
  store,
}: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly config: AptProxyConfig;
  readonly access: UpstreamAccess;
  readonly store: PackageStore;
}): Promise<void> {
  const asked = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
  if (request.method !== 'GET' || asked?.protocol !== 'http:') {
    refuse(response, 405, 'only GET http://… through the proxy');
    return;
  }
  const origin = config.origins.find(({ host }) => host === asked.host);
  if (!origin) {
    const known = config.origins.map(({ host }) => host).join(', ');
    refuse(response, 403, `${asked.host} is not a host of the archive (${known})`);
    return;
  }
  const url = new URL(`${origin.secure ? 'https' : 'http'}://${asked.host}${asked.pathname}`);
  const found = await store.obtain(url.href, {
    immutable: /\.deb$|\/by-hash\//.test(url.pathname),
    fetch: () => fetchUpstream(url, access),
  });
  if ('status' in found) {
    refuse(response, found.status, found.reason);
    return;
  }
  const { size, mtime } = statSync(found.file);
  response.writeHead(200, { 'content-length': size, 'last-modified': mtime.toUTCString() });
  await pipeline(createReadStream(found.file), response);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${reason}\n`);
}

function boundPort(server: Server): number {
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
