import type { Session } from './transport.ts';
import type { Trial } from './trial.ts';

/** Who makes a trial, for its error. */
export interface TrialContext {
  readonly host: string;
  readonly task: string;
}

/** How trials of one kind are made. */
export interface TrialKind<C extends Trial> {
  /** The finding when it fails: `this host cannot …`. */
  sentence(trial: C): string;
  /** Makes it from a host, and resolves with what was proved, in words; rejects with a HostError otherwise. */
  attempt(trial: C, session: Session, context: TrialContext): Promise<string>;
}

/** How trials are made, by their kind. */
export type TrialKinds = Readonly<Record<string, TrialKind<never>>>;
