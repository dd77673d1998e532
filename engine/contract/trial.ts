import type { Check } from './check.ts';
import type { Session } from './transport.ts';

/** Who makes a check, for its error. */
export interface CheckContext {
  readonly host: string;
  readonly task: string;
}

/** How checks of one kind are made. */
export interface Trial<C extends Check> {
  /** The finding when it fails: `this host cannot …`. */
  sentence(check: C): string;
  /** Makes it from a host, and resolves with what was proved, in words; rejects with a HostError otherwise. */
  attempt(check: C, session: Session, context: CheckContext): Promise<string>;
}

/** How checks are made, by their kind. */
export type Trials = Readonly<Record<string, Trial<never>>>;
