import type { HostCode } from '../contract/codes.ts';
import { HostError } from '../contract/errors.ts';
import type { Connection } from '../contract/transport.ts';
import type { Authentication } from './authentication.ts';
import type { Identities } from './identities.ts';

/** How far a connection attempt has come. */
export interface Progress {
  stage: 'tcp' | 'handshake' | 'login';
  agentProblem: string | undefined;
}

/** All that is known when a connection attempt fails. */
export interface Attempt {
  readonly error: unknown;
  readonly progress: Progress;
  readonly methods: Authentication;
  readonly identities: Identities;
}

interface Explanation {
  readonly code: HostCode;
  readonly message: string;
  readonly hint?: string;
}

/** Refuses a connection that has no way to log in, before the host is bothered. */
export function nothingToOffer(
  connection: Connection,
  { keys, problems, lookedFor }: Identities,
): HostError | undefined {
  const { agent, password, user } = connection;
  if (keys.length > 0 || agent !== undefined || password !== undefined) return undefined;
  const [first] = problems;
  if (!first)
    return unreachable(connection, {
      code: 'no-identity',
      message: `there is no way to log in as ${user}: no key file found (looked for ${lookedFor.join(', ')}), no agent, no password`,
      hint: 'name a private key with identity_file, or start an ssh-agent that holds it',
    });
  const hints = {
    'identity-missing': 'correct identity_file, or make the key: ssh-keygen -t ed25519',
    'identity-unreadable': 'it must be a file that you may read',
    'identity-needs-passphrase': 'give its passphrase, or add the key to an ssh-agent: ssh-add',
    'identity-wrong-passphrase': 'correct the passphrase, or add the key to an ssh-agent: ssh-add',
    'identity-invalid':
      'name a private key in the format of OpenSSH: ssh-keygen -p -f FILE converts it',
  };
  return unreachable(connection, {
    code: first.code,
    message: problems.map(({ message }) => message).join('; '),
    hint: hints[first.code],
  });
}

/** Explains why a host could not be reached or logged in to. */
export function connectFailure(connection: Connection, attempt: Attempt): HostError {
  const reason = messageOf(attempt.error);
  if (attempt.progress.stage === 'login') return loginFailure(connection, attempt, reason);
  if (attempt.progress.stage === 'tcp')
    return unreachable(connection, tcpExplanation(connection, attempt.error, reason));
  return unreachable(connection, handshakeExplanation(connection, attempt.error, reason));
}

