import { dirname, posix } from 'node:path';
import { parseAst } from 'vitest/node';

/** What each file imports: paths from the project's folder for files of it, the bare name for all else. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** What a text says that it imports, and what loads something without saying what. */
interface Reading {
  readonly names: readonly string[];
  readonly hidden: readonly string[];
  /** The names from which it exports again. */
  readonly passedOn: readonly string[];
}

/** A node of the syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Where a node that imports has the name of what it imports. */
const NAMED_BY: Readonly<Record<string, string>> = {
  ImportDeclaration: 'source',
  ExportAllDeclaration: 'source',
  ExportNamedDeclaration: 'source',
  ImportExpression: 'source',
  TSImportType: 'source',
  TSExternalModuleReference: 'expression',
  TSModuleDeclaration: 'id',
};

/** What can load code by a name that it makes up; `require` besides, where it is called. */
const LOADERS = ['createRequire', 'getBuiltinModule', 'eval', 'Function'];

/** How a comment imports. */
const IN_COMMENT = /\/\/\/\s*<reference\b|@import\b|\bimport\s*\(\s*['"`]/g;

/** Many tests read the same files. */
const readings = new Map<string, Reading>();

/** What a file imports, types too, since a wall holds for what a compiler would leave out as well. */
export function importsOf(file: string, text: string): readonly string[] {
  return readingOf(text).names.map((name) =>
    name.startsWith('.') ? posix.join(dirname(file), name) : name,
  );
}

/** What in a text loads something that no graph can show: an import of what is not a plain literal, `require` and its like, comments. */
export function hiddenImports(text: string): readonly string[] {
  return readingOf(text).hidden;
}

/** From where a text exports what it does not make itself: `export … from`. */
export function passedOnBy(text: string): readonly string[] {
  return readingOf(text).passedOn;
}

/** The import graph of texts by their paths. */
export function graphOf(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
}

/** The same graph with each file replaced by the folder in which it lies, at most so many folders deep. */
export function foldersOf(graph: ImportGraph, depth: number): ImportGraph {
  const folderOf = (file: string): string => dirname(file).split('/').slice(0, depth).join('/');
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    const folder = folderOf(file);
    const known = folders.get(folder) ?? new Set();
    folders.set(folder, known);
    for (const other of imports) {
      if (graph.has(other) && folderOf(other) !== folder) known.add(folderOf(other));
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

function readingOf(text: string): Reading {
  const known = readings.get(text) ?? read(text);
  readings.set(text, known);
  return known;
}

function read(text: string): Reading {
  const names = new Set<string>();
  const hidden: string[] = [];
  const passedOn: string[] = [];
  const seen: (readonly [start: number, end: number])[] = [];
  for (const node of nodesOf(parseAst(text, { lang: 'ts' }))) {
    const { type, start, end } = node;
    const isCall = type === 'ImportExpression' || type === 'TSImportType';
    const named = node[NAMED_BY[type] ?? ''];
    if (isNode(named) && typeof named.value === 'string') names.add(named.value);
    else if (isCall) hidden.push(text.slice(start, end));
    if (type.startsWith('Export') && isNode(named)) passedOn.push(String(named.value));
    if (type === 'TSModuleDeclaration' && node.kind === 'global') hidden.push('declare global');
    const word = wordOf(node);
    if (LOADERS.includes(word)) hidden.push(word);
    if (type === 'CallExpression' && callsRequire(node.callee)) hidden.push('require');
    if (isCall) seen.push([start, start + 'import'.length]);
    if (type === 'Literal' || type === 'TemplateElement') seen.push([start, end]);
  }
  for (const { index, 0: words } of text.matchAll(IN_COMMENT)) {
    if (!seen.some(([start, end]) => start <= index && index < end)) hidden.push(words);
  }
  return { names: [...names], hidden, passedOn };
}

function callsRequire(callee: unknown): boolean {
  if (!isNode(callee)) return false;
  return wordOf(callee) === 'require' || callsRequire(callee.property);
}

/** The one word that an identifier or a literal is. */
function wordOf({ type, name, value }: Node): string {
  if (type === 'Identifier') return String(name);
  if (type === 'TemplateElement') return (value as { readonly raw: string }).raw;
  return type === 'Literal' ? String(value) : '';
}

function nodesOf(tree: unknown): readonly Node[] {
  const nodes: Node[] = [];
  function visit(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (isNode(value)) nodes.push(value);
    for (const child of Object.values(value)) visit(child);
  }
  visit(tree);
  return nodes;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}
