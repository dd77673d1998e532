import { askHttp, HostError, type HttpRequest, type Session } from '../../engine/extend.ts';
import { bracketed } from '../../engine/sdk.ts';
import {
  type CertificateTrouble,
  certificateProbe,
  certificateTrouble,
  parseShown,
} from '../https/shown_certificate.ts';
import type { LavaApiTrial } from './trials.ts';

/** Who makes the trial, and how long it may take in all. */
interface ApiTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds; 40 unless set, because the first request makes the server load all its programs. */
  readonly timeout?: number;
}

/**
 * Asks LAVA's API for its workers over a connection that the host makes, and says in words what was proved.
 *
 * The start page and the version are answered without a database; the list of workers is not (lava-server 2023.01).
 */
export async function tryLavaApi(
  trial: LavaApiTrial,
  session: Session,
  { host, task, timeout = 40 }: ApiTrialContext,
): Promise<string> {
  const place = `LAVA's API on ${trial.host}:${trial.port}`;
  const fail = (message: string, hint?: string): never => {
    throw new HostError('failed', 'not-proved', message, { host, task, hint });
  };
  const untrusted = await tlsTrouble(trial, session);
  if (untrusted) return fail(untrusted.message, untrusted.hint);
  const page = await askHttp(session, question(trial, timeout));
  if ('words' in page) {
    return fail(`cannot reach ${place}: ${page.words}`, 'check that apache2 is running there');
  }
  if ('end' in page) {
    return fail(`${place} does not answer${page.end === 'too slow' ? ` within ${timeout} s` : ''}`);
  }
  const { status, said, headers } = page;
  const login = trial.token === undefined ? '' : ', which accepts the token';
  if (status === 200) return `${place}${login}`;
  const elsewhere = headers.location ?? '';
  if (/^https:/i.test(elsewhere)) return `${place}, which redirects everybody to https`;
  if (trial.token === undefined && /^\S*\/accounts\/login\//i.test(elsewhere)) {
    return `${place}, which shows nothing without a login`;
  }
  return fail(`${place} says ${said}`, HINTS[status]);
}

/**
 * Of a wrong token the REST API says 403, because a session is its first way to log in; under REQUIRE_LOGIN it sends
 * to the login page everybody whose token it does not know (lava_server/security.py, lava-server 2023.01).
 */
const UNKNOWN = 'LAVA does not know the token, or requires a login for everything (REQUIRE_LOGIN)';

const HINTS: Readonly<Record<number, string>> = {
  302: UNKNOWN,
  400: 'this name or address may be missing from ALLOWED_HOSTS: allowed_hosts of the module lava_server',
  401: UNKNOWN,
  403: UNKNOWN,
  404: 'another site of the web server answers there',
  500: 'the database may be down: see /var/log/lava-server/django.log on the master',
  503: 'gunicorn may not be running: systemctl status lava-server-gunicorn on the master',
};

/** The token goes to nobody whose certificate the host does not take. */
async function tlsTrouble(
  { host, port, name }: LavaApiTrial,
  session: Session,
): Promise<CertificateTrouble | undefined> {
  if (name === undefined) return undefined;
  const place = { host, port, name };
  const shown = parseShown(await session.runBeside(certificateProbe(place)));
  const trouble = certificateTrouble(shown, place);
  if (trouble || shown.certificate) return trouble;
  return {
    message: `cannot verify the certificate of ${name} at ${host}:${port}: ${shown.silence ?? 'none is shown'}`,
    hint: 'check that apache2 is running there',
  };
}

function question({ host, port, name, token }: LavaApiTrial, seconds: number): HttpRequest {
  const isUsual = port === (name === undefined ? 80 : 443);
  return {
    ...{ host, port, seconds, most: 0, target: '/api/v0.2/workers/?limit=1' },
    isSecure: name !== undefined,
    headers: {
      Host: `${bracketed(name ?? host)}${isUsual ? '' : `:${port}`}`,
      ...(token !== undefined && { Authorization: `Token ${token}` }),
    },
  };
}
