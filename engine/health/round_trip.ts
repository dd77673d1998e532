import type { Finding } from '../contract/finding.ts';
import type { HostView } from '../contract/module.ts';
import type { Session } from '../contract/transport.ts';
import { within } from '../transport/patience.ts';
import { field } from '../values/values.ts';

/** Each attempt opens and closes one connection; sshd turns away who comes when many have not logged in yet (MaxStartups). */
const ATTEMPTS = 3;

/** Seconds after which one is given up. */
const LONGEST = 5;

/** A console log written over sshfs waits for the master at each write; from here on people notice (founding document, "Latency over SSHFS"). */
const SECONDS = { note: 0.03, warning: 0.15 };

/** The master as a host reaches it over the network; nothing at the near end of a tunnel, which answers at once. */
export function masterFor({
  vars: { lava },
  address,
}: HostView): { readonly host: string; readonly port: number } | undefined {
  const host = field(lava, 'master');
  const port = field(lava, 'master_ssh_port');
  if (typeof host !== 'string' || typeof port !== 'number') return undefined;
  return host === address || /^(127\.|::1$|localhost$)/.test(host) ? undefined : { host, port };
}

/**
 * Seconds from the host to another and back, measured without any program on either: a connection that the host
 * makes to itself takes the way from here to the host alone.
 */
export async function roundTrip(
  session: Session,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<number | undefined> {
  let there = Number.POSITIVE_INFINITY;
  let here = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ATTEMPTS; i += 1) {
    const took = await opening(session, host, port);
    if (took === undefined) return undefined;
    there = Math.min(there, took);
    here = Math.min(here, (await opening(session, '127.0.0.1', port)) ?? took);
  }
  return Math.max(0, there - here);
}

/** What a long way to the master means. */
export function roundTripFindings(seconds: number, address: string): readonly Finding[] {
  if (seconds < SECONDS.note) return [];
  const milliseconds = Math.round(seconds * 1000);
  return [
    {
      severity: seconds < SECONDS.warning ? 'note' : 'warning',
      what: 'the way to the master is long: console logs and files on its share come late',
      evidence: `${milliseconds} ms to ${address} and back`,
      fix: 'use a nearer network, or layout: debian, whose workers send their logs over HTTP',
      subject: 'way to the master',
    },
  ];
}

/** A refusal takes as long as a success; who does not answer at all is not waited for. */
async function opening(session: Session, host: string, port: number): Promise<number | undefined> {
  const began = performance.now();
  let isRefused = false;
  const attempt = session.openTcp(host, port).then(
    (stream) => void stream.destroy(),
    () => {
      isRefused = true;
    },
  );
  if (!(await within(LONGEST * 1000, attempt))) return undefined;
  return isRefused && host !== '127.0.0.1' ? undefined : (performance.now() - began) / 1000;
}
