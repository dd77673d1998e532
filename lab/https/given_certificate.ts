import { bracketed, Refused, type Warning } from '../../engine/sdk.ts';
import { type Certificate, certificatesIn, dayOf } from './certificates.ts';

/** A certificate that somebody else has made, as it stands in the inventory. */
export interface Given {
  readonly certificate: string;
  readonly key: string;
  readonly ca?: string | undefined;
}

/** What it has to be good for. */
interface Purpose {
  /** By which the master is called. */
  readonly name: string;
  /** The master's own clock, in seconds since the epoch. */
  readonly now: number;
}

/** Days before its end from which a certificate is spoken of. */
export const SOON_DAYS = 30;

const DAY = 86_400;

/** Refuses a certificate with which nobody could talk to the master, before anything is touched. */
export function refuseUnfit({ certificate, key, ca }: Given, { name, now }: Purpose): void {
  const [own, ...chain] = certificatesIn(certificate);
  if (!own) throw new Refused('lava.https.certificate holds no certificate that can be read');
  refuseOtherKey(own, chain, key);
  if (own.ends <= now) {
    throw new Refused(
      `lava.https.certificate expired on ${dayOf(own.ends)}`,
      'replace it with a renewed one',
    );
  }
  if (own.begins > now) {
    throw new Refused(
      `lava.https.certificate is not valid before ${dayOf(own.begins)}`,
      `it is ${dayOf(now)} by the clock of the master`,
    );
  }
  if (!own.covers(name)) {
    throw new Refused(
      `lava.https.certificate is for ${namesOf(own)}, and the master is called ${name}`,
      `set lava.master_url to the name in the certificate: https://${bracketed(own.names[0] ?? 'NAME')}/`,
    );
  }
  if (own.weakness !== undefined) {
    throw new Refused(
      `lava.https.certificate has a weak key, ${own.weakness}, which apache2 does not serve`,
      'make a new key of 2048 bits or more, or an elliptic one',
    );
  }
  refuseOtherAuthority(own, chain, ca);
}

function refuseOtherKey(own: Certificate, chain: readonly Certificate[], key: string): void {
  if (isFitting(own, key)) return;
  throw new Refused(
    'lava.https.key is not the key of lava.https.certificate',
    chain.some((each) => isFitting(each, key))
      ? "the master's own certificate comes first, then its chain"
      : 'each certificate is made for one key: look for the pair',
  );
}

function isFitting(certificate: Certificate, key: string): boolean {
  try {
    return certificate.fits(key);
  } catch {
    throw new Refused(
      'lava.https.key cannot be read',
      'a key with a passphrase is of no use to a web server: openssl pkey -in KEY -out PLAIN',
    );
  }
}

function refuseOtherAuthority(
  own: Certificate,
  chain: readonly Certificate[],
  ca: string | undefined,
): void {
  if (ca === undefined) return;
  const [authority] = certificatesIn(ca);
  if (!authority) throw new Refused('lava.https.ca holds no certificate that can be read');
  const last = lastTowards(authority, own, chain);
  if (last.equals(authority) || last.isSignedBy(authority)) return;
  throw new Refused(
    `lava.https.certificate does not lead to lava.https.ca, ${authority.subject}`,
    `${last.equals(own) ? 'it' : 'its chain'} ends with one signed by ${last.issuer}: append the certificates in between, or give that authority as ca`,
  );
}

/** Where a chain ends that begins with a certificate, each signed by the next, whatever their order. */
function lastTowards(
  authority: Certificate,
  own: Certificate,
  chain: readonly Certificate[],
): Certificate {
  let last = own;
  const rest = [...chain];
  while (!last.isSignedBy(authority)) {
    const next = rest.findIndex((each) => last.isSignedBy(each));
    if (next === -1) break;
    [last = own] = rest.splice(next, 1);
  }
  return last;
}

/** That the certificate soon runs out. */
export function endingSoon({ certificate }: Given, now: number): readonly Warning[] {
  const [own] = certificatesIn(certificate);
  const days = own ? Math.floor((own.ends - now) / DAY) : SOON_DAYS;
  if (!own || days >= SOON_DAYS) return [];
  return [
    {
      message: `lava.https.certificate expires on ${dayOf(own.ends)}, in ${days} days`,
      hint: 'replace it with a renewed one, and apply',
    },
  ];
}

function namesOf({ names }: Certificate): string {
  return names.length > 0 ? names.join(', ') : 'no name';
}
