import { type Dirent, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What lies in some folders, by the path from the project's folder. */
export interface SourceTree {
  /** The text of each TypeScript file. */
  readonly sources: ReadonlyMap<string, string>;
  /** All else; a link is one, whatever it leads to. */
  readonly others: ReadonlyMap<string, 'folder' | 'file' | 'link'>;
}

/** Reads folders and files of the project's folder; it follows no link. */
export function readTree(root: string, entries: readonly string[]): SourceTree {
  const sources = new Map<string, string>();
  const others = new Map<string, 'folder' | 'file' | 'link'>();
  function visit(entry: Dirent, path: string): void {
    if (entry.isDirectory()) {
      others.set(path, 'folder');
      for (const child of entriesOf(join(root, path))) visit(child, `${path}/${child.name}`);
    } else if (entry.isFile() && path.endsWith('.ts')) {
      sources.set(path, readFileSync(join(root, path), 'utf8'));
    } else {
      others.set(path, entry.isSymbolicLink() ? 'link' : 'file');
    }
  }
  for (const entry of entriesOf(root)) if (entries.includes(entry.name)) visit(entry, entry.name);
  return { sources, others };
}

/** Every folder of a tree, those in which its files lie among them. */
export function foldersIn({ sources, others }: SourceTree): readonly string[] {
  const folders = new Set<string>();
  function add(folder: string): void {
    if (folder === '.' || folders.has(folder)) return;
    folders.add(folder);
    add(dirname(folder));
  }
  for (const [path, kind] of others) add(kind === 'folder' ? path : dirname(path));
  for (const file of sources.keys()) add(dirname(file));
  return [...folders];
}

function entriesOf(folder: string): readonly Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}
