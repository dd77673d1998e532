import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What stands at one path of an embedded host. */
export interface Entry {
  readonly kind: 'file' | 'directory' | 'symlink';
  /** Octal with four digits. */
  readonly mode: string;
  /** `user:group`. */
  readonly owner: string;
  /** The text of a file, the target of a link. */
  readonly text: string;
  /** Changes whenever somebody writes, makes or renames it, even with the same text. */
  readonly trace: string;
}

/** All paths of a host, as it sees them itself. */
export type Listing = ReadonlyMap<string, Entry>;

/** Lists everything below the folder that stands for `/`. */
export function listRoot(root: string): Listing {
  const listing = new Map<string, Entry>();
  const owners = join(dirname(root), 'owners');

  function visit(path: string): void {
    const full = join(root, path);
    const stat = lstatSync(full);
    const kind = stat.isSymbolicLink() ? 'symlink' : stat.isDirectory() ? 'directory' : 'file';
    const note = join(owners, String(stat.ino));
    listing.set(path, {
      kind,
      mode: (stat.mode & 0o7777).toString(8).padStart(4, '0'),
      owner: kind === 'symlink' || !existsSync(note) ? 'root:root' : ownerIn(note),
      text: textAt(full, kind),
      trace: `${stat.ino} ${stat.mtimeMs} ${stat.ctimeMs}`,
    });
    if (kind !== 'directory') return;
    for (const name of readdirSync(full)) visit(join(path, name));
  }

  visit('/');
  return listing;
}

/** Nobody gives a link an owner, but it may have the number of a file that is gone, and that had one. */
function ownerIn(note: string): string {
  return readFileSync(note, 'utf8').trim().replace(' ', ':');
}

function textAt(path: string, kind: Entry['kind']): string {
  if (kind === 'symlink') return readlinkSync(path);
  return kind === 'file' ? readFileSync(path, 'utf8') : '';
}

/** One number for a whole listing, traces included. */
export function hashOf(listing: Listing): string {
  return createHash('sha256')
    .update(JSON.stringify([...listing]))
    .digest('hex');
}

/** The engine's own folder and lock, which are no part of what a lab is made of. */
function isOwn(path: string): boolean {
  return /^\/(var\/lib\/lava-play|run\/lava-play\.lock)/.test(path);
}

/** Paths whose kind, text, mode or owner differ, in alphabetical order. */
export function changedPaths(before: Listing, after: Listing): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths]
    .filter((path) => !isOwn(path) && contentOf(before.get(path)) !== contentOf(after.get(path)))
    .sort();
}

function contentOf(entry: Entry | undefined): string {
  return entry ? JSON.stringify({ ...entry, trace: undefined }) : 'missing';
}
