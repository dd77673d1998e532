import { createHash } from 'node:crypto';
import type { HostCode } from '../contract/codes.ts';
import { HostError } from '../contract/errors.ts';
import type { Connection } from '../contract/transport.ts';
import {
  entriesFor,
  type KnownHost,
  keyType,
  knownHostName,
  readKnownHosts,
} from './known_hosts.ts';

/** What is known of a host's key before the connection is made. */
export interface HostKeyCheck {
  /** Host key algorithms to ask the server for, those with a known key first. */
  readonly algorithms: readonly string[];
  /** The reason to refuse an offered key; nothing when the host is who it should be. */
  refusal(offered: Buffer): HostError | undefined;
}

const defaultAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** Prepares the check of a host's key: against the pin when there is one, else known_hosts; a key revoked there is never accepted. */
export async function hostKeyCheck(connection: Connection): Promise<HostKeyCheck> {
  const { hostKey, address, port } = connection;
  const all = await readKnownHosts(connection.knownHostsFiles);
  const filed = entriesFor(all, knownHostName(address, port));
  const byName = port === 22 ? filed : entriesFor(all, knownHostName(address, 22));
  const revoked = [...filed, ...byName].filter(({ marker }) => marker === 'revoked');
  if (hostKey !== undefined) {
    const check = pinned(connection, hostKey.trim());
    const refusal = (offered: Buffer) =>
      revocation(connection, offered, revoked) ?? check.refusal(offered);
    return { ...check, refusal };
  }
  const known = [...filed, ...byName].filter(({ marker }) => marker === 'none');
  return {
    algorithms: algorithmsFor(known.map(({ type }) => type)),
    refusal: (offered) =>
      revocation(connection, offered, revoked) ?? judge(connection, offered, filed, byName),
  };
}

/** A key's fingerprint as OpenSSH prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function pinned(connection: Connection, pin: string): HostKeyCheck {
  const [first = '', encoded] = pin.split(/\s+/);
  if (first.startsWith('SHA256:'))
    return {
      algorithms: defaultAlgorithms,
      refusal: (offered) =>
        fingerprint(offered) === first.replace(/=+$/, '')
          ? undefined
          : changed(
              connection,
              offered,
              `host_key pins ${first}`,
              `when the pinned fingerprint is that of another type of key of this host, pin the whole public key instead; ${pinAnew(offered)}`,
            ),
    };
  const key = Buffer.from(encoded ?? '', 'base64');
  return {
    algorithms: algorithmsFor([first]),
    refusal: (offered) =>
      offered.equals(key)
        ? undefined
        : changed(
            connection,
            offered,
            `host_key pins ${first} ${fingerprint(key)}`,
            pinAnew(offered),
          ),
  };
}

function revocation(
  connection: Connection,
  offered: Buffer,
  revoked: readonly KnownHost[],
): HostError | undefined {
  const entry = revoked.find(({ key }) => key.equals(offered));
  if (!entry) return undefined;
  return refuse(
    connection,
    'host-key-revoked',
    `its host key ${keyType(offered)} ${fingerprint(offered)} is marked as revoked in ${place(entry)}`,
    'the key must not be trusted any more: give the host a new one',
  );
}

function judge(
  connection: Connection,
  offered: Buffer,
  filed: readonly KnownHost[],
  byName: readonly KnownHost[],
): HostError | undefined {
  const type = keyType(offered);
  const same = (entry: KnownHost) => entry.key.equals(offered);
  if (filed.some((entry) => entry.marker === 'none' && same(entry))) return undefined;
  const other = filed.find((entry) => entry.marker === 'none' && entry.type === type);
  if (other)
    return changed(
      connection,
      offered,
      `${place(other)} has ${fingerprint(other.key)}`,
      `${ifReinstalled} forget the old key (ssh-keygen -R '${knownHostName(connection.address, connection.port)}' -f ${other.file}) and connect once by hand (${sshCommand(connection)}) to accept the new one`,
    );
  if (byName.some((entry) => entry.marker === 'none' && same(entry))) return undefined;
  return unknown(connection, offered, filed);
}

/** Only somebody at the host can tell a new installation from somebody who sits between. */
const ifReinstalled =
  'if the host was reinstalled, compare the fingerprint on the host itself (cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -), then';

function pinAnew(offered: Buffer): string {
  return `${ifReinstalled} change the pin: host_key: '${fingerprint(offered)}'`;
}

function unknown(connection: Connection, offered: Buffer, filed: readonly KnownHost[]): HostError {
  const offer = `${keyType(offered)} ${fingerprint(offered)}`;
  const advice = `check the fingerprint on the host itself (cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -), then connect once by hand (${sshCommand(connection)}) or pin it: host_key: '${fingerprint(offered)}'`;
  const authority = filed.find((entry) => entry.marker === 'cert-authority');
  if (authority)
    return refuse(
      connection,
      'host-key-unknown',
      `only the certificate authority in ${place(authority)} vouches for it, but host certificates are not supported; it offers ${offer}`,
      advice,
    );
  const others = filed.filter((entry) => entry.marker === 'none');
  const stored =
    others.length > 0
      ? ` (${others.map((entry) => `${place(entry)} has a key of type ${entry.type}, which it does not offer`).join('; ')})`
      : '';
  return refuse(
    connection,
    'host-key-unknown',
    `its host key is not known; it offers ${offer}${stored}`,
    advice,
  );
}

function changed(connection: Connection, offered: Buffer, stored: string, hint: string): HostError {
  return refuse(
    connection,
    'host-key-changed',
    `its host key has changed: it offers ${keyType(offered)} ${fingerprint(offered)}, but ${stored}`,
    hint,
  );
}

function refuse(
  { name, address }: Connection,
  code: HostCode,
  reason: string,
  hint: string,
): HostError {
  const subject = name === address ? name : `${name} (${address})`;
  return new HostError('unreachable', code, `${subject}: ${reason}`, { host: name, hint });
}

function sshCommand({ user, address, port }: Connection): string {
  return `ssh ${port === 22 ? '' : `-p ${port} `}${user}@${address}`;
}

function place({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

function algorithmsFor(types: readonly string[]): readonly string[] {
  const known = new Set(
    types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type])),
  );
  const supported: readonly string[] = [...defaultAlgorithms, 'ssh-rsa'];
  const first = supported.filter((algorithm) => known.has(algorithm));
  return [...first, ...defaultAlgorithms.filter((algorithm) => !known.has(algorithm))];
}
