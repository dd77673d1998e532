import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import type { Connection } from '../contract/transport.ts';
import { fingerprint } from './host_key.ts';

/** A private key that can be offered to a host. */
interface Identity {
  readonly file: string;
  readonly key: ParsedKey;
}

/** Why a key file cannot be used. */
interface IdentityProblem {
  readonly code:
    | 'identity-missing'
    | 'identity-unreadable'
    | 'identity-needs-passphrase'
    | 'identity-wrong-passphrase'
    | 'identity-invalid';
  readonly message: string;
}

/** The keys at hand for a connection, and what stands in the way of others. */
export interface Identities {
  readonly keys: readonly Identity[];
  readonly problems: readonly IdentityProblem[];
  readonly lookedFor: readonly string[];
}

const usualNames = ['id_ed25519', 'id_ecdsa', 'id_rsa'] as const;

type Loaded = { readonly identity: Identity } | { readonly problem: IdentityProblem };

/** Decrypting a key is slow on purpose, and all hosts of a run mostly share one. */
const cache = new Map<string, Promise<Loaded>>();

/** Loads the private key files of a connection, or the usual ones when it names none. */
export async function loadIdentities(connection: Connection): Promise<Identities> {
  const { identityFiles, passphrase } = connection;
  const given = identityFiles.length > 0;
  const files = given ? identityFiles : usualNames.map((name) => join(homedir(), '.ssh', name));
  const loaded = await Promise.all(files.map((file) => load(file, passphrase)));
  return {
    keys: loaded.flatMap((one) => ('identity' in one ? [one.identity] : [])),
    problems: loaded.flatMap((one) =>
      'problem' in one && (given || one.problem.code !== 'identity-missing') ? [one.problem] : [],
    ),
    lookedFor: files,
  };
}

/** A key as error messages name it. */
export function describeKey(key: ParsedKey): string {
  return `${key.type} ${fingerprint(key.getPublicSSH())}`;
}

async function load(file: string, passphrase: string | undefined): Promise<Loaded> {
  const status = await stat(file).catch(() => undefined);
  const cacheKey = JSON.stringify([file, status?.mtimeMs, status?.size, passphrase]);
  let loaded = cache.get(cacheKey);
  if (!loaded) {
    loaded = read(file, passphrase);
    if (status) cache.set(cacheKey, loaded);
  }
  return loaded;
}

async function read(file: string, passphrase: string | undefined): Promise<Loaded> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return missing
      ? problem('identity-missing', `${file} does not exist`)
      : problem('identity-unreadable', `${file} cannot be read`);
  }
  const parsed = ssh2.utils.parseKey(text, passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) return unusable(file, key, passphrase);
  if (!isPrivate(key))
    return problem('identity-invalid', `${file} holds a public key, not a private one`);
  return { identity: { file, key } };
}

function unusable(file: string, error: Error, passphrase: string | undefined): Loaded {
  if (/no passphrase given/i.test(error.message))
    return problem('identity-needs-passphrase', `${file} is protected by a passphrase`);
  if (passphrase !== undefined && /integrity check failed|bad passphrase/i.test(error.message))
    return problem('identity-wrong-passphrase', `wrong passphrase for ${file}`);
  return problem('identity-invalid', `${file} is not a usable private key (${error.message})`);
}

function isPrivate(key: unknown): key is ParsedKey {
  return (key as ParsedKey | undefined)?.isPrivateKey() === true;
}

function problem(code: IdentityProblem['code'], message: string): Loaded {
  return { problem: { code, message } };
}
