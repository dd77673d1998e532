import type { Session } from '../contract/transport.ts';
import type { OwnTrial, Trial } from '../contract/trial.ts';
import type { TrialContext, TrialKind, TrialKinds } from '../contract/trial_kind.ts';
import { tryHttpProxy } from './http_proxy.ts';
import { tryPostgres } from './postgres.ts';
import { tryServer } from './server.ts';
import { tryTcp } from './tcp.ts';

const ownKinds: { readonly [K in OwnTrial['kind']]: TrialKind<Extract<OwnTrial, { kind: K }>> } = {
  postgres: {
    sentence: ({ database, ...at }) =>
      `this host cannot log in to the database ${database} on ${place(at)}`,
    attempt: tryPostgres,
  },
  http_proxy: {
    sentence: ({ expect, ...at }) =>
      expect === 'let in'
        ? `this host cannot use the proxy ${place(at)}`
        : `the proxy ${place(at)} does not reject hosts outside the lab`,
    attempt: tryHttpProxy,
  },
  server: {
    sentence: ({ protocol, ...at }) =>
      `this host cannot reach the ${protocol} server on ${place(at)}`,
    attempt: tryServer,
  },
  tcp: {
    sentence: (at) => `this host cannot reach ${place(at)}`,
    attempt: tryTcp,
  },
};

/** Carries out a trial from a host and says in words what was proved; throws a HostError otherwise. */
export async function runTrial(
  trial: Trial,
  session: Session,
  context: TrialContext,
  kinds: TrialKinds,
): Promise<string> {
  return kindOf(trial, kinds).attempt(trial, session, context);
}

/** The finding when a trial fails. */
export function sentenceOf(trial: Trial, kinds: TrialKinds): string {
  return kindOf(trial, kinds).sentence(trial);
}

function kindOf({ kind }: Trial, kinds: TrialKinds): TrialKind<Trial> {
  const all: TrialKinds = { ...kinds, ...ownKinds };
  const found = all[kind];
  if (!found) throw new Error(`unknown kind of trial: ${kind}`);
  return found as TrialKind<Trial>;
}

function place({ host, port }: Pick<Trial, 'host' | 'port'>): string {
  return `${host}:${port}`;
}
