import { connect as connectTcp } from 'node:net';
import { NodeSSH } from 'node-ssh';
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import type { HostError } from '../contract/errors.ts';
import type { Connection, Session } from '../contract/transport.ts';
import { authentication } from './authentication.ts';
import { hostKeyCheck } from './host_key.ts';
import { loadIdentities } from './identities.ts';
import { borrowJump } from './jump.ts';
import type { Link } from './machine.ts';
import { within } from './patience.ts';
import { openSession } from './session.ts';
import {
  connectFailure,
  forwardTimeout,
  jumpFailure,
  nothingToOffer,
  type Progress,
} from './ssh_failure.ts';
import { linkOver, type Wire } from './ssh_link.ts';

const keepaliveSeconds = 15;
const keepalivesMissed = 3;

/** Those that ssh2 offers, without the ones that use SHA-1. */
const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;

/** How long one of a name's addresses may take before the next is tried; Node's 250 ms is too hasty for slow links. */
const millisecondsPerAddress = 2_000;

/** Opens a session on a host over SSH, through its jump host when it has one. */
export async function connectSsh(connection: Connection): Promise<Session> {
  return openSession(connection, await dial(connection));
}

async function dial(connection: Connection): Promise<Link> {
  const [hostKeys, identities] = await Promise.all([
    hostKeyCheck(connection),
    loadIdentities(connection),
  ]);
  const nothing = nothingToOffer(connection, identities);
  if (nothing) throw nothing;

  const deadline = performance.now() + connection.connectTimeout * 1000;
  const wire = await openWire(connection);
  const methods = authentication(connection, identities);
  let refusal: HostError | undefined;
  const ssh = new NodeSSH();
  const connecting = ssh.connect({
    sock: wire.stream,
    username: connection.user,
    readyTimeout: Math.max(1, deadline - performance.now()),
    keepaliveInterval: keepaliveSeconds * 1000,
    keepaliveCountMax: keepalivesMissed,
    algorithms: {
      serverHostKey: [...hostKeys.algorithms] as ServerHostKeyAlgorithm[],
      hmac: [...MACS],
    },
    hostVerifier(key: Buffer) {
      refusal = hostKeys.refusal(key);
      return refusal === undefined;
    },
    authHandler: (accepted) => methods.next(accepted),
  });
  connecting.catch(() => {});
  const client = ssh.connection;
  if (!client) throw new Error('node-ssh made no connection');

  const progress: Progress = { stage: 'tcp', agentProblem: undefined };
  const link = linkOver({ connection, ssh, client, wire });
  try {
    await loggedIn(client, progress);
  } catch (error) {
    await link.close();
    throw refusal ?? connectFailure(connection, { error, progress, methods, identities });
  }
  return link;
}

async function openWire(connection: Connection): Promise<Wire> {
  const { address: host, port, jump, connectTimeout } = connection;
  if (!jump) {
    const stream = connectTcp({
      host,
      port,
      noDelay: true,
      autoSelectFamilyAttemptTimeout: millisecondsPerAddress,
    });
    return { stream, release: async () => {} };
  }
  const borrowed = await borrowJump(jump, dial).catch((error: unknown) => {
    throw jumpFailure(connection, jump, error);
  });
  try {
    const opening = borrowed.link.openTcp(host, port);
    if (!(await within(connectTimeout * 1000, opening))) throw forwardTimeout(connection);
    return { stream: await opening, release: borrowed.release };
  } catch (error) {
    await borrowed.release();
    throw jumpFailure(connection, jump, error);
  }
}

/**
 * Waits until the login is done, noting how far it comes.
 *
 * ssh2 reports a dead agent as an error and then goes on with the next method; node-ssh's own promise
 * gives up there, so it is not asked.
 */
function loggedIn(client: Client, progress: Progress): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      progress.stage = 'handshake';
    });
    client.once('handshake', () => {
      progress.stage = 'login';
    });
    client.once('ready', resolve);
    client.once('close', () => reject(new Error('the host closed the connection')));
    client.on('error', (error) => {
      if (error.level === 'agent') progress.agentProblem = error.message;
      else reject(error);
    });
  });
}
