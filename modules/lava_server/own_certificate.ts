import { type Handler, type Resource, type Step, sh, type Warning } from '../../engine/sdk.ts';
import { HTTPS, type MasterTls, masterTls, type Pair } from '../../lab/https/authority.ts';
import { dayOf } from '../../lab/https/certificates.ts';
import { requestText } from './request_text.ts';

/** What the authority of the lab certifies. */
export interface Certified {
  /** Whose authority it is: the name of the master. */
  readonly master: string;
  /** Names and addresses of the master; nobody is vouched for but those. */
  readonly names: readonly string[];
  readonly onChange: readonly Handler[];
}

/** In days. A certificate is renewed by any apply in its last half year; browsers take none that is longer than 825. */
const LIFE = { authority: 7300, server: 730, renewal: 180 };
const DAY = 86_400;

/**
 * The authority of the lab and the certificate that it has made for the master.
 *
 * Both keys are made on the master and stay there. Whoever has that of the authority can be nobody but this master to
 * those who trust it, because it may sign for no other name (RFC 5280, name constraints).
 */
export function ownCertificate({ master, names, onChange }: Certified): Resource<MasterTls> {
  return {
    id: 'certificate of the lab',
    ...masterTls,
    change(now) {
      const faults = faultsOf(now, names);
      if (faults.authority === undefined && faults.server === undefined) {
        return openKeys(now);
      }
      const authority = { fault: faults.authority, pair: now.authority };
      const isMade = authority.fault !== undefined;
      return {
        before: [
          ...(isMade ? [line('authority', now.authority, faults.authority)] : []),
          line('certificate', now.server, faults.server),
        ].join(''),
        after: [
          ...(isMade
            ? [`authority: LAVA lab of ${master}, for ${LIFE.authority} days, for those names\n`]
            : []),
          `certificate: ${names.join(', ')}, for ${LIFE.server} days\n`,
        ].join(''),
        steps: [
          ...(isMade ? [makeAuthority(master, names, now.authority)] : []),
          makeCertificate(master, names),
        ],
        onChange,
      };
    },
    warnings: (now) => newNames(now, names),
  };
}

/** OpenSSL holds the name constraints of an authority against all names of a certificate, also those that it knows. */
function newNames(now: MasterTls, names: readonly string[]): readonly Warning[] {
  const more = missingNames(now, names);
  if (!now.authority.certificate || more.length === 0) return [];
  return [
    {
      message: `the authority of the lab does not cover ${more.join(', ')} yet: workers and browsers that have its old certificate reject the master, by any name, until they have the new one`,
      hint: 'apply to all workers in the same run',
    },
  ];
}

function missingNames({ authorityNames }: MasterTls, names: readonly string[]): readonly string[] {
  return names.filter((name) => !authorityNames.includes(name));
}

/** Whether the authority stays as it is; those who are to trust it can have its certificate then. */
export function isAuthorityRight(now: MasterTls, names: readonly string[]): boolean {
  return faultOfAuthority(now, names) === undefined;
}

interface Faults {
  readonly authority: string | undefined;
  readonly server: string | undefined;
}

function faultsOf(now: MasterTls, names: readonly string[]): Faults {
  const authority = faultOfAuthority(now, names);
  return { authority, server: faultOfServer(now, names, authority) };
}

function faultOfAuthority(tls: MasterTls, names: readonly string[]): string | undefined {
  const { authority, now } = tls;
  const { certificate } = authority;
  if (!certificate) return 'missing';
  if (authority.key === 'not usable') return 'its key is missing';
  if (!authority.isPair) return 'another key';
  if (certificate.ends - now < LIFE.server * DAY) return 'soon over';
  const more = missingNames(tls, names);
  return more.length > 0 ? `not for ${more.join(', ')}` : undefined;
}

