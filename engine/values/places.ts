/** Where in a file something stands: 1-based line and column, and the line itself for the caret. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret underlines; at least 1. */
  readonly length: number;
  readonly text: string;
}

/** Where a key and its value stand; a list's entries have the place of the value twice. */
export interface EntryPlaces {
  readonly key: Place;
  readonly value: Place;
}

/** Where a map or list and its entries come from; copies of a value share it until one of them is changed. */
interface Origin {
  start: Place | undefined;
  readonly entries: Map<string, EntryPlaces>;
  isShared: boolean;
}

/*
 * Values read from files stay plain objects and arrays; where they came from is kept beside them.
 */
const origins = new WeakMap<object, Origin>();
const sourceLines = new WeakMap<Place, readonly string[]>();

/** Where the value of a key, or of a list's index, stands. */
export function placeOf(container: unknown, key: string | number): Place | undefined {
  return entryPlaces(container, key)?.value;
}

/** Where the key itself stands. */
export function keyPlaceOf(container: unknown, key: string | number): Place | undefined {
  return entryPlaces(container, key)?.key;
}

/** Where a map or list begins. */
export function startOf(container: unknown): Place | undefined {
  return isObject(container) ? origins.get(container)?.start : undefined;
}

/** Notes where an entry came from. */
export function notePlaces(container: object, key: string | number, places: EntryPlaces): void {
  ownOrigin(container).entries.set(String(key), places);
}

/** Notes where a map or list begins. */
export function noteStart(container: object, place: Place): void {
  ownOrigin(container).start = place;
}

/** A copy of a map or list is where the original was. */
export function carryPlaces(from: object, to: object): void {
  const origin = origins.get(from);
  if (!origin) return;
  origin.isShared = true;
  origins.set(to, origin);
}

/** What may be written to without a copy of the container being told of it. */
function ownOrigin(container: object): Origin {
  const known = origins.get(container);
  if (known && !known.isShared) return known;
  const own = { start: known?.start, entries: new Map(known?.entries), isShared: false };
  origins.set(container, own);
  return own;
}

/** An entry that moved into another container is still where it was. */
export function carryEntry(
  from: object,
  fromKey: string | number,
  to: object,
  toKey: string | number = fromKey,
): void {
  const places = entryPlaces(from, fromKey);
  if (places) notePlaces(to, toKey, places);
}

/** Keeps the whole file at hand for a place, so that one inside a text of several lines can be found. */
export function noteSource(place: Place, lines: readonly string[]): void {
  sourceLines.set(place, lines);
}

/** The text that stands at a place, as it was typed. */
export function typedText(place: Place): string {
  return place.text.slice(place.column - 1, place.column - 1 + place.length);
}

/** The place of a part of a text value; the place of the whole value where the part cannot be found. */
export function placeWithin(
  place: Place,
  value: string,
  part: { readonly offset: number; readonly length: number },
): Place {
  const before = value.slice(0, part.offset).split('\n');
  const line = value.split('\n')[before.length - 1] ?? '';
  const column = before.at(-1)?.length ?? 0;
  const found = findLine(place, line, before.length - 1);
  if (!found) return place;
  return {
    file: place.file,
    line: found.line,
    column: found.column + column,
    length: Math.max(1, Math.min(part.length, line.length - column)),
    text: found.text,
  };
}

/** The keys of a map as they stand in the file: JavaScript puts keys like '1234' before all others. */
export function keysInOrder(map: Readonly<Record<string, unknown>>): readonly string[] {
  const keys = Object.keys(map);
  if (!keys.some((key) => /^\d+$/.test(key))) return keys;
  return keys.sort((a, b) => {
    const [first, second] = [keyPlaceOf(map, a), keyPlaceOf(map, b)];
    if (!first || !second) return 0;
    return first.line - second.line || first.column - second.column;
  });
}

function findLine(
  place: Place,
  wanted: string,
  skip: number,
): { readonly line: number; readonly column: number; readonly text: string } | undefined {
  const here = place.text.indexOf(wanted, place.column - 1);
  if (skip === 0 && here >= 0) return { line: place.line, column: here + 1, text: place.text };
  const isBlock = /^[|>]/.test(place.text.slice(place.column - 1));
  const text = sourceLines.get(place)?.[place.line + skip];
  const column = text?.indexOf(wanted) ?? -1;
  if (!isBlock || text === undefined || column < 0) return undefined;
  return { line: place.line + skip + 1, column: column + 1, text };
}

function entryPlaces(container: unknown, key: string | number): EntryPlaces | undefined {
  return isObject(container) ? origins.get(container)?.entries.get(String(key)) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
