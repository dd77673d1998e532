import { HostError } from '../../engine/contract/errors.ts';
import type { Connection } from '../../engine/contract/transport.ts';

/** A connection to a server on loopback, with limits that fit a test. */
export function sshConnection(port: number, settings: Partial<Connection> = {}): Connection {
  return {
    kind: 'ssh',
    name: 'worker01',
    address: '127.0.0.1',
    port,
    user: 'root',
    identityFiles: [],
    knownHostsFiles: [],
    become: 'no',
    connectTimeout: 60,
    commandTimeout: 60,
    probeTimeout: 60,
    scriptTimeout: 600,
    ...settings,
  };
}

/** The host error that an action ends with. */
export async function hostErrorOf(action: Promise<unknown>): Promise<HostError> {
  try {
    await action;
  } catch (error) {
    if (error instanceof HostError) return error;
    throw error;
  }
  throw new Error('the action succeeded');
}
