import { Refusal, type Span } from './refusal.ts';

/** A word of an expression. `value` is what a text or number stands for. */
export interface Token extends Span {
  readonly kind: 'name' | 'text' | 'integer' | 'float' | 'sign' | 'end';
  readonly text: string;
  readonly value?: string | number;
}

const WORD = /([A-Za-z_\u00aa-\uffff][\w\u00aa-\uffff]*)/;
const TEXT = /("(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*')/;
const FLOAT = /(\d(?:_?\d)*(?:\.\d(?:_?\d)*(?:[eE][+-]?\d(?:_?\d)*)?|[eE][+-]?\d(?:_?\d)*))/;
const INTEGER = /(0[xX][\da-fA-F](?:_?[\da-fA-F])*|0[oO][0-7]+|0[bB][01]+|\d(?:_?\d)*)/;
const SIGN = /(\/\/|\*\*|[=!<>]=|[-+*/%~[\](){}<>.:|,=])/;
const TOKEN = new RegExp(
  `\\s*(?:${[WORD, TEXT, FLOAT, INTEGER, SIGN].map(({ source }) => source).join('|')})`,
  'y',
);

/**
 * How backslashes in texts are read: as in Python, or as themselves.
 *
 * Ansible doubles those inside `{{ }}` of values, so that `'\\1'` means a group there; in conditions
 * and template files it does not (ansible-core 2.14, template/__init__.py, `_escape_backslashes`).
 */
export type Backslashes = 'escape' | 'plain';

/** Cuts `text` from `from` to `to` into words. */
export function tokenize(
  text: string,
  from = 0,
  to = text.length,
  backslashes: Backslashes = 'escape',
): readonly Token[] {
  const part = text.slice(0, to);
  const last = from + part.slice(from).trimEnd().length;
  const tokens: Token[] = [];
  TOKEN.lastIndex = from;
  while (TOKEN.lastIndex < last) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(part);
    if (!match) throw unreadable(part, at);
    const token = tokenOf(match, TOKEN.lastIndex, backslashes);
    const before = tokens.at(-1);
    if (token.kind === 'name' && before?.end === token.start && isNumber(before)) {
      const span = { start: before.start, end: token.end };
      throw refuse(`unexpected '${part.slice(span.start, span.end)}'`, span);
    }
    tokens.push(token);
  }
  tokens.push({ kind: 'end', text: '', start: last, end: last });
  return tokens;
}

function tokenOf(
  [, name, quoted, float, integer, sign = '']: RegExpExecArray,
  end: number,
  backslashes: Backslashes,
): Token {
  const text = name ?? quoted ?? float ?? integer ?? sign;
  const span = { text, start: end - text.length, end };
  if (name !== undefined) return { kind: 'name', ...span };
  if (quoted !== undefined)
    return {
      kind: 'text',
      ...span,
      value: backslashes === 'plain' ? quoted.slice(1, -1) : unquote(quoted),
    };
  if (float !== undefined) {
    return { kind: 'float', ...span, value: Number(float.replaceAll('_', '')) };
  }
  if (integer === undefined) return { kind: 'sign', ...span };
  const value = Number(integer.replaceAll('_', ''));
  if (/^0[\d_]*[1-9]/.test(integer)) {
    const hint = `write ${value}, or '${integer}' for a text`;
    throw refuse(
      `${integer} is no number: a leading zero means octal to some, nothing to others`,
      span,
      hint,
    );
  }
  if (!Number.isSafeInteger(value)) throw refuse(`${integer} is too large a number`, span);
  return { kind: 'integer', ...span, value };
}

function isNumber({ kind }: Token): boolean {
  return kind === 'integer' || kind === 'float';
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

/** Escapes mean what they mean in Python; an unknown one stays as it is. */
function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(
      /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U000([\da-fA-F]{5})|([0-7]{1,3})|([\s\S]))/g,
      (whole, x, u, long, octal, plain) => {
        const hex = x ?? u ?? long;
        if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
        return ESCAPES[plain] ?? whole;
      },
    );
}

function unreadable(text: string, from: number): Refusal {
  const start = from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
  const rest = text.slice(start);
  const span = { start, end: start + 1 };
  if (/^["']/.test(rest)) return refuse('this quote is never closed', span);
  if (rest.startsWith('&&')) return refuse("'&&' is not supported", span, "write 'and'");
  if (rest.startsWith('!')) return refuse("'!' is not supported", span, "write 'not'");
  return refuse(`'${rest[0] ?? ''}' is not supported in an expression`, span);
}

function refuse(message: string, span: Span, hint?: string): Refusal {
  return new Refusal({ code: 'bad-template', message, hint }, { start: span.start, end: span.end });
}
