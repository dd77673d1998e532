import type { AnyAuthMethod, KeyboardInteractiveAuthMethod } from 'ssh2';
import { expect, test } from 'vitest';
import type { Connection } from '../../../engine/contract/transport.ts';
import { authentication } from '../../../engine/transport/authentication.ts';
import { sshConnection } from '../../support/connection.ts';

const none = { keys: [], problems: [], lookedFor: [] };

function loggingIn(settings: Partial<Connection>) {
  return authentication(sshConnection(22, settings), none);
}

function typeOf(method: AnyAuthMethod | false): string | false {
  return method === false ? false : method.type;
}

test('the agent comes before the password, and each way is tried once', () => {
  const { next, offered } = loggingIn({ agent: '/run/agent', password: 'horse' });
  const accepted = ['publickey', 'password', 'keyboard-interactive'] as const;
  expect(typeOf(next(null))).toBe('agent');
  expect(typeOf(next([...accepted]))).toBe('password');
  expect(typeOf(next([...accepted]))).toBe('keyboard-interactive');
  expect(next([...accepted])).toBe(false);
  expect(offered()).toEqual([
    'the keys of the agent at /run/agent',
    'the password',
    'the password, when asked',
  ]);
});

test('what the server does not accept is not offered', () => {
  const { next, offered, accepted } = loggingIn({ agent: '/run/agent', password: 'horse' });
  expect(typeOf(next(['keyboard-interactive', 'hostbased']))).toBe('keyboard-interactive');
  expect(next(['keyboard-interactive', 'hostbased'])).toBe(false);
  expect(offered()).toEqual(['the password, when asked']);
  expect(accepted()).toEqual(['keyboard-interactive', 'hostbased']);
});

test('the password answers only questions whose answer stays hidden', () => {
  const method = loggingIn({ password: 'horse' }).next(['keyboard-interactive']);
  const { prompt } = method as KeyboardInteractiveAuthMethod;
  const prompts = [
    { prompt: 'Password: ', echo: false },
    { prompt: 'Your favourite colour: ', echo: true },
    { prompt: 'Password again: ' },
  ];
  let answers: readonly string[] = [];
  prompt('', '', '', prompts, (given) => {
    answers = given;
  });
  expect(answers).toEqual(['horse', '', 'horse']);
});
