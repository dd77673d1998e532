import { HostError } from '../contract/errors.ts';
import type { Session } from '../contract/transport.ts';
import type { HttpProxyTrial } from '../contract/trial.ts';
import { askHttp, type Page } from './http.ts';

/** Who makes the trial, and how long it may take in all. */
interface ProxyTrialContext {
  readonly host: string;
  readonly task?: string;
  /** Seconds; 20 unless set, because the proxy may have to look up a name first. */
  readonly timeout?: number;
}

/**
 * Asks an HTTP proxy for a page over a connection that the host makes, and says in words what was proved.
 *
 * A proxy that turns the host away says so itself: 407, or 403 with `X-Squid-Error: ERR_ACCESS_DENIED`
 * (squid 5.7). Any other answer means that the host was let in, also where the page's server is down.
 */
export async function tryHttpProxy(
  trial: HttpProxyTrial,
  session: Session,
  { host, task, timeout = 20 }: ProxyTrialContext,
): Promise<string> {
  const place = `the proxy ${trial.host}:${trial.port}`;
  const fail = (message: string, hint?: string): never => {
    throw new HostError('failed', 'not-proved', message, { host, task, hint });
  };
  const { hostname } = new URL(trial.url);
  const page = await askHttp(session, {
    ...{ host: trial.host, port: trial.port, seconds: timeout, most: 0 },
    ...{ target: trial.url, headers: { Host: hostname } },
  });
  if ('words' in page) {
    return fail(
      `cannot reach ${place}: ${page.words}`,
      'squid may not be running there, may listen on another port, or a firewall may block it',
    );
  }
  if ('end' in page && page.end === 'too slow') {
    return fail(
      `${place} did not answer within ${timeout} s when asked for ${trial.url}`,
      `check whether ${hostname} answers, since the proxy may be waiting for it, and then the proxy itself`,
    );
  }
  if ('end' in page) {
    return fail(`${place} does not answer like a proxy`, 'check that a proxy listens there');
  }
  const answer = readAnswer(page);
  if (answer.isTurnedAway) {
    if (trial.expect === 'turned away') return `${place} rejects hosts outside the lab`;
    return fail(
      `${place} rejects this host: ${page.said}`,
      'its address must be among the clients of the proxy: apply to the proxy host',
    );
  }
  if (trial.expect === 'turned away') {
    return fail(
      `${place} accepts everybody: to a host that is not one of its clients it answered ${page.said}`,
      'look for http_access allow lines in squid.conf and the files that it includes',
    );
  }
  return answer.trouble === undefined
    ? `${trial.url} through ${place}: ${page.said}`
    : `${place} accepts this host, but for ${trial.url} it says ${answer.trouble}`;
}

interface Answer {
  readonly isTurnedAway: boolean;
  /** Why the proxy itself could not give the page. */
  readonly trouble: string | undefined;
}

function readAnswer({ status, headers }: Page): Answer {
  const [trouble] = /^\S+/.exec(headers['x-squid-error'] ?? '') ?? [];
  const isTurnedAway = status === 407 || (status === 403 && trouble === 'ERR_ACCESS_DENIED');
  return { isTurnedAway, trouble };
}
