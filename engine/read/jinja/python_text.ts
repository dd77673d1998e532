import { isList } from '../../values/values.ts';
import { Refusal } from './refusal.ts';
import { demand, isCallable, isDict, isFloat, isTuple, numberOf } from './values.ts';

/** A value inside a text, as Python's `str` writes it: True, None, 2.0, ['a', 'b']. */
export function textOf(value: unknown): string {
  const there = demand(value);
  return typeof there === 'string' ? there : written(there, 0);
}

function written(value: unknown, depth: number): string {
  const there = demand(value);
  if (depth > 100) {
    throw new Refusal({
      code: 'bad-template',
      message: 'this value contains itself or is nested too deeply',
    });
  }
  if (typeof there === 'string') return quoted(there);
  if (there === null || there === undefined) return 'None';
  if (typeof there === 'boolean') return there ? 'True' : 'False';
  const number = numberOf(there);
  if (number !== undefined) return isFloat(there) ? floatText(number) : String(number);
  if (isList(there)) {
    const items = there.map((item) => written(item, depth + 1)).join(', ');
    if (!isTuple(there)) return `[${items}]`;
    return there.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (isDict(there)) {
    const entries = Object.keys(there).map(
      (key) => `${quoted(key)}: ${written(there[key], depth + 1)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  const what = isCallable(there) ? `'${there.name}' is a function: call it` : 'this has no text';
  throw new Refusal({ code: 'wrong-type', message: what });
}

/** A float as Python writes it. */
export function floatText(number: number): string {
  const size = Math.abs(number);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    return number.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\p{Cc}]/gu, (sign) => {
    if (sign === '\\') return '\\\\';
    if (sign === '\n') return '\\n';
    if (sign === '\r') return '\\r';
    if (sign === '\t') return '\\t';
    return `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}
