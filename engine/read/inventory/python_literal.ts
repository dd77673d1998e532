import { pythonString } from './python_string.ts';

/** What a text is to Python's `ast.literal_eval`. */
export type PythonValue =
  | { readonly kind: 'value'; readonly value: unknown; readonly lossy: string | undefined }
  /** Not a literal: Ansible keeps the text. */
  | { readonly kind: 'text' }
  /** A literal for which there is no value here: a set, a complex number, an ellipsis. */
  | { readonly kind: 'foreign'; readonly what: string };

/**
 * Reads a value of an INI inventory as Ansible does, by `ast.literal_eval` (Python 3.11): `5`, `True`,
 * `None`, `'text'`, `[1, 2]`, `{'a': 1}`; anything else is a text.
 *
 * `lossy` is a number that the value does not spell as it was written, such as `1.10`.
 */
export function pythonLiteral(source: string): PythonValue {
  const reading = { source: source.replace(/^[ \t]+/, ''), at: 0, lossy: undefined, depth: 0 };
  try {
    const value = readExpression(reading);
    skipSpace(reading);
    if (reading.at < reading.source.length) return { kind: 'text' };
    return { kind: 'value', value, lossy: reading.lossy };
  } catch (error) {
    if (error instanceof NotLiteral) return { kind: 'text' };
    if (error instanceof Foreign) return { kind: 'foreign', what: error.message };
    throw error;
  }
}

interface Reading {
  readonly source: string;
  at: number;
  lossy: string | undefined;
  depth: number;
}

class NotLiteral extends Error {}
class Foreign extends Error {}

/** Brackets that Python nests at most. */
const DEEPEST = 200;

/** A value, or several with commas and no brackets, which are a tuple. */
function readExpression(reading: Reading): unknown {
  const first = readValue(reading);
  if (!takes(reading, ',')) return first;
  return [first, ...readItems(reading, undefined)];
}

function readValue(reading: Reading): unknown {
  skipSpace(reading);
  const rest = reading.source.slice(reading.at);
  const text = pythonString(rest);
  if (text) {
    reading.at += text.length;
    return text.value;
  }
  const char = rest[0] ?? '';
  if (char === '[') return bracketed(reading, () => readItems(reading, ']'));
  if (char === '(') return bracketed(reading, () => readTuple(reading));
  if (char === '{') return bracketed(reading, () => readMap(reading));
  if (rest.startsWith('...')) throw new Foreign('an ellipsis');
  const word = /^(None|True|False)(?!\w)/.exec(rest)?.[1];
  if (word !== undefined) {
    reading.at += word.length;
    return word === 'None' ? null : word === 'True';
  }
  if (/^set\s*\(\s*\)/.test(rest)) throw new Foreign('a set');
  return readNumber(reading, rest);
}

const DIGITS = '\\d(?:_?\\d)*';
const FLOAT = `(?:${DIGITS}\\.(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?|${DIGITS}[eE][+-]?${DIGITS}`;
const INTEGER =
  '0[xX](?:_?[\\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*(?![\\d_])|[1-9](?:_?\\d)*';
const NUMBER = new RegExp(`^([+-]?)[ \\t]*(${FLOAT}|${INTEGER})([jJ]?)(?![\\w.])`);

function readNumber(reading: Reading, rest: string): number {
  const match = NUMBER.exec(rest);
  if (!match) throw new NotLiteral();
  const [whole, sign = '', digits = '', imaginary] = match;
  reading.at += whole.length;
  const after = reading.source.slice(reading.at);
  if (imaginary || new RegExp(`^\\s*[+-]\\s*(${FLOAT}|${DIGITS})[jJ]`).test(after)) {
    throw new Foreign('a complex number');
  }
  const plain = digits.replaceAll('_', '');
  const size = Number(plain);
  const value = sign === '-' ? -size : size;
  const isSame = /^0x/i.test(plain) ? Number.isSafeInteger(value) : String(value) === whole.trim();
  const isWhole = !/^\d+$/.test(plain) || Number.isSafeInteger(value);
  if (!isSame || !isWhole) reading.lossy ??= whole;
  return value;
}

function bracketed(reading: Reading, read: () => unknown): unknown {
  reading.depth += 1;
  if (reading.depth > DEEPEST) throw new NotLiteral();
  reading.at += 1;
  const value = read();
  reading.depth -= 1;
  return value;
}

/** Items with commas up to a closing bracket, or to the end where there is none. */
function readItems(reading: Reading, closing: string | undefined): readonly unknown[] {
  const items: unknown[] = [];
  while (!ends(reading, closing)) {
    items.push(readValue(reading));
    if (ends(reading, closing)) break;
    if (!takes(reading, ',')) throw new NotLiteral();
  }
  return items;
}

function readTuple(reading: Reading): unknown {
  if (takes(reading, ')')) return [];
  const first = readValue(reading);
  if (takes(reading, ')')) return first;
  if (!takes(reading, ',')) throw new NotLiteral();
  return [first, ...readItems(reading, ')')];
}

function readMap(reading: Reading): unknown {
  const map: Record<string, unknown> = {};
  while (!takes(reading, '}')) {
    const key = readValue(reading);
    if (!takes(reading, ':')) {
      readItemsOfSet(reading);
      throw new Foreign('a set');
    }
    if (typeof key === 'object' && key !== null) throw new NotLiteral();
    const name = key === null ? 'None' : typeof key === 'boolean' ? pythonWord(key) : String(key);
    const value = readValue(reading);
    if (name !== '__proto__') map[name] = value;
    if (takes(reading, '}')) break;
    if (!takes(reading, ',')) throw new NotLiteral();
  }
  return map;
}

function readItemsOfSet(reading: Reading): void {
  if (takes(reading, '}')) return;
  if (!takes(reading, ',')) throw new NotLiteral();
  readItems(reading, '}');
}

function pythonWord(value: boolean): string {
  return value ? 'True' : 'False';
}

function ends(reading: Reading, closing: string | undefined): boolean {
  if (closing !== undefined) return takes(reading, closing);
  skipSpace(reading);
  return reading.at >= reading.source.length;
}

function takes(reading: Reading, char: string): boolean {
  skipSpace(reading);
  if (reading.source[reading.at] !== char) return false;
  reading.at += 1;
  return true;
}

/** Spaces and a comment, which a value may be followed by. */
function skipSpace(reading: Reading): void {
  const rest = reading.source.slice(reading.at);
  const space = /^[ \t\f]*(?:#.*$)?/.exec(rest)?.[0] ?? '';
  reading.at += space.length;
}
