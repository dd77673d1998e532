import { Refused, type Warning } from '../../engine/sdk.ts';
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
      `set lava.master_url to the name in the certificate: https://${own.names[0] ?? 'NAME'}/`,
    );
  }
  refuseOtherAuthority([own, ...chain], ca);
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

function refuseOtherAuthority(shown: readonly Certificate[], ca: string | undefined): void {
  if (ca === undefined) return;
  const [authority] = certificatesIn(ca);
  if (!authority) throw new Refused('lava.https.ca holds no certificate that can be read');
  const last = shown.at(-1);
  if (shown.some((each) => each.isSignedBy(authority))) return;
  throw new Refused(
    `lava.https.ca, ${authority.subject}, has signed no part of lava.https.certificate`,
    `its last part is signed by ${last?.issuer}: append the certificates in between, or give that authority as ca`,
  );
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
