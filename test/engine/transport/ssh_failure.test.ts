import { expect, test } from 'vitest';
import { HostError } from '../../../engine/contract/errors.ts';
import type { Connection } from '../../../engine/contract/transport.ts';
import type { Authentication } from '../../../engine/transport/authentication.ts';
import type { Identities } from '../../../engine/transport/identities.ts';
import {
  type Attempt,
  channelFailure,
  connectFailure,
  forwardFailure,
  jumpFailure,
  nothingToOffer,
  type Progress,
} from '../../../engine/transport/ssh_failure.ts';
import { sshConnection } from '../../support/connection.ts';

const noKeys: Identities = { keys: [], problems: [], lookedFor: ['/home/me/.ssh/id_rsa'] };

function methodsThat(offered: readonly string[], accepted: readonly string[] = []): Authentication {
  return { next: () => false, offered: () => offered, accepted: () => accepted };
}

function failure(
  stage: Progress['stage'],
  error: unknown,
  attempt: Partial<Attempt> = {},
  settings: Partial<Connection> = {},
): HostError {
  const progress = { stage, agentProblem: undefined };
  const connection = sshConnection(22, { connectTimeout: 7, ...settings });
  const methods = methodsThat([]);
  return connectFailure(connection, { error, progress, methods, identities: noKeys, ...attempt });
}

function sshError(message: string, level: string): Error {
  return Object.assign(new Error(message), { level });
}

function socketError(code: string, message = `connect ${code}`): Error {
  return Object.assign(new Error(message), { code });
}

test('an agent or a password is something to offer, whatever is wrong with the key files', () => {
  const problems = [{ code: 'identity-missing', message: 'k does not exist' }] as const;
  for (const settings of [{ agent: '/run/agent' }, { password: '' }]) {
    const connection = sshConnection(22, settings);
    expect(nothingToOffer(connection, { ...noKeys, problems })).toBeUndefined();
  }
});

test('with nothing to offer, all that is wrong with the key files is said, and how to mend the first', () => {
  const problems = [
    { code: 'identity-needs-passphrase', message: 'one is protected by a passphrase' },
    { code: 'identity-missing', message: 'two does not exist' },
  ] as const;
  expect(nothingToOffer(sshConnection(22), { ...noKeys, problems })).toMatchObject({
    kind: 'unreachable',
    code: 'identity-needs-passphrase',
    message: 'worker01 (127.0.0.1): one is protected by a passphrase; two does not exist',
    context: { host: 'worker01', hint: expect.stringContaining('ssh-add') },
  });
  expect(nothingToOffer(sshConnection(22, { user: 'admin' }), noKeys)).toMatchObject({
    code: 'no-identity',
    message: expect.stringMatching(/as admin: no key file found \(looked for \/home\/me/),
  });
});

test.each([
  ['EHOSTUNREACH', 'no-route', 'there is no route to 127.0.0.1 port 22'],
  ['ENETUNREACH', 'no-route', 'there is no route to 127.0.0.1 port 22'],
  ['ETIMEDOUT', 'connect-timeout', '127.0.0.1 port 22 did not answer in time'],
  ['EAI_AGAIN', 'name-not-found', 'the name 127.0.0.1 cannot be resolved'],
  ['EACCES', 'connect-failed', 'cannot connect to 127.0.0.1 port 22: connect EACCES'],
])('no TCP connection for %s is %s', (code, wanted, words) => {
  const error = failure('tcp', socketError(code));
  expect([error.code, error.message]).toEqual([wanted, `worker01: ${words}`]);
});

test('several addresses that all fail leave no empty reason', () => {
  const all = Object.assign(new AggregateError([], ''), { code: 'EADDRNOTAVAIL' });
  expect(failure('tcp', all).message).toMatch(/: EADDRNOTAVAIL$/);
});

test('a limit that was set is named at each stage that can meet it', () => {
  const late = sshError('Timed out while waiting for handshake', 'client-timeout');
  const stages = ['tcp', 'handshake', 'login'] as const;
  const errors = stages.map((stage) => failure(stage, late));
  expect(errors.map(({ code }) => code)).toEqual(['connect-timeout', 'not-ssh', 'connect-timeout']);
  for (const { message } of errors) expect(message).toContain('within 7 s');
  expect(errors[2]?.context.hint).toContain('UseDNS');
});

test('a server that shares no cipher with us is told from one that speaks no SSH', () => {
  const words = 'Handshake failed: no matching key exchange algorithm';
  expect(failure('handshake', sshError(words, 'handshake')).code).toBe('no-common-algorithm');
  expect(failure('handshake', new Error('Connection lost before handshake')).code).toBe('not-ssh');
});

test('a refused login says what was offered, what is accepted, and which keys and agents failed', () => {
  const refused = sshError('All configured authentication methods failed', 'client-authentication');
  const problems = [{ code: 'identity-missing', message: 'k does not exist' }] as const;
  const error = failure('login', refused, {
    methods: methodsThat(['key a', 'the password'], ['publickey', 'hostbased']),
    identities: { ...noKeys, problems },
    progress: { stage: 'login', agentProblem: 'it is gone' },
  });
  expect([error.code, error.message]).toEqual([
    'login-refused',
    'worker01 (127.0.0.1): login as root was refused; offered: key a, the password; the host accepts: publickey, hostbased; the agent cannot be used: it is gone; k does not exist',
  ]);
});

test('a login that was cut off is told from one that was refused', () => {
  const lost = failure('login', new Error('read ECONNRESET'));
  expect(lost.code).toBe('connection-lost');
  expect(lost.message).toMatch(/during login as root: read ECONNRESET; offered: nothing$/);
  const cutOff = 'Too many authentication failures';
  expect(failure('login', sshError(cutOff, 'protocol')).code).toBe(
    'too-many-authentication-failures',
  );
});

test('a jump host in the way is named with its own reason and way out', () => {
  const hint = 'start the agent';
  const reason = new HostError('unreachable', 'no-identity', 'gateway: no way in', {
    ...{ host: 'gateway', hint },
  });
  const jump = sshConnection(22, { name: 'gateway', address: '192.0.2.1' });
  expect(jumpFailure(sshConnection(22), jump, reason)).toMatchObject({
    code: 'jump-failed',
    message:
      'worker01 (127.0.0.1): cannot be reached through the jump host gateway: gateway: no way in',
    context: { host: 'worker01', hint },
  });
});

test('a forwarding that is forbidden is told from one that fails', () => {
  const refused = (reason: number) => Object.assign(new Error('open failed'), { reason });
  const forbidden = forwardFailure(sshConnection(22), 'db port 5432', refused(1));
  expect(forbidden).toMatchObject({ kind: 'failed', code: 'forward-refused' });
  expect(forbidden.context.hint).toContain('AllowTcpForwarding');
  const failed = forwardFailure(sshConnection(22), 'db port 5432', refused(2));
  expect([failed.code, failed.message]).toEqual([
    'forward-failed',
    'worker01: cannot connect from there to db port 5432: open failed',
  ]);
});

test('no shell over a connection is a matter of the user and the settings of sshd', () => {
  const { code, context } = channelFailure(sshConnection(22, { user: 'admin' }), 'refused');
  expect(code).toBe('no-shell');
  expect(context.hint).toMatch(/may admin run commands.*MaxSessions/);
});
