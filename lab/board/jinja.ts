/** A value as a device dictionary may hold it. */
export type JinjaValue =
  | string
  | number
  | boolean
  | readonly JinjaValue[]
  | { readonly [key: string]: JinjaValue };

/**
 * A value as a literal of Jinja's own language.
 *
 * Strings are read as Python reads them (`unicode-escape` in `jinja2/lexer.py`, 3.1), so that one line holds any text.
 */
function jinjaLiteral(value: JinjaValue): string {
  if (typeof value === 'string') return jinjaString(value);
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (isList(value)) return `[${value.map(jinjaLiteral).join(', ')}]`;
  const entries = Object.entries(value);
  const inside = entries.map(([key, part]) => `${jinjaString(key)}: ${jinjaLiteral(part)}`);
  return `{${inside.join(', ')}}`;
}

/** `{% set NAME = VALUE %}`. */
export function jinjaSet(name: string, value: JinjaValue): string {
  return `{% set ${name} = ${jinjaLiteral(value)} %}`;
}

/** Whether Jinja takes a word as the name of a variable of a template's own. */
export function isJinjaName(word: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(word) && !TAKEN.has(word);
}

const TAKEN: ReadonlySet<string> = new Set([
  ...['true', 'false', 'none', 'True', 'False', 'None'],
  ...['and', 'or', 'not', 'in', 'is', 'if', 'else', 'loop', 'self', 'super', 'caller'],
]);

function jinjaString(text: string): string {
  const quote = text.includes('"') && !text.includes("'") ? "'" : '"';
  const inner = text.replace(/[\\"]/g, (each) =>
    each === quote || each === '\\' ? `\\${each}` : each,
  );
  return `${quote}${inner.replace(UNPRINTABLE, escaped)}${quote}`;
}

const UNPRINTABLE = /[^ -~\u00a0-\ud7ff\ue000-\u{10ffff}]/gu;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  const named = { 9: '\\t', 10: '\\n', 13: '\\r' }[code];
  return named ?? `\\u${code.toString(16).padStart(4, '0')}`;
}

function isList(value: JinjaValue): value is readonly JinjaValue[] {
  return Array.isArray(value);
}
