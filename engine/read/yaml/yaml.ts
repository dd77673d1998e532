import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Diagnostic } from '../../contract/errors.ts';
import { carryEntry, keyPlaceOf, notePlaces, noteStart, type Place } from '../../values/places.ts';
import type { FileRef } from '../../values/values.ts';
import { isKnownTag, notAKey, scalarMistake, unknownTag } from './yaml_mistakes.ts';
import { placesIn } from './yaml_places.ts';
import { meaningOf, type Tagged, type TagMeaning } from './yaml_tags.ts';
import { explainSyntaxError } from './yaml_words.ts';

/** A YAML text as plain values whose places are known; `value` is undefined where it cannot be read. */
export interface Parsed {
  readonly file: string;
  readonly value: unknown;
  readonly errors: readonly Diagnostic[];
  /** Where `!file PATH` stands. */
  readonly files: readonly FileUse[];
  /** The first line, for mistakes that are about the whole file. */
  readonly start: Place;
}

/** A `!file PATH`, whose text is still to be read. */
export interface FileUse {
  readonly ref: FileRef;
  readonly place: Place;
}

/** Values that one file may amount to once its aliases are written out; far beyond any lab. */
const EXPANDED_VALUES = 200_000;

interface Anchored {
  readonly value: unknown;
  readonly size: number;
}

/** What the walk through a document carries along. */
interface Walk {
  readonly errors: Diagnostic[];
  readonly files: FileUse[];
  readonly anchors: Map<string, Anchored | 'open'>;
  size: number;
  place(start: number, end: number): Place;
}

/**
 * Reads one YAML 1.2 document.
 *
 * Stricter than YAML: doubled keys, numbers that lose their text, unknown tags and placeholders
 * that nobody filled in are mistakes. Anchors, aliases and `<<` work as in Ansible's inventories.
 * Without excerpts no place shows its line.
 */
export function parseYaml(
  text: string,
  file: string,
  excerpts: 'shown' | 'hidden' = 'shown',
): Parsed {
  const lines = text.split(/\r?\n/);
  const lineCounter = new LineCounter();
  const shownPlace = placesIn(text, file, (offset) => lineCounter.linePos(offset));
  const hide = (place: Place): Place => (excerpts === 'shown' ? place : { ...place, text: '' });
  const walk: Walk = {
    errors: [],
    files: [],
    anchors: new Map(),
    size: 0,
    place: excerpts === 'shown' ? shownPlace : (from, to) => hide(shownPlace(from, to)),
  };
  const start = hide({ file, line: 1, column: 1, length: 1, text: lines[0] ?? '' });
  const document = readDocument(text, lineCounter);
  if (document === 'too deep') {
    const message = 'this file is nested too deeply to be read';
    const errors: Diagnostic[] = [{ code: 'yaml-too-deep', message, place: start }];
    return { file, value: undefined, errors, files: [], start };
  }
  if (document.errors.length > 0) {
    const errors = syntaxErrors(document, lines, shownPlace).map(({ place, ...error }) => ({
      ...error,
      place: place && hide(place),
    }));
    return { file, value: undefined, errors, files: [], start };
  }
  const value = convert(document.contents, walk);
  return { file, value, errors: walk.errors, files: walk.files, start };
}

function readDocument(text: string, lineCounter: LineCounter): Document.Parsed | 'too deep' {
  try {
    return parseDocument(text, {
      lineCounter,
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    });
  } catch (error) {
    if (error instanceof RangeError) return 'too deep';
    throw error;
  }
}

/** One mistake a line: what the parser says after the first is mostly its own confusion. */
function syntaxErrors(
  document: Document.Parsed,
  lines: readonly string[],
  placeAt: Walk['place'],
): readonly Diagnostic[] {
  const byLine = new Map<number, Diagnostic>();
  for (const { code, message, pos } of document.errors) {
    const place = placeAt(pos[0], pos[1]);
    if (byLine.has(place.line)) continue;
    byLine.set(place.line, explainSyntaxError({ code, message, place, lines }));
  }
  return [...byLine.values()];
}

function convert(node: unknown, walk: Walk): unknown {
  walk.size += 1;
  if (isAlias(node)) return convertAlias(node.source, placeOfNode(node, walk), walk);
  if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
  const before = walk.size;
  const name = node.anchor;
  if (name) walk.anchors.set(name, 'open');
  const value = convertNode(node, walk);
  if (name) walk.anchors.set(name, { value, size: walk.size - before });
  return value;
}

function convertNode(node: Scalar | YAMLMap | YAMLSeq, walk: Walk): unknown {
  const meaning = node.tag === undefined ? undefined : meaningOf(node.tag);
  if (meaning) return convertTagged(node, meaning, walk);
  if (node.tag && !isKnownTag(node.tag)) {
    walk.errors.push(unknownTag(node.tag, placeOfTag(node, walk)));
    return null;
  }
  if (isScalar(node)) return convertScalar(node, walk);
  return isMap(node) ? convertMap(node, walk) : convertList(node, walk);
}

