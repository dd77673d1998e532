import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { bracketed, unbracketed } from '../../engine/sdk.ts';

/** A certificate as far as anybody here has to know it. */
export interface Certificate {
  /** Names and addresses that it is for. */
  readonly names: readonly string[];
  readonly issuer: string;
  readonly subject: string;
  /** Seconds since the epoch. */
  readonly begins: number;
  readonly ends: number;
  /** Whether it is for this name or address. */
  covers(name: string): boolean;
  /** Why OpenSSL of Debian serves no certificate with this key (security level 2); undefined where it does. */
  readonly weakness: string | undefined;
  /** Whether it is this very one. */
  equals(other: Certificate): boolean;
  /** Whether it is signed by another one. */
  isSignedBy(authority: Certificate): boolean;
  /** Whether a private key in PEM, or its public half, is its own; throws for what is no key. */
  fits(key: string): boolean;
}

const known = new WeakMap<Certificate, X509Certificate>();

/** The certificates of a text in their order; a part that is none is left out. */
export function certificatesIn(text: string): readonly Certificate[] {
  const parts = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return parts.flatMap((part) => {
    const x509 = readCertificate(part);
    return x509 ? [described(x509)] : [];
  });
}

function readCertificate(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}

function described(x509: X509Certificate): Certificate {
  const certificate: Certificate = {
    names: (x509.subjectAltName ?? '')
      .split(', ')
      .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
      .map(asWritten),
    issuer: oneLine(x509.issuer),
    subject: oneLine(x509.subject),
    begins: Date.parse(x509.validFrom) / 1000,
    ends: Date.parse(x509.validTo) / 1000,
    covers: (name) =>
      isAddress(name)
        ? x509.checkIP(name) !== undefined
        : x509.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined,
    weakness: weaknessOf(x509.publicKey),
    equals: (other) => known.get(other)?.raw.equals(x509.raw) === true,
    isSignedBy(authority) {
      const other = known.get(authority);
      return other !== undefined && x509.checkIssued(other) && x509.verify(other.publicKey);
    },
    fits: (key) => isOwn(x509, key),
  };
  known.set(certificate, x509);
  return certificate;
}

function isOwn(x509: X509Certificate, key: string): boolean {
  if (key.includes('PRIVATE KEY')) return x509.checkPrivateKey(createPrivateKey(key));
  return exported(x509.publicKey) === key.trim();
}

function weaknessOf({ asymmetricKeyType: kind, asymmetricKeyDetails: details }: KeyObject) {
  const bits = details?.modulusLength;
  return kind === 'rsa' && bits !== undefined && bits < 2048 ? `RSA of ${bits} bits` : undefined;
}

function exported(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString().trim();
}

/** An address is never a name that a DNS has. */
function isAddress(name: string): boolean {
  return name.includes(':') || /^\d+(\.\d+){3}$/.test(name);
}

/** OpenSSL writes addresses of IPv6 out: `0:0:0:0:0:0:0:1`. */
function asWritten(name: string): string {
  return isAddress(name) ? unbracketed(new URL(`http://${bracketed(name)}`).hostname) : name;
}

function oneLine(name: string): string {
  return name.split('\n').join(', ');
}

/** A day as people write it: `2026-11-26`. */
export function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