function tcpExplanation(
  { address, port, connectTimeout }: Connection,
  error: unknown,
  reason: string,
): Explanation {
  const where = `${address} port ${port}`;
  switch (propertyOf(error, 'code')) {
    case 'ECONNREFUSED':
      return {
        code: 'connection-refused',
        message: `${where} refused the connection`,
        hint: `is sshd running there, and is ${port} its port?`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return {
        code: 'name-not-found',
        message: `the name ${address} cannot be resolved`,
        hint: 'correct it, or give the IP address with address',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        code: 'no-route',
        message: `there is no route to ${where}`,
        hint: 'is the host up, and does this machine have a route to its network?',
      };
    case 'ETIMEDOUT':
      return tcpTimeout(where, 'in time');
  }
  if (propertyOf(error, 'level') === 'client-timeout')
    return tcpTimeout(where, `within ${connectTimeout} s`);
  return { code: 'connect-failed', message: `cannot connect to ${where}: ${reason}` };
}

function tcpTimeout(where: string, limit: string): Explanation {
  return {
    code: 'connect-timeout',
    message: `${where} did not answer ${limit}`,
    hint: 'is the host up? a firewall may drop the packets; connect_timeout sets the limit',
  };
}

function handshakeExplanation(
  { address, port, connectTimeout }: Connection,
  error: unknown,
  reason: string,
): Explanation {
  const where = `${address} port ${port}`;
  if (/no matching/i.test(reason))
    return {
      code: 'no-common-algorithm',
      message: `${where} and lava-play have no algorithm in common: ${reason}`,
      hint: 'the SSH server of the host is very old, or its configuration is very restrictive',
    };
  const timedOut = propertyOf(error, 'level') === 'client-timeout';
  return {
    code: 'not-ssh',
    message: timedOut
      ? `${where} accepted the connection but did not complete the SSH handshake within ${connectTimeout} s`
      : `${where} accepted the connection but did not speak SSH: ${reason}`,
    hint: `is ${port} the port of its SSH server? sshd also closes connections when there are too many (MaxStartups)`,
  };
}

function loginFailure(connection: Connection, attempt: Attempt, reason: string): HostError {
  const { user, address, connectTimeout } = connection;
  const { methods, identities, progress } = attempt;
  const offered = methods.offered();
  const accepted = methods.accepted();
  const notes = [
    `offered: ${offered.length > 0 ? offered.join(', ') : 'nothing'}`,
    ...(accepted.length > 0 ? [`the host accepts: ${accepted.join(', ')}`] : []),
    ...(progress.agentProblem ? [`the agent cannot be used: ${progress.agentProblem}`] : []),
    ...identities.problems.map(({ message }) => message),
  ].join('; ');
  if (/too many authentication failures/i.test(reason))
    return unreachable(connection, {
      code: 'too-many-authentication-failures',
      message: `login as ${user} was cut off after too many refused keys; ${notes}`,
      hint: 'remove keys from the agent, or disable the agent and name the right key with identity_file',
    });
  if (propertyOf(attempt.error, 'level') === 'client-timeout')
    return unreachable(connection, {
      code: 'connect-timeout',
      message: `login as ${user} did not complete within ${connectTimeout} s; ${notes}`,
      hint: 'connect_timeout sets the limit; slow name lookups of sshd (UseDNS) are a common cause',
    });
  if (propertyOf(attempt.error, 'level') === 'client-authentication')
    return unreachable(connection, {
      code: 'login-refused',
      message: `login as ${user} was refused; ${notes}`,
      hint: `put the public key into ~${user}/.ssh/authorized_keys on ${address}, or name another user or key (user, identity_file)`,
    });
  return unreachable(connection, {
    code: 'connection-lost',
    message: `the connection was lost during login as ${user}: ${reason}; ${notes}`,
  });
}

/** Names the jump host that stands in the way, and why. */
export function jumpFailure(connection: Connection, jump: Connection, error: unknown): HostError {
  const reason = messageOf(error);
  return unreachable(connection, {
    code: 'jump-failed',
    message: `cannot be reached through the jump host ${jump.name}: ${reason}`,
    ...(error instanceof HostError && error.context.hint ? { hint: error.context.hint } : {}),
  });
}

/** A jump host that does not say whether it can reach the next host. */
export function forwardTimeout({ address, port, connectTimeout }: Connection): Error {
  return new Error(`it made no connection to ${address} port ${port} within ${connectTimeout} s`);
}

/** Explains why a host made no TCP connection for us. */
export function forwardFailure(connection: Connection, target: string, error: unknown): HostError {
  const { name: host } = connection;
  const prohibited = propertyOf(error, 'reason') === 1;
  const message = prohibited
    ? `${host}: its SSH server does not allow a connection to ${target}`
    : `${host}: cannot connect from there to ${target}: ${messageOf(error)}`;
  return new HostError('failed', prohibited ? 'forward-refused' : 'forward-failed', message, {
    host,
    hint: prohibited ? 'allow it in its sshd_config: AllowTcpForwarding, PermitOpen' : undefined,
  });
}

/** Explains why no shell could be started over a connection. */
export function channelFailure(connection: Connection, reason: string): HostError {
  return unreachable(connection, {
    code: 'no-shell',
    message: `no shell could be started: ${reason}`,
    hint: `may ${connection.user} run commands there? look for MaxSessions and ForceCommand in its sshd_config`,
  });
}

function unreachable(
  { name: host, address }: Connection,
  { code, message, hint }: Explanation,
): HostError {
  const subject = message.includes(address) ? host : `${host} (${address})`;
  return new HostError('unreachable', code, `${subject}: ${message}`, { host, hint });
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String(propertyOf(error, 'code') ?? 'no reason given');
}

function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null
    ? (error as Record<string, unknown>)[name]
    : undefined;
}
