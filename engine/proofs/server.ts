import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import type { ServerTrial } from '../contract/trial.ts';
import { converse } from './conversation.ts';

/** Who makes the trial, and how long it may take in all. */
interface ServerTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds; 10 unless set. */
  readonly timeout?: number;
}

interface Protocol {
  readonly name: string;
  readonly say: Uint8Array | string;
  /** Whether what was heard is how such a server begins its answer. */
  readonly isAnswer: (heard: Buffer) => boolean;
}

/** PostgreSQL documentation, "Message Formats": SSLRequest, answered by one byte before anybody logs in. */
const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);

const protocols: Readonly<Record<ServerTrial['protocol'], Protocol>> = {
  ssh: {
    name: 'SSH server',
    say: '',
    isAnswer: (heard) => heard.subarray(0, 4).toString() === 'SSH-',
  },
  http: {
    name: 'web server',
    say: 'HEAD / HTTP/1.0\r\n\r\n',
    isAnswer: (heard) => heard.subarray(0, 5).toString() === 'HTTP/',
  },
  postgres: {
    name: 'PostgreSQL',
    say: SSL_REQUEST,
    isAnswer: (heard) => heard.length === 1 && 'SN'.includes(heard.toString()),
  },
};

/** Waits for the first words of a server over a connection that the host makes, and says in words what was proved. */
export async function tryServer(
  { host: address, port, protocol }: ServerTrial,
  session: Session,
  { host, task, timeout = 10 }: ServerTrialContext,
): Promise<string> {
  const { name, say, isAnswer } = protocols[protocol];
  const outcome = await converse(session, {
    ...{ host: address, port, say, seconds: timeout },
    isEnough: (heard) => isAnswer(heard) || heard.length > 64,
  });
  if ('heard' in outcome && isAnswer(outcome.heard)) return `${name} on ${address}:${port}`;
  const reason = {
    enough: 'something else answers',
    closed: 'the connection is closed without an answer',
    'too slow': `no answer within ${timeout} s`,
    'no connection': 'words' in outcome ? outcome.words : '',
  }[outcome.end];
  throw new HostError('failed', 'not-proved', `no ${name} on ${address}:${port}: ${reason}`, {
    host,
    task,
    hint:
      outcome.end === 'closed'
        ? 'at the near end of a tunnel: nothing listens at the far end, or its gate does not let this port through'
        : undefined,
  });
}
