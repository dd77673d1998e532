import type { Session } from '../transport/transport.ts';
import type { Check } from './check.ts';
import { checkPostgres } from './postgres.ts';

/** Who makes a check, for its error. */
export interface CheckContext {
  readonly host: string;
  readonly task: string;
}

/** Carries out a check from a host and says in words what was proved; throws a HostError otherwise. */
export async function runCheck(
  check: Check,
  session: Session,
  context: CheckContext,
): Promise<string> {
  return checkPostgres(check, session, context);
}
