import { bracketed, quote } from '../../engine/sdk.ts';
import { type Certificate, certificatesIn, dayOf } from './certificates.ts';

/** Where a certificate is shown, and by which name it is asked for. */
export interface TlsPlace {
  readonly host: string;
  readonly port: number;
  /** As it stands in the URL. */
  readonly name: string;
}

/** A certificate as a host sees it; `refusal` is the code by which the host's OpenSSL does not take it, and its words. */
export interface Shown {
  /** The host's clock, in seconds since the epoch. */
  readonly now: number;
  readonly certificate: Certificate | undefined;
  readonly refusal: { readonly code: number; readonly words: string } | undefined;
  /** Why no certificate is shown at all. */
  readonly silence: string | undefined;
}

/** Why a certificate is no good, and what to do. */
export interface CertificateTrouble {
  readonly message: string;
  readonly hint: string;
}

/**
 * Shell by which a host looks at the certificate of a server, and judges it by the authorities that it trusts.
 *
 * It goes by Python's defaults, as lava-worker and the heartbeat do: what they take it takes, and nothing else.
 */
export function certificateProbe({ host, port, name }: TlsPlace): string {
  return `/usr/bin/python3 -I - ${[host, String(port), name].map(quote).join(' ')} <<'LAVA_PLAY_TLS' 2>/dev/null || echo 'silent no Python'
${PROGRAM}LAVA_PLAY_TLS`;
}

const PROGRAM = `import socket, ssl, sys, time
host, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print("now", int(time.time()))
def shake(context):
    with socket.create_connection((host, port), 15) as plain:
        with context.wrap_socket(plain, server_hostname=name) as secure:
            return secure.getpeercert(True)
def line(error):
    return " ".join(str(error).split())
try:
    try:
        shown = shake(ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        print("refused", error.verify_code, line(error.verify_message))
        blind = ssl.create_default_context()
        blind.check_hostname = False
        blind.verify_mode = ssl.CERT_NONE
        shown = shake(blind)
    print(ssl.DER_cert_to_PEM_cert(shown))
except OSError as error:
    print("silent", line(getattr(error, "reason", None) or error.strerror or error))
`;

/** Reads what `certificateProbe` printed. */
export function parseShown(output: string): Shown {
  const [, code, words = ''] = /^refused (\d+) (.*)$/m.exec(output) ?? [];
  return {
    now: Number(/^now (\d+)$/m.exec(output)?.[1] ?? 0),
    certificate: certificatesIn(output)[0],
    refusal: code === undefined ? undefined : { code: Number(code), words },
    silence: /^silent (.*)$/m.exec(output)?.[1],
  };
}

/** X509_V_ERR_… of OpenSSL 3 (x509_vfy.h). */
const CODES = {
  notYet: 9,
  expired: 10,
  untrusted: [2, 18, 19, 20, 21, 27],
  otherName: [62, 64],
  notPermitted: [47, 51],
} as const;

/** Why the host does not take what is shown there; undefined when it does, or nothing is shown. */
export function certificateTrouble(
  { now, certificate, refusal }: Shown,
  { name }: TlsPlace,
): CertificateTrouble | undefined {
  if (!refusal) return undefined;
  const { code, words } = refusal;
  const is = (codes: readonly number[]): boolean => codes.includes(code);
  if (code === CODES.expired && certificate && certificate.ends <= now) {
    return {
      message: `the certificate of ${name} expired on ${dayOf(certificate.ends)}`,
      hint: 'apply to the master; if the certificate is not issued by the lab itself, renew it first',
    };
  }
  if (code === CODES.notYet && certificate) {
    return {
      message: `the certificate of ${name} is not valid before ${dayOf(certificate.begins)}, and the clock of this host says ${dayOf(now)}`,
      hint: 'look at the clocks of both: timedatectl',
    };
  }
  if (is(CODES.otherName) || (certificate && !certificate.covers(name))) {
    return {
      message: `the certificate that answers for ${name} is another's: it is for ${certificate?.names.join(', ') || 'no name'}`,
      hint: 'another server may answer there; else lava.master_url has a name that the certificate lacks',
    };
  }
  if (is(CODES.untrusted)) {
    return {
      message: `this host does not trust the certificate of ${name}, which is signed by ${certificate?.issuer ?? 'somebody'}`,
      hint: 'its chain may be missing in lava.https.certificate; an authority that Debian does not know belongs in lava.https.ca; that of the lab itself is installed by an apply to this host',
    };
  }
  return {
    message: `this host does not accept the certificate of ${name}: ${words}`,
    hint: is(CODES.notPermitted)
      ? 'its authority may not sign for this name: apply to the master, then to this host'
      : `openssl s_client -connect ${bracketed(name)}:443 shows it`,
  };
}
