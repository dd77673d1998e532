import type { Connection, Session } from '../contract/transport.ts';
import { connectLocal } from './local.ts';

/** Opens a session on a host. SSH is loaded with the first host that needs it. */
export async function connect(connection: Connection): Promise<Session> {
  if (connection.kind === 'local') return connectLocal(connection);
  const { connectSsh } = await import('./ssh.ts');
  return connectSsh(connection);
}
