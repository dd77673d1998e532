import { isList } from '../../values/values.ts';
import { floatText } from './python_text.ts';
import { badTemplate } from './refusal.ts';
import { demand, isDict, isFloat, numberOf } from './values.ts';

/** How JSON is written. */
export interface JsonStyle {
  /** Spaces a level; 0: all on one line. */
  readonly indent: number;
  readonly sorts: boolean;
  readonly isAscii: boolean;
}

/** A value as JSON, byte for byte as Python's `json.dumps` writes it. */
export function jsonText(value: unknown, style: JsonStyle, depth = 0): string {
  const there = demand(value);
  if (depth > 100) throw badTemplate('this value contains itself or is nested too deeply');
  if (there === null || there === undefined) return 'null';
  if (typeof there === 'boolean') return String(there);
  const number = numberOf(there);
  if (number !== undefined) return isFloat(there) ? floatText(number) : String(number);
  if (isList(there)) {
    return enclosed(
      '[',
      there.map((item) => jsonText(item, style, depth + 1)),
      ']',
      style,
      depth,
    );
  }
  if (isDict(there)) {
    const keys = style.sorts ? Object.keys(there).sort() : Object.keys(there);
    const entries = keys.map(
      (key) => `${quoted(key, style)}: ${jsonText(there[key], style, depth + 1)}`,
    );
    return enclosed('{', entries, '}', style, depth);
  }
  if (typeof there === 'string') return quoted(there, style);
  throw badTemplate('this value cannot be written as JSON');
}

function enclosed(
  open: string,
  parts: readonly string[],
  close: string,
  { indent }: JsonStyle,
  depth: number,
): string {
  if (parts.length === 0) return open + close;
  if (indent === 0) return open + parts.join(', ') + close;
  const [outer, inner] = [' '.repeat(indent * depth), ' '.repeat(indent * (depth + 1))];
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${outer}${close}`;
}

function quoted(text: string, { isAscii }: JsonStyle): string {
  const json = JSON.stringify(text);
  if (!isAscii) return json;
  return json.replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
