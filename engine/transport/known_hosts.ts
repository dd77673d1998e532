import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { nameInKnownHosts } from '../values/address.ts';

/** One line of a known_hosts file. */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'none' | 'revoked' | 'cert-authority';
  readonly patterns: string;
  readonly type: string;
  readonly key: Buffer;
}

interface CachedFile {
  readonly modified: number;
  readonly size: number;
  readonly entries: readonly KnownHost[];
}

const cache = new Map<string, CachedFile>();

/** Reads known_hosts files; one that does not exist knows no host. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  return (await Promise.all(files.map(readCached))).flat();
}

async function readCached(file: string): Promise<readonly KnownHost[]> {
  const status = await stat(file).catch(() => undefined);
  if (!status?.isFile()) return [];
  const cached = cache.get(file);
  if (cached && cached.modified === status.mtimeMs && cached.size === status.size)
    return cached.entries;
  const text = await readFile(file, 'utf8').catch(() => '');
  const entries = parseKnownHosts(text, file);
  cache.set(file, { modified: status.mtimeMs, size: status.size, entries });
  return entries;
}

/**
 * Reads the text of a known_hosts file; lines that make no sense are passed over, as OpenSSH does.
 *
 * The format is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT".
 */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = content.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fields = line.split(/\s+/);
    const marker = markerOf(fields[0] ?? '');
    if (marker === undefined) continue;
    const [patterns, type, encoded] = marker === 'none' ? fields : fields.slice(1);
    if (patterns === undefined || type === undefined || encoded === undefined) continue;
    const key = Buffer.from(encoded, 'base64');
    if (keyType(key) !== type) continue;
    entries.push({ file, line: index + 1, marker, patterns, type, key });
  }
  return entries;
}

/** The name under which OpenSSH files a host's key: the address, with the port when it is not 22. */
export function knownHostName(address: string, port: number): string {
  return nameInKnownHosts(address.toLowerCase(), port);
}

/** The lines that speak of a host by this name. */
export function entriesFor(entries: readonly KnownHost[], name: string): readonly KnownHost[] {
  return entries.filter(({ patterns }) => matchesHost(patterns, name));
}

/** Whether a known_hosts pattern list (names, wildcards, negations, or one hashed name) means a host. */
export function matchesHost(patterns: string, name: string): boolean {
  if (patterns.startsWith('|1|')) return matchesHashed(patterns, name);
  let matches = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!matchesWildcard(negated ? pattern.slice(1) : pattern, name)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

/** The type that a public key in SSH wire format names itself, such as `ssh-ed25519`. */
export function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  if (length === 0 || length > 100 || key.length <= 4 + length) return undefined;
  return key.toString('latin1', 4, 4 + length);
}

function markerOf(field: string): KnownHost['marker'] | undefined {
  if (field === '@revoked') return 'revoked';
  if (field === '@cert-authority') return 'cert-authority';
  return field.startsWith('@') ? undefined : 'none';
}

function matchesHashed(hashed: string, name: string): boolean {
  const [, , salt, hash] = hashed.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** Iterative: a pattern of many stars must not take exponential time. */
function matchesWildcard(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let starName = 0;
  while (n < name.length) {
    const wanted = pattern[p];
    if (wanted === '*') {
      star = p;
      starName = n;
      p += 1;
    } else if (wanted !== undefined && (wanted === '?' || wanted === name[n])) {
      p += 1;
      n += 1;
    } else if (star >= 0) {
      p = star + 1;
      starName += 1;
      n = starName;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
