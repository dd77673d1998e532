import type { AnyAuthMethod, AuthenticationType, Prompt } from 'ssh2';
import type { Connection } from '../contract/transport.ts';
import { describeKey, type Identities } from './identities.ts';

/** The methods to log in to a host, tried in order, and the record of what came of it. */
export interface Authentication {
  /** For ssh2: the next method to try, `false` when there is none left. */
  next(accepted: readonly AuthenticationType[] | null): AnyAuthMethod | false;
  /** What was offered so far, in words for messages. */
  offered(): readonly string[];
  /** What the server said it accepts, once it has refused something. */
  accepted(): readonly string[];
}

interface Attempt {
  readonly description: string;
  readonly serverName: 'publickey' | 'password' | 'keyboard-interactive';
  readonly method: AnyAuthMethod;
}

/**
 * Orders the methods to log in: the agent's keys, the key files, the password.
 *
 * There is no `none` request to ask first what is accepted: it would cost every host a round trip.
 */
export function authentication(connection: Connection, identities: Identities): Authentication {
  const attempts = attemptsFor(connection, identities);
  const offered: string[] = [];
  let accepted: readonly string[] = [];
  let position = 0;
  return {
    next(serverAccepts) {
      if (serverAccepts) accepted = serverAccepts;
      for (; position < attempts.length; position += 1) {
        const attempt = attempts[position];
        if (!attempt || (serverAccepts && !accepted.includes(attempt.serverName))) continue;
        position += 1;
        offered.push(attempt.description);
        return attempt.method;
      }
      return false;
    },
    offered: () => offered,
    accepted: () => accepted,
  };
}

function attemptsFor(connection: Connection, identities: Identities): readonly Attempt[] {
  const { user: username, agent, password } = connection;
  const attempts: Attempt[] = [];
  if (agent !== undefined)
    attempts.push({
      description: `the keys of the agent at ${agent}`,
      serverName: 'publickey',
      method: { type: 'agent', username, agent },
    });
  for (const { key, file } of identities.keys)
    attempts.push({
      description: `key ${describeKey(key)} from ${file}`,
      serverName: 'publickey',
      method: { type: 'publickey', username, key },
    });
  if (password !== undefined)
    attempts.push(
      {
        description: 'the password',
        serverName: 'password',
        method: { type: 'password', username, password },
      },
      {
        description: 'the password, when asked',
        serverName: 'keyboard-interactive',
        method: {
          type: 'keyboard-interactive',
          username,
          prompt: (_name, _instructions, _language, prompts, finish) =>
            finish(prompts.map((prompt) => answer(prompt, password))),
        },
      },
    );
  return attempts;
}

/** Only a question whose answer stays hidden may be about the password. */
function answer(prompt: Prompt, password: string): string {
  return prompt.echo === true ? '' : password;
}
