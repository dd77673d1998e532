import { CONTROL_ESCAPES } from '../../values/python_escapes.ts';

/** A string literal read, and how many characters it takes. */
export interface PythonString {
  readonly value: string;
  readonly length: number;
}

const STRING =
  /^([uU]|[bB]|[rR]|[bB][rR]|[rR][bB])?(?:'''((?:\\[\s\S]|[\s\S])*?)'''|"""((?:\\[\s\S]|[\s\S])*?)"""|'((?:\\[\s\S]|[^'\\])*)'|"((?:\\[\s\S]|[^"\\])*)")/;

/**
 * The string literals of Python with which a text begins, those that follow each other joined; nothing where
 * it begins with none. Bytes count as text, as Ansible takes them.
 */
export function pythonString(source: string): PythonString | undefined {
  let value = '';
  let length = 0;
  let kind: 'text' | 'bytes' | undefined;
  for (;;) {
    const space = kind ? (/^[ \t]*/.exec(source.slice(length))?.[0].length ?? 0) : 0;
    const match = STRING.exec(source.slice(length + space));
    if (!match) return kind && { value, length };
    const [whole, prefix = '', ...bodies] = match;
    const own = /b/i.test(prefix) ? 'bytes' : 'text';
    if (kind && kind !== own) return undefined;
    const body = bodies.find((each) => each !== undefined) ?? '';
    const part = /r/i.test(prefix) ? body : unescaped(body, own);
    if (part === undefined) return undefined;
    kind = own;
    value += part;
    length += space + whole.length;
  }
}

const SIMPLE: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  ...CONTROL_ESCAPES,
};

const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g;

/** The text with its escapes read; nothing for one that Python refuses, or that names a character. */
function unescaped(body: string, kind: 'text' | 'bytes'): string | undefined {
  let isBroken = false;
  const text = body.replace(ESCAPE, (whole, octal, hex, short, long, plain) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (plain !== undefined) {
      if (Object.hasOwn(SIMPLE, plain)) return SIMPLE[plain] ?? '';
      if (kind === 'bytes' || !/[xuUN]/.test(plain)) return whole;
    } else if (kind === 'bytes') return whole;
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    isBroken = true;
    return '';
  });
  return isBroken ? undefined : text;
}
