import { createHash } from 'node:crypto';
import {
  type Dirent,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';

/** What can be said of one path of a host's disk. */
export interface FileEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Four octal digits: `0644`. */
  readonly mode: string;
  /** `user:group`, by the host's own names. */
  readonly owner: string;
  /** Of a file its text, of a symlink its target. */
  readonly sha256?: string | undefined;
}

/** Not part of a host's disk, or changed by a running system all the time. */
const passedOver: ReadonlySet<string> = new Set([
  '/proc',
  '/sys',
  '/run',
  '/dev',
  '/tmp',
  '/var/log/journal',
]);

/** The hashes of all regular files below a root, by path from that root. */
export function hashFiles(root: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  for (const { path, dirent } of walk(root)) {
    if (!dirent.isFile()) continue;
    const content = ifPresent(() => readFileSync(join(root, path)));
    if (content) hashes.set(path, sha256(content));
  }
  return hashes;
}

/** Everything below a root; files whose hash is known already are not read. */
export function listTree(
  root: string,
  hashOf: (path: string) => string | undefined,
): ReadonlyMap<string, FileEntry> {
  const users = readNames(join(root, 'etc/passwd'));
  const groups = readNames(join(root, 'etc/group'));
  const entries = new Map<string, FileEntry>();
  for (const { path } of walk(root)) {
    const stats = ifPresent(() => lstatSync(join(root, path)));
    if (!stats) continue;
    entries.set(path, {
      type: typeOf(stats),
      mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'),
      owner: `${users.get(stats.uid) ?? stats.uid}:${groups.get(stats.gid) ?? stats.gid}`,
      sha256: ifPresent(() => contentHash(join(root, path), stats, hashOf(path))),
    });
  }
  return entries;
}

function contentHash(file: string, stats: Stats, known: string | undefined): string | undefined {
  if (stats.isSymbolicLink()) return sha256(readlinkSync(file));
  if (stats.isFile()) return known ?? sha256(readFileSync(file));
  return undefined;
}

function typeOf(stats: Stats): FileEntry['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

function* walk(
  root: string,
  folder = '',
): Generator<{ readonly path: string; readonly dirent: Dirent }> {
  const dirents = ifPresent(() => readdirSync(join(root, folder), { withFileTypes: true })) ?? [];
  for (const dirent of dirents) {
    const path = `${folder}/${dirent.name}`;
    if (passedOver.has(path)) continue;
    yield { path, dirent };
    if (dirent.isDirectory()) yield* walk(root, path);
  }
}

function readNames(file: string): ReadonlyMap<number, string> {
  const lines = ifPresent(() => readFileSync(file, 'utf8'))?.split('\n') ?? [];
  return new Map(
    lines.map((line) => {
      const [name = '', , id] = line.split(':');
      return [Number(id), name];
    }),
  );
}

/** A running host may remove a file between two looks at it. */
function ifPresent<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
