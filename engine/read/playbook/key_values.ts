import type { Schema } from '../../contract/schema.ts';
import { CONTROL_ESCAPES } from '../../values/python_escapes.ts';
import { hasTemplate } from '../expression/language.ts';

/** A word of arguments written as text, with its offset. */
interface Word {
  readonly text: string;
  readonly offset: number;
}

/** One `key=value`. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly offset: number;
  readonly length: number;
}

/** Arguments written as text: those with a name, and the rest. */
export interface KeyValues {
  readonly pairs: readonly KeyValue[];
  /** What is not `key=value`, as it was typed. */
  readonly rest: string;
}

/**
 * Takes `name=x state="a b"` apart as Ansible 2.14 does (lib/ansible/parsing/splitter.py); nothing where a
 * quote or a template is left open.
 *
 * In the text of a command only the names in `own` are arguments: `env A=b` is a command.
 */
export function parseKeyValues(text: string, own?: readonly string[]): KeyValues | undefined {
  const words = splitWords(text);
  if (!words) return undefined;
  const pairs: KeyValue[] = [];
  let rest = '';
  let from = 0;
  for (const { text: word, offset } of words) {
    const equals = word.search(/(?<!\\)=/);
    const key = word.slice(0, Math.max(0, equals)).trim();
    if (key === '' || (own && !own.includes(key))) continue;
    const value = unquote(word.slice(equals + 1));
    pairs.push({ key, value, offset, length: word.length });
    rest += text.slice(from, offset);
    from = offset + word.length + (/^\s*/.exec(text.slice(offset + word.length))?.[0].length ?? 0);
  }
  return { pairs, rest: (rest + text.slice(from)).trim() };
}

/** Splits at blanks outside quotes and templates. */
function splitWords(text: string): readonly Word[] | undefined {
  const pattern =
    /\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[^\s"']/sy;
  const words: Word[] = [];
  let word = '';
  let offset = 0;
  let position = 0;
  while (position < text.length) {
    const blank = /\s+/y;
    blank.lastIndex = position;
    const gap = blank.exec(text)?.[0];
    if (gap !== undefined) {
      if (word !== '') words.push({ text: word, offset });
      word = '';
      position += gap.length;
      continue;
    }
    pattern.lastIndex = position;
    const part = pattern.exec(text)?.[0];
    const isOpen = part === '{' && /^\{[{%]/.test(text.slice(position, position + 2));
    if (part === undefined || isOpen) return undefined;
    if (word === '') offset = position;
    word += part;
    position += part.length;
  }
  if (word !== '') words.push({ text: word, offset });
  return words;
}

function unquote(text: string): string {
  const decoded = text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\\'"abfnrtv=]))/g,
    (_, byte?: string, unit?: string, sign = '') =>
      byte || unit
        ? String.fromCharCode(Number.parseInt(byte ?? unit ?? '', 16))
        : (CONTROL_ESCAPES[sign] ?? sign),
  );
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? decoded.slice(1, -1) : decoded;
}

/** A text as the schema's type, as Ansible's modules convert what stands in `key=value`. */
export function typedValue(text: string, schema: Schema | undefined): unknown {
  if (!schema || hasTemplate(text)) return text;
  const branches = 'anyOf' in schema ? schema.anyOf : [schema];
  const types = branches.map((branch) => ('type' in branch ? branch.type : undefined));
  const list = branches.find((branch) => 'items' in branch);
  if (list && 'items' in list && (text.includes(',') || !types.includes('string'))) {
    return text.split(',').map((part) => typedValue(part.trim(), list.items));
  }
  if (types.includes('string') || types.includes(undefined)) return text;
  if (types.includes('boolean')) {
    if (/^(yes|on|true|y|t|1)$/i.test(text)) return true;
    if (/^(no|off|false|n|f|0)$/i.test(text)) return false;
  }
  const isNumber = types.includes('integer') || types.includes('number');
  return isNumber && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
