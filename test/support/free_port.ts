import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** A TCP port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Lets a server listen on a free port of loopback and says which. */
export async function listen(server: Server, loopback = '127.0.0.1'): Promise<number> {
  server.listen(0, loopback);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}