function convertAlias(name: string, place: Place, walk: Walk): unknown {
  const target = walk.anchors.get(name);
  if (target === undefined || target === 'open') {
    const message =
      target === 'open'
        ? `the alias '*${name}' is inside its own anchor`
        : `there is no anchor '&${name}' above this alias`;
    walk.errors.push({ code: 'bad-alias', message, place });
    return null;
  }
  const fitted = walk.size <= EXPANDED_VALUES;
  walk.size += target.size;
  if (walk.size <= EXPANDED_VALUES) return target.value;
  if (fitted) {
    const message = `the aliases of this file expand to more than ${EXPANDED_VALUES} values`;
    walk.errors.push({ code: 'alias-bomb', message, place });
  }
  return null;
}

function convertMap(node: YAMLMap, walk: Walk): unknown {
  const map: Record<string, unknown> = {};
  noteStart(map, placeOfNode(node, walk));
  const merges: Pair[] = [];
  for (const pair of node.items) {
    if (isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN') {
      merges.push(pair);
      continue;
    }
    const key = convertKey(pair.key, walk);
    if (!key) continue;
    const first = Object.hasOwn(map, key.text) ? keyPlaceOf(map, key.text) : undefined;
    if (first) {
      walk.errors.push({
        code: 'duplicate-key',
        message: `'${key.text}' appears a second time; the first is on line ${first.line}`,
        place: key.place,
        hint: 'keep one of the two, or merge what is below them',
      });
    }
    const isMissing = isScalar(pair.value) && pair.value.range?.[0] === pair.value.range?.[1];
    map[key.text] = convert(pair.value, walk);
    if (first) continue;
    const valuePlace = pair.value && !isMissing ? placeOfNode(pair.value, walk) : key.place;
    notePlaces(map, key.text, { key: key.place, value: valuePlace });
  }
  for (const pair of merges) mergeInto(map, pair, walk);
  return map;
}

/** `<<: *defaults` gives what the map does not say itself; of several maps the first wins. */
function mergeInto(map: Record<string, unknown>, { key, value }: Pair, walk: Walk): void {
  const given = convert(value, walk);
  for (const source of Array.isArray(given) ? given : [given]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      const message = "'<<' needs a map or a list of maps, by alias: '<<: *name'";
      walk.errors.push({ code: 'bad-merge', message, place: placeOfNode(key, walk) });
      return;
    }
    for (const [name, part] of Object.entries(source)) {
      if (Object.hasOwn(map, name)) continue;
      map[name] = part;
      carryEntry(source, name, map);
    }
  }
}

function convertKey(
  key: unknown,
  walk: Walk,
): { readonly text: string; readonly place: Place } | undefined {
  const node = isAlias(key) ? undefined : key;
  const place = placeOfNode(key, walk);
  if (!isScalar(node)) {
    walk.errors.push(notAKey(place));
    return undefined;
  }
  const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
  if (text !== '' && text !== '__proto__') return { text, place };
  const message = text === '' ? 'a key is missing before the colon' : `a key cannot be '${text}'`;
  walk.errors.push({ code: 'bad-key', message, place });
  return undefined;
}

function convertList(node: YAMLSeq, walk: Walk): unknown {
  const list: unknown[] = [];
  noteStart(list, placeOfNode(node, walk));
  for (const item of node.items) {
    const value = isPair(item) ? convertPairItem(item, walk) : convert(item, walk);
    const place = placeOfNode(isPair(item) ? item.key : item, walk);
    notePlaces(list, list.length, { key: place, value: place });
    list.push(value);
  }
  return list;
}

function convertPairItem({ key, value }: Pair, walk: Walk): unknown {
  const map: Record<string, unknown> = {};
  const name = convertKey(key, walk);
  if (!name) return map;
  noteStart(map, name.place);
  map[name.text] = convert(value, walk);
  notePlaces(map, name.text, { key: name.place, value: placeOfNode(value ?? key, walk) });
  return map;
}

function isPair(item: unknown): item is Pair {
  return typeof item === 'object' && item !== null && 'key' in item && !isScalar(item);
}

function convertTagged(
  node: Scalar | YAMLMap | YAMLSeq,
  meaning: (tagged: Tagged) => TagMeaning,
  walk: Walk,
): unknown {
  const place = placeOfNode(node, walk);
  const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  const { value, error, file } = meaning({ text, place, tagPlace: placeOfTag(node, walk) });
  if (error) walk.errors.push(error);
  if (file) walk.files.push({ ref: file, place });
  return value;
}

function convertScalar(node: Scalar, walk: Walk): unknown {
  const { value, source = '' } = node;
  const mistake = scalarMistake(value, source, placeOfNode(node, walk));
  if (mistake) walk.errors.push(mistake);
  return value;
}

/** A node begins after its tag. */
function placeOfTag(node: unknown, walk: Walk): Place {
  const place = placeOfNode(node, walk);
  const at = place.text.slice(0, place.column - 1).lastIndexOf('!');
  const tag = /^![^\s,\]}]*/.exec(place.text.slice(at))?.[0];
  return at >= 0 && tag ? { ...place, column: at + 1, length: tag.length } : place;
}

function placeOfNode(node: unknown, walk: Walk): Place {
  const range = hasRange(node) ? node.range : [0, 1];
  const start = range[0] ?? 0;
  return walk.place(start, Math.max(start + 1, range[1] ?? 0));
}

function hasRange(node: unknown): node is { readonly range: readonly number[] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
