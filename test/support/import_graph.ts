import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

/** What each file imports: paths from the project's folder for files of it, the bare name for all else. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

const FROM = /^(?:import|export)\s+(?:type\s+)?[\w\s{},*$]+\sfrom\s+'([^']+)'/gm;
const BARE = /^import\s+'([^']+)'/gm;
const CALL = /\bimport\(\s*'([^']+)'\s*\)/g;

/** What a file imports, types too: by the words alone, since a wall holds for what a compiler would leave out as well. */
export function importsOf(file: string, text: string): readonly string[] {
  const named = [FROM, BARE, CALL].flatMap((words) =>
    [...text.matchAll(words)].map(([, name = '']) => name),
  );
  return [...new Set(named)].map((name) =>
    name.startsWith('.') ? posix.join(dirname(file), name) : name,
  );
}

/** The texts of all TypeScript files of some folders or files, by their paths from the project's folder. */
export function sourcesOf(root: string, entries: readonly string[]): ReadonlyMap<string, string> {
  const files = entries.flatMap((entry) =>
    entry.endsWith('.ts')
      ? [entry]
      : readdirSync(join(root, entry), { recursive: true, withFileTypes: true })
          .filter((found) => found.isFile() && found.name.endsWith('.ts'))
          .map(({ parentPath, name }) => posix.relative(root, join(parentPath, name))),
  );
  return new Map(files.sort().map((file) => [file, readFileSync(join(root, file), 'utf8')]));
}

/** The import graph of texts by their paths. */
export function graphOf(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
}

/** The same graph with each file replaced by the folder in which it lies. */
export function foldersOf(graph: ImportGraph): ImportGraph {
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const folder = dirname(file);
    const known = folders.get(folder) ?? new Set();
    folders.set(folder, known);
    for (const other of imports) {
      if (graph.has(other) && dirname(other) !== folder) known.add(dirname(other));
    }
  }
  return new Map([...folders].map(([folder, imports]) => [folder, [...imports]]));
}

/** One way round each circle of a graph, as `a -> b -> a`. */
export function circlesIn(graph: ImportGraph): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  function visit(node: string, path: readonly string[]): void {
    const at = path.indexOf(node);
    if (at >= 0) {
      circles.push([...path.slice(at), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) if (graph.has(next)) visit(next, [...path, node]);
    done.add(node);
  }
  for (const node of graph.keys()) visit(node, []);
  return circles;
}
