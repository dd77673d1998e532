import type { Connection, Session } from '../../engine/contract/transport.ts';
import { connectLocal } from '../../engine/transport/local.ts';
import type { PrivateRoot } from './private_root.ts';

/** The connection of a host that is this machine. */
export function localConnection(name: string): Connection {
  return {
    kind: 'local',
    name,
    address: 'localhost',
    port: 22,
    user: 'root',
    identityFiles: [],
    knownHostsFiles: [],
    become: 'no',
    connectTimeout: 10,
    commandTimeout: 60,
    probeTimeout: 60,
    scriptTimeout: 600,
  };
}

/** A real shell of this machine whose engine state lies in a private root. */
export async function privateSession(
  root: PrivateRoot,
  name = 'here',
  settings: Partial<Connection> = {},
): Promise<Session> {
  const local = await connectLocal({ ...localConnection(name), ...settings });
  return {
    ...local,
    run: (script, options) => local.run(root.move(script), options),
    runBeside: (command) => local.runBeside(root.move(command)),
  };
}