function faultOfServer(
  { authority, server: { certificate, isPair }, now }: MasterTls,
  names: readonly string[],
  authorityFault: string | undefined,
): string | undefined {
  if (!certificate) return 'missing';
  if (!isPair) return 'another key';
  if (!authority.certificate || !certificate.isSignedBy(authority.certificate)) {
    return 'of another authority';
  }
  if (authorityFault !== undefined) return 'to be signed again';
  if (certificate.ends - now < LIFE.renewal * DAY) return 'soon over';
  const isSame =
    certificate.names.length === names.length && names.every((name) => certificate.covers(name));
  return isSame ? undefined : 'other names';
}

function line(what: string, { certificate }: Pair, fault: string | undefined): string {
  if (!certificate) return `${what}: ${fault}\n`;
  const whom = certificate.names.join(', ') || certificate.subject;
  return `${what}: ${whom}, until ${dayOf(certificate.ends)}: ${fault}\n`;
}

/** Nobody but root gets at the keys, as long as the folder is root's. */
function openKeys({ authority, server }: MasterTls) {
  const keys = [
    { path: HTTPS.authorityKey, ...authority },
    { path: HTTPS.key, ...server },
  ].filter(({ access }) => access !== '600 root');
  if (keys.length === 0) return undefined;
  return {
    before: keys.map(({ path, access }) => `${path}: ${access}\n`).join(''),
    after: keys.map(({ path }) => `${path}: 600 root\n`).join(''),
    steps: keys.map(({ path }) => ({
      title: `set owner and mode of ${path}`,
      script: sh`chown root:root ${path} && chmod 600 ${path}`,
    })),
  };
}

/** With the key that is there, unless there is none: who has the authority already need not be told of another. */
function makeAuthority(master: string, names: readonly string[], { key }: Pair): Step {
  return {
    title: key === 'usable' ? 'renew the authority of the lab' : 'make the authority of the lab',
    script: inScratch(master, names, [
      key === 'usable' ? sh`cp ${HTTPS.authorityKey} ca.key` : newKey('ca.key'),
      'quietly openssl req -new -config request -key ca.key -out asked',
      signed('authority', LIFE.authority, '-selfsign -keyfile ca.key'),
      sh`mv -f ca.key ${HTTPS.authorityKey}`,
      sh`mv -f signed ${HTTPS.authority}`,
      sh`printf '%s\\n' ${names} >names`,
      sh`mv -f names ${HTTPS.authorityNames}`,
    ]),
  };
}

function makeCertificate(master: string, names: readonly string[]): Step {
  return {
    title: 'make the certificate of the master',
    script: inScratch(master, names, [
      newKey('server.key'),
      'quietly openssl req -new -config request -key server.key -subj "/CN=LAVA" -out asked',
      signed('server', LIFE.server, sh`-keyfile ${HTTPS.authorityKey} -cert ${HTTPS.authority}`),
      sh`mv -f server.key ${HTTPS.key}`,
      sh`mv -f signed ${HTTPS.certificate}`,
    ]),
  };
}

function newKey(path: string): string {
  return `quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${path}`;
}

/** Good since yesterday, for hosts whose clocks are late. */
function signed(kind: 'authority' | 'server', days: number, how: string): string {
  return [
    `quietly openssl ca -batch -notext -config request -extensions ${kind} ${how} -in asked -out signed`,
    `-startdate "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d '+${days} days' +%Y%m%d%H%M%SZ)"`,
  ].join(' ');
}

/** The folder is root's alone, so nobody can put a link in the way. */
function inScratch(master: string, names: readonly string[], commands: readonly string[]): string {
  return [
    sh`cd ${HTTPS.folder} || exit 1`,
    'umask 077',
    'scratch=$(mktemp -d "$PWD/.lava-play.tmp.XXXXXX") || exit 1',
    `trap 'rm -rf "$scratch"' EXIT`,
    `trap 'exit 1' HUP INT TERM`,
    'cd "$scratch" || exit 1',
    'quietly() { said=$("$@" 2>&1) || { printf "%s\\n" "$said"; return 1; }; }',
    sh`printf %s ${requestText(master, names)} >request && : >index || exit 1`,
    ...commands.map((command) => `${command} || exit 1`),
    'sync 2>/dev/null || :',
  ].join('\n');
}
