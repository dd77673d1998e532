import { checkLavaApi } from '../../lab/proofs/lava_api.ts';
import { checkLavaWorker } from '../../lab/proofs/lava_worker.ts';
import type { Check } from '../contract/check.ts';
import type { Session } from '../contract/transport.ts';
import { checkHttpProxy } from './http_proxy.ts';
import { checkPostgres } from './postgres.ts';
import { checkServer } from './server.ts';
import { checkTcp } from './tcp.ts';

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
  switch (check.kind) {
    case 'postgres':
      return checkPostgres(check, session, context);
    case 'http_proxy':
      return checkHttpProxy(check, session, context);
    case 'lava_api':
      return checkLavaApi(check, session, context);
    case 'lava_worker':
      return checkLavaWorker(check, session, context);
    case 'server':
      return checkServer(check, session, context);
    case 'tcp':
      return checkTcp(check, session, context);
  }
}
