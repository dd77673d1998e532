import { type Fact, type LabFact, sh } from '../../engine/sdk.ts';
import { type Certificate, certificatesIn } from './certificates.ts';

/** Where the master has its certificate, and the authority of the lab that has made it; root's alone. */
export const HTTPS = {
  folder: '/etc/lava-play/https',
  authorityKey: '/etc/lava-play/https/ca.key',
  authority: '/etc/lava-play/https/ca.crt',
  /** For which names the authority may sign, one a line. */
  authorityNames: '/etc/lava-play/https/ca.names',
  key: '/etc/lava-play/https/server.key',
  certificate: '/etc/lava-play/https/server.crt',
} as const;

/** A private key and its certificate as they lie on the master. */
export interface Pair {
  readonly certificate: Certificate | undefined;
  /** The certificate's text, for those who are to trust it. */
  readonly text: string;
  /** Mode and owner of the key, such as `600 root`; '' for none. */
  readonly access: string;
  /** Whether the key can be used. */
  readonly key: 'usable' | 'not usable';
  /** Whether the certificate is made for it. */
  readonly isPair: boolean;
}

/** What the master has of https. */
export interface MasterTls {
  /** Its clock, in seconds since the epoch. */
  readonly now: number;
  readonly authority: Pair;
  readonly server: Pair;
  readonly authorityNames: readonly string[];
}

/** Public halves only; nothing where openssl is not there to ask. */
export const masterTls: Fact<MasterTls> = {
  probe: [
    'echo "== now"; date +%s',
    sh`cd ${HTTPS.folder} 2>/dev/null || exit 0`,
    'for f in ca server; do',
    `  echo "== $f.access"; stat -c '%a %U' "$f.key" 2>/dev/null`,
    '  echo "== $f.key"; openssl pkey -in "$f.key" -passin pass: -pubout 2>/dev/null',
    '  echo "== $f.crt"; head -c 100000 "$f.crt" 2>/dev/null',
    'done',
    'echo "== names"; head -c 100000 ca.names 2>/dev/null',
    ':',
  ].join('\n'),
  parse(output) {
    const parts = new Map(
      `\n${output}`
        .split('\n== ')
        .slice(1)
        .map((part) => {
          const [name = '', ...lines] = part.split('\n');
          return [name, lines.join('\n').trim()];
        }),
    );
    const of = (name: string): string => parts.get(name) ?? '';
    const pair = (name: string): Pair => {
      const [certificate] = certificatesIn(of(`${name}.crt`));
      const key = of(`${name}.key`);
      return {
        certificate,
        text: `${of(`${name}.crt`)}\n`,
        access: of(`${name}.access`),
        key: key === '' ? 'not usable' : 'usable',
        isPair: certificate !== undefined && key !== '' && certificate.fits(key),
      };
    };
    return {
      now: Number(of('now')),
      ...{ authority: pair('ca'), server: pair('server') },
      authorityNames: of('names')
        .split('\n')
        .filter((name) => name !== ''),
    };
  },
};

/** The certificate of the lab's own authority, as the master has it; '' for none. */
export const authorityOfLab: LabFact<string> = {
  of: 'master',
  probe: sh`head -c 100000 ${HTTPS.authority} 2>/dev/null || :`,
  parse: (output) => (certificatesIn(output).length === 1 ? `${output.trim()}\n` : ''),
};
