import type { Check, OwnCheck } from '../contract/check.ts';
import type { Session } from '../contract/transport.ts';
import type { CheckContext, Trial, Trials } from '../contract/trial.ts';
import { checkHttpProxy } from './http_proxy.ts';
import { checkPostgres } from './postgres.ts';
import { checkServer } from './server.ts';
import { checkTcp } from './tcp.ts';

const ownTrials: { readonly [K in OwnCheck['kind']]: Trial<Extract<OwnCheck, { kind: K }>> } = {
  postgres: {
    sentence: ({ database, ...at }) =>
      `this host cannot log in to the database ${database} on ${place(at)}`,
    attempt: checkPostgres,
  },
  http_proxy: {
    sentence: ({ expect, ...at }) =>
      expect === 'let in'
        ? `this host cannot use the proxy ${place(at)}`
        : `the proxy ${place(at)} does not turn strangers away`,
    attempt: checkHttpProxy,
  },
  server: {
    sentence: ({ protocol, ...at }) =>
      `this host does not get at the ${protocol} server on ${place(at)}`,
    attempt: checkServer,
  },
  tcp: {
    sentence: (at) => `this host does not get at ${place(at)}`,
    attempt: checkTcp,
  },
};

/** Carries out a check from a host and says in words what was proved; throws a HostError otherwise. */
export async function runCheck(
  check: Check,
  session: Session,
  context: CheckContext,
  trials: Trials,
): Promise<string> {
  return trialOf(check, trials).attempt(check, session, context);
}

/** The finding when a check fails. */
export function sentenceOf(check: Check, trials: Trials): string {
  return trialOf(check, trials).sentence(check);
}

function trialOf({ kind }: Check, trials: Trials): Trial<Check> {
  const all: Trials = { ...trials, ...ownTrials };
  const trial = all[kind];
  if (!trial) throw new Error(`nobody knows how to make the check ${kind}`);
  return trial as Trial<Check>;
}

function place({ host, port }: Pick<Check, 'host' | 'port'>): string {
  return `${host}:${port}`;
}
